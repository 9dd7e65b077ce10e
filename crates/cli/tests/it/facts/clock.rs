//! Rows about time: when the signature was made, by whose clock, and what still vouches for it.

use serde_json::Value;

use super::case::Case;
use super::row::{Open, Row, fail, row};
use super::world::SIGNATURE;

pub(super) fn rows() -> Vec<Row> {
    let refused = |code, found| -> Open { fail("signatures", code, "signature by release", found) };
    vec![
        row(
            "it was signed two days ago, and logged with a time",
            |case| {
                signature(case, |case| case.world.moved.past[0].clone());
            },
        ),
        row("it was signed two days ago, and timestamped", |case| {
            signature(case, |case| case.world.moved.past[1].clone());
        }),
        row("it will be signed in an hour", |case| {
            signature(case, |case| case.world.moved.future.clone());
        })
        .denied([refused(
            "evidence.refused.time-in-future",
            "expected `not after ",
        )]),
        row("the timestamp is an hour after the certificate", |case| {
            signature(case, |case| case.world.moved.stamped[0].clone());
        })
        .denied([refused(
            "evidence.refused.certificate-not-valid-at-time",
            "a signature that does not verify",
        )]),
        row("the timestamp is an hour before the certificate", |case| {
            signature(case, |case| case.world.moved.stamped[1].clone());
        })
        .denied([refused(
            "evidence.refused.certificate-not-valid-at-time",
            "a signature that does not verify",
        )]),
        row("the timestamp is another signature's", |case| {
            signature(case, |case| {
                let stamps = "/verificationMaterial/timestampVerificationData";
                let mut document: Value = json(&case.world.bundle(SIGNATURE));
                let other: Value = json(&case.world.moved.past[1]);
                *document.pointer_mut(stamps).expect("timestamps") =
                    other.pointer(stamps).expect("timestamps").clone();
                document.to_string().into_bytes()
            });
        })
        .denied([refused(
            "evidence.refused.timestamp-invalid",
            "a signature that does not verify",
        )]),
        row("nothing vouches for the time", |case| {
            signature(case, |case| {
                let mut document: Value = json(&case.world.bundle(SIGNATURE));
                let material = document["verificationMaterial"]
                    .as_object_mut()
                    .expect("an object");
                material
                    .remove("timestampVerificationData")
                    .expect("timestamps");
                document.to_string().into_bytes()
            });
        })
        .denied([refused(
            "evidence.refused.time-missing",
            "a signature that does not verify",
        )]),
        row(
            "it was logged two days ago, and the timestamp is gone",
            |case| {
                signature(case, |case| {
                    let mut document: Value = json(&case.world.moved.past[0]);
                    let material = document["verificationMaterial"]
                        .as_object_mut()
                        .expect("an object");
                    material
                        .remove("timestampVerificationData")
                        .expect("timestamps");
                    document.to_string().into_bytes()
                });
            },
        ),
        row("the log's time is a day later than it said", |case| {
            signature(case, |case| {
                let mut document: Value = json(&case.world.moved.past[0]);
                let time = document
                    .pointer_mut("/verificationMaterial/tlogEntries/0/integratedTime")
                    .expect("a time");
                let seconds: i64 = time
                    .as_str()
                    .and_then(|text| text.parse().ok())
                    .expect("a number");
                *time = (seconds + 86_400).to_string().into();
                document.to_string().into_bytes()
            });
        })
        .denied([refused(
            "evidence.refused.log-promise-invalid",
            "a signature that does not verify",
        )]),
    ]
}

fn signature(case: &mut Case<'_>, bundle: fn(&Case<'_>) -> Vec<u8>) {
    let bundle = bundle(case);
    case.without(SIGNATURE);
    case.beside(SIGNATURE, bundle);
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}
