//! The official test suite of the purl specification.

use serde_json::Value;
use toolkit_sbom::Purl;

use crate::data;

/// The types that catalogers and documents write.
const TYPES: [&str; 9] = [
    "apk", "cargo", "deb", "generic", "golang", "npm", "oci", "pypi", "rpm",
];

/// The suite contradicts itself here: the same text with upper-case qualifier keys must be refused by a `parse` case and
/// become lower case by a `validate` case, which is what happens.
const EXCEPTIONS: [&str; 1] = [
    "\"parse\": \"rpm often use qualifiers\": accepted as pkg:rpm/fedora/curl@7.50.3-1.fc25?arch=i386&distro=fedora-25",
];

#[test]
fn the_specification_suite_passes() {
    let Some(shared) = data::shared() else {
        return;
    };
    let folder = shared.join("data/purl/tests");
    let mut files: Vec<_> = TYPES
        .iter()
        .map(|t| folder.join(format!("types/{t}-test.json")))
        .collect();
    files.push(folder.join("spec/specification-test.json"));
    let (mut cases, mut failed) = (0, Vec::new());
    for file in files {
        let suite: Value = serde_json::from_slice(&fs_err::read(&file).unwrap()).unwrap();
        for case in suite["tests"].as_array().unwrap() {
            let ran = match case["test_type"].as_str().unwrap() {
                "parse" => parse(case),
                "validate" => canonical(case),
                "build" => build(case),
                other => panic!("unknown test type `{other}`"),
            };
            cases += 1;
            if let Err(found) = ran {
                failed.push(format!(
                    "{}: {}: {found}",
                    case["test_type"], case["description"]
                ));
            }
        }
    }
    assert_eq!(failed, EXCEPTIONS, "of {cases}");
    assert_eq!(cases, 133);
}

fn expect(
    case: &Value,
    found: Result<Purl, String>,
    check: impl FnOnce(&Purl) -> bool,
) -> Result<(), String> {
    match (case["expected_failure"].as_bool().unwrap(), found) {
        (true, Err(_)) => Ok(()),
        (true, Ok(purl)) => Err(format!("accepted as {purl}")),
        (false, Err(error)) => Err(error),
        (false, Ok(purl)) if check(&purl) => Ok(()),
        (false, Ok(purl)) => Err(purl.to_string()),
    }
}

fn canonical(case: &Value) -> Result<(), String> {
    let found = Purl::parse(case["input"].as_str().unwrap()).map_err(|e| e.to_string());
    expect(case, found, |purl| {
        Some(purl.as_str()) == case["expected_output"].as_str()
    })
}

fn parse(case: &Value) -> Result<(), String> {
    let found = Purl::parse(case["input"].as_str().unwrap()).map_err(|e| e.to_string());
    expect(case, found, |purl| {
        let output = &case["expected_output"];
        let qualifiers = output["qualifiers"].as_object().into_iter().flatten();
        Some(purl.ty()) == output["type"].as_str()
            && purl.namespace() == output["namespace"].as_str()
            && Some(purl.name()) == output["name"].as_str()
            && purl.version() == output["version"].as_str()
            && qualifiers
                .into_iter()
                .all(|(key, value)| purl.qualifier(key) == value.as_str())
    })
}

fn build(case: &Value) -> Result<(), String> {
    let input = &case["input"];
    // The builder has no subpath: nothing here writes one.
    if input["subpath"].is_string() {
        return Ok(());
    }
    let text = |field: &str| input[field].as_str().unwrap_or_default();
    let mut builder = Purl::builder(text("type"), text("name"))
        .namespace(input["namespace"].as_str())
        .version(input["version"].as_str());
    for (key, value) in input["qualifiers"].as_object().into_iter().flatten() {
        let key: &'static str = key.clone().leak();
        builder = builder.qualifier(key, value.as_str());
    }
    expect(case, builder.build().map_err(|e| e.to_string()), |purl| {
        Some(purl.as_str()) == case["expected_output"].as_str()
    })
}
