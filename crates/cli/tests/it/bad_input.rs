//! The contract's table of bad input, each case once: the code, and a message with what was expected and what was found.
//!
//! | module | what is bad | codes |
//! |---|---|---|
//! | `commands` | arguments, predicates, targets that cannot be | 2 |
//! | `inputs` | files that are read without being named, and files that are no files | 2, 3 |
//! | `policies` | policy files | 2 |
//! | `registries` | places that do not answer | 3, 11 |
//! | `images` | bytes that are not their digest's, hostile images | 6, 17 |
//! | `outputs` | what cannot be written | 2, 7 |
//! | `evidence` | bundles, keys, trust roots, clocks | 15 to 18 |

mod commands;
mod evidence;
mod images;
mod inputs;
mod outputs;
mod policies;
mod registries;

pub(crate) use evidence::{P256, P256_PUBLIC};

use crate::binary::Run;

/// Fails with everything that a run said, unless it ended with this code and stdout or stderr says all of this.
#[track_caller]
fn says(name: &str, run: &Run, code: i32, texts: &[&str]) {
    assert_eq!(
        run.code, code,
        "{name}\nstdout:\n{}\nstderr:\n{}",
        run.stdout, run.stderr
    );
    for text in texts {
        assert!(
            run.stderr.contains(text) || run.stdout.contains(text),
            "{name}: `{text}` is not said\nstdout:\n{}\nstderr:\n{}",
            run.stdout,
            run.stderr
        );
    }
}
