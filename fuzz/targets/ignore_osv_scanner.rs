//! `osv-scanner.toml`: a faulty one says at least one fault, and each can be shown with its place.
#![no_main]

use jiff::civil::Date;
use libfuzzer_sys::fuzz_target;
use toolkit_vulndb::ignore::{Dialect, read};

fuzz_target!(|text: &str| match read("x", text, Dialect::OsvScanner, Date::constant(2026, 11, 24)) {
    Ok(file) => file.entries.iter().for_each(|entry| drop(entry.to_string())),
    Err(faults) => {
        assert!(!faults.is_empty());
        faults.iter().for_each(|fault| drop(format!("{fault} {}", fault.position())));
    }
});
