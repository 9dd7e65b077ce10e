//! in-toto statements, and SLSA provenance in them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use toolkit_attest::predicate::slsa::{Provenance, observed};
use toolkit_attest::{Limits, Statement};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(statement) = Statement::from_bytes(bytes.to_vec(), &Limits::default()) {
        assert_eq!(statement.payload(), bytes);
        let _ = observed(&statement);
        let _ = Provenance::read(&statement).map(|provenance| provenance.marks(None));
    }
});
