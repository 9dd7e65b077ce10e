//! Starts a lab, writes what a client needs into a directory and waits for the end of standard input.
//!
//! `serve DIR` leaves there: `trusted_root.json`, `signing_config_v{1,2}.json`, `trust_config_v{1,2}.json`, `env.sh`, `image` (a tagged
//! image in the registry) and fresh tokens in `email.token` and `github.token`.

use std::{io::Read as _, path::PathBuf, process::ExitCode};

use fs_err as fs;
use toolkit_lab::{
    GithubClaims, Lab, NOTICE, Options, RegistryKind, RekorVersion,
    image::{Compression, Image, Layer},
};

#[expect(
    clippy::print_stderr,
    reason = "an example speaks to whoever started it"
)]
fn main() -> ExitCode {
    let Some(directory) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("usage: serve DIR");
        return ExitCode::from(2);
    };
    match serve(&directory) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "an example speaks to whoever started it"
)]
fn serve(directory: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
    let lab = Lab::start(Options::default())?;
    eprintln!("{NOTICE}");
    fs::create_dir_all(directory)?;
    let layer = Layer::new(Compression::Gzip)
        .directory("etc")
        .file("etc/hello", "hello\n");
    let image = Image::new("linux", "amd64")
        .user("1000")
        .layer(layer)
        .build()?;
    let digest = lab.push(
        RegistryKind::WithReferrers,
        "acme/widget",
        Some("1.0"),
        &image,
    );
    lab.push(
        RegistryKind::WithoutReferrers,
        "acme/widget",
        Some("1.0"),
        &image,
    );
    let write = |name: &str, text: String| fs::write(directory.join(name), text);
    write("trusted_root.json", lab.trusted_root_json())?;
    for (number, version) in [(1, RekorVersion::V1), (2, RekorVersion::V2)] {
        write(
            &format!("signing_config_v{number}.json"),
            lab.signing_config_json(version),
        )?;
        write(
            &format!("trust_config_v{number}.json"),
            lab.client_trust_config_json(version),
        )?;
    }
    write(
        "image",
        format!("{}/acme/widget@{digest}\n", lab.registry()),
    )?;
    write(
        "image_without_referrers",
        format!(
            "{}/acme/widget@{digest}\n",
            lab.registry_without_referrers()
        ),
    )?;
    write("email.token", lab.email_token("dev@example.com"))?;
    write(
        "github.token",
        lab.github_token(GithubClaims::new("acme/widget")),
    )?;
    let variables = [
        ("REGISTRY", lab.registry()),
        (
            "REGISTRY_WITHOUT_REFERRERS",
            lab.registry_without_referrers(),
        ),
        ("OIDC_ISSUER", lab.issuer()),
        ("GITHUB_ISSUER", lab.github_issuer()),
        ("FULCIO", lab.fulcio_url()),
        ("REKOR_V1", lab.rekor_url(RekorVersion::V1)),
        ("REKOR_V2", lab.rekor_url(RekorVersion::V2)),
        ("TIMESTAMP", lab.timestamp_url()),
        ("ACTIONS_ID_TOKEN_REQUEST_URL", lab.actions_request_url()),
        (
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
            lab.actions_request_token(),
        ),
    ];
    let lines: String = variables
        .iter()
        .map(|(name, value)| format!("export {name}='{value}'\n"))
        .collect();
    // Written last: whoever waits for it finds everything else.
    write("env.sh", lines)?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    for request in lab.requests() {
        eprintln!("{request:?}");
    }
    Ok(())
}
