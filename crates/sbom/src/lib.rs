//! Software bills of materials from the files of an image.
