//! The policy file, and the verdict it gives on evidence.
