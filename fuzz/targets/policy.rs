//! Policy files: a faulty one says at least one fault, and each can be shown.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use toolkit_policy::check;

fuzz_target!(|text: &str| {
    if let Err(faults) = check("policy.yaml", text, Timestamp::UNIX_EPOCH) {
        assert!(!faults.is_empty());
        for fault in faults {
            let _ = fault.to_string();
        }
    }
});
