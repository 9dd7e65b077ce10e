//! The formats in which advisories are published, one file each. Each reader turns bytes into [`Advisory`](crate::advisory::Advisory) values and
//! does nothing else: no files, no network, no merging.

pub mod osv;
