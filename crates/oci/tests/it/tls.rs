//! TLS, named authorities and proxies. The registries have names that resolve nowhere: the proxy knows them.

use std::io::{self, Read, Write};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use toolkit_oci::registry::{
    CertificateFault, Client, Error as RegistryError, Options, Proxy as ProxyOptions,
    RemoteRepository, TargetFault,
};
use toolkit_oci::{Descriptor, Error, ErrorClass, RawManifest, Reference, Verifying};

use crate::fault_registry::{FaultRegistry, INDEX, Reply, index, options, sha256};
use crate::tls_fixture::{Authority, Proxy};

const NAME: &str = "registry.test";
const CONNECT: &str = "CONNECT registry.test:443 HTTP/1.1";

fn through(proxy: &Proxy, authority: &Authority) -> (Options, tempfile::NamedTempFile) {
    let file = authority.file();
    let address = Some(format!("http://{}", proxy.address));
    let options = Options {
        ca_files: vec![file.path().to_owned()],
        proxy: Some(ProxyOptions {
            http: address.clone(),
            https: address,
            no_proxy: None,
        }),
        ..options()
    };
    (options, file)
}

fn repository(options: Options) -> RemoteRepository {
    let reference = Reference::parse(&format!("{NAME}/r")).unwrap();
    Client::new(options).repository(&reference).unwrap()
}

fn registry_error<T: std::fmt::Debug>(result: Result<T, Error>) -> RegistryError {
    match result {
        Err(Error::Registry(error)) => *error,
        other => panic!("{other:?}"),
    }
}

fn get(options: Options) -> Result<Option<RawManifest>, Error> {
    repository(options).manifest_by_tag("t")
}

fn put(repository: &RemoteRepository, bytes: &'static [u8]) -> Result<Descriptor, Error> {
    let descriptor = Descriptor::of("application/octet-stream", bytes);
    let open = || -> io::Result<Box<dyn Read + Send>> { Ok(Box::new(bytes)) };
    repository.put_blob(&descriptor, &open)?;
    Ok(descriptor)
}

fn read(repository: &RemoteRepository, descriptor: &Descriptor) -> Result<Vec<u8>, Error> {
    let reader = repository.open_blob(descriptor)?;
    let mut bytes = Vec::new();
    Verifying::new(reader, descriptor.digest.clone(), descriptor.size).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[test]
fn pushes_and_pulls_with_a_named_authority() {
    let authority = Authority::new("test");
    let registry = authority.registry(NAME, |_, _| None);
    let proxy = Proxy::start(&[("registry.test:443", &registry)]);
    let (options, _file) = through(&proxy, &authority);
    let repository = repository(options);

    let blob = put(&repository, b"content").unwrap();
    let manifest = index(&[]);
    let digest = repository
        .put_manifest(&manifest, INDEX, Some("t"))
        .unwrap();
    let found = repository.manifest_by_tag("t").unwrap().unwrap();
    assert_eq!((found.descriptor.digest, found.bytes), (digest, manifest));
    assert_eq!(read(&repository, &blob).unwrap(), b"content");
    assert_eq!(registry.store.lock().unwrap().blobs.len(), 1);
    assert_eq!(proxy.lines(), [CONNECT]);
    assert!(
        registry
            .log()
            .iter()
            .all(|seen| seen.header("host") == Some(NAME)),
        "the name is the registry's, not the proxy's"
    );
}

#[test]
fn an_unknown_authority_is_refused_at_once() {
    let authority = Authority::new("test");
    let registry = authority.registry(NAME, |_, _| None);
    let proxy = Proxy::start(&[("registry.test:443", &registry)]);
    let (known, _file) = through(&proxy, &authority);
    let (other, _other_file) = through(&proxy, &Authority::new("other"));
    for (what, options) in [
        (
            "no authority",
            Options {
                ca_files: Vec::new(),
                ..known
            },
        ),
        ("another authority", other),
    ] {
        let before = proxy.log().len();
        let error = registry_error(get(options));
        assert!(
            matches!(&error, RegistryError::Certificate { url, fault: CertificateFault::UnknownIssuer }
                if url == "https://registry.test/v2/r/manifests/t"),
            "{what}: {error:?}"
        );
        assert_eq!(error.class(), ErrorClass::Unreachable);
        assert_eq!(
            error.to_string(),
            "the certificate of `https://registry.test/v2/r/manifests/t` is refused: it leads to no trusted certificate authority"
        );
        assert_eq!(proxy.log().len(), before + 1, "{what}: asked again");
    }
    assert!(registry.log().is_empty());
}

#[test]
fn an_upload_is_not_tried_with_a_refused_certificate() {
    // Two authorities of one name: the signature tells them apart.
    let authority = Authority::new("test");
    let registry = authority.registry(NAME, |_, _| None);
    let proxy = Proxy::start(&[("registry.test:443", &registry)]);
    let (options, _file) = through(&proxy, &Authority::new("test"));
    let error = registry_error(put(&repository(options), b"content"));
    let forged = CertificateFault::BadSignature;
    assert!(
        matches!(&error, RegistryError::Certificate { fault, .. } if *fault == forged),
        "{error:?}"
    );
    assert_eq!(proxy.log().len(), 1);
}

#[test]
fn a_certificate_must_be_for_the_name_and_the_time() {
    let authority = Authority::new("test");
    let other_name = CertificateFault::OtherName {
        expected: NAME.to_owned(),
        found: vec!["other.test".to_owned()],
    };
    for (registry, expected) in [
        (authority.registry("other.test", |_, _| None), other_name),
        (authority.expired(NAME), CertificateFault::Expired),
    ] {
        let proxy = Proxy::start(&[("registry.test:443", &registry)]);
        let (options, _file) = through(&proxy, &authority);
        match registry_error(get(options)) {
            RegistryError::Certificate { fault, .. } => assert_eq!(fault, expected),
            other => panic!("{other:?}"),
        }
        assert!(registry.log().is_empty());
    }
}

#[test]
fn authority_files_are_read_or_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.pem");
    let empty = folder.path().join("empty.pem");
    fs_err::write(&empty, "no certificate here\n").unwrap();
    let broken = folder.path().join("broken.pem");
    fs_err::write(
        &broken,
        "-----BEGIN CERTIFICATE-----\n%%%\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    let foreign = folder.path().join("foreign.pem");
    fs_err::write(
        &foreign,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    for file in [missing, empty, broken, foreign] {
        let error = registry_error(get(Options {
            ca_files: vec![file.clone()],
            ..options()
        }));
        assert!(
            matches!(&error, RegistryError::Certificates { path, .. } if *path == file),
            "{}: {error:?}",
            file.display()
        );
        assert_eq!(error.class(), ErrorClass::Local);
    }
}

#[test]
fn several_authorities_in_one_file_all_count() {
    let (first, second) = (Authority::new("first"), Authority::new("second"));
    let mut both = first.file();
    both.write_all(&fs_err::read(second.file().path()).unwrap())
        .unwrap();
    for authority in [&first, &second] {
        let registry = authority.registry(NAME, |_, _| None);
        let proxy = Proxy::start(&[("registry.test:443", &registry)]);
        let (options, _file) = through(&proxy, authority);
        let options = Options {
            ca_files: vec![both.path().to_owned()],
            ..options
        };
        assert!(get(options).unwrap().is_none());
    }
}

#[test]
fn nothing_leads_from_tls_to_plain_http() {
    let authority = Authority::new("test");
    let plain = FaultRegistry::working();
    for target in [
        "http://storage.test/blob",
        "http://registry.test/v2/r/blobs/x",
    ] {
        let registry = authority.registry(NAME, move |_, _| {
            Some(Reply::new(307).header("location", target))
        });
        let proxy = Proxy::start(&[
            ("registry.test:443", &registry),
            ("storage.test", &plain),
            ("registry.test", &plain),
        ]);
        let (options, _file) = through(&proxy, &authority);
        let repository = repository(options);
        let blob = Descriptor::of("application/octet-stream", b"content");
        let errors = [
            registry_error(repository.manifest_by_tag("t")),
            registry_error(repository.open_blob(&blob).map(drop)),
        ];
        for error in errors {
            assert!(
                matches!(&error, RegistryError::Target { fault: TargetFault::Downgrade, target: refused, .. } if refused == target),
                "{error:?}"
            );
            assert_eq!(error.class(), ErrorClass::Hostile);
        }
        assert_eq!(proxy.lines(), [CONNECT]);
    }
    assert!(plain.log().is_empty());
}

#[test]
fn plain_http_is_only_for_a_registry_that_was_named_insecure() {
    let authority = Authority::new("test");
    let plain = FaultRegistry::working();
    plain
        .store
        .lock()
        .unwrap()
        .add_manifest(Some("t"), INDEX, &index(&[]));
    let proxy = Proxy::start(&[("registry.test:443", &plain), ("registry.test", &plain)]);
    let (options, _file) = through(&proxy, &authority);
    for insecure in [
        &[][..],
        &["other.test".to_owned()],
        &["registry.test:443".to_owned()],
    ] {
        let error = registry_error(get(Options {
            insecure_registries: insecure.to_vec(),
            ..options.clone()
        }));
        assert!(
            matches!(error, RegistryError::Transport { .. }),
            "{error:?}"
        );
    }
    assert_eq!(proxy.lines(), [CONNECT]);
    assert!(plain.log().is_empty());

    let insecure = Options {
        insecure_registries: vec![NAME.to_owned()],
        ..options
    };
    assert!(get(insecure).unwrap().is_some());
    assert_eq!(
        proxy.lines(),
        [
            CONNECT,
            "GET http://registry.test/v2/r/manifests/t HTTP/1.1"
        ]
    );
}

#[test]
fn credentials_go_to_the_registry_and_to_nobody_else() {
    let authority = Authority::new("test");
    let content: &[u8] = b"content";
    let basic = format!("Basic {}", STANDARD.encode("u:p"));
    let storage = authority.registry("storage.test", move |seen, _| {
        Some(match seen.method.as_str() {
            "GET" => Reply::new(200).body("application/octet-stream", content),
            _ => Reply::new(201),
        })
    });
    let expected = basic.clone();
    let registry = authority.registry(NAME, move |seen, _| {
        if seen.header("authorization") != Some(&expected) {
            return Some(Reply::new(401).header("www-authenticate", r#"Basic realm="r""#));
        }
        match seen.method.as_str() {
            "GET" => Some(Reply::new(307).header("location", "https://storage.test/down?sig=1")),
            "HEAD" => Some(Reply::new(404)),
            _ => Some(Reply::new(202).header("location", "https://storage.test/up?state=1")),
        }
    });
    let proxy = Proxy::start(&[
        ("registry.test:443", &registry),
        ("storage.test:443", &storage),
    ]);
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    let auth = STANDARD.encode("u:p");
    fs_err::write(
        &config,
        format!(r#"{{"auths":{{"{NAME}":{{"auth":"{auth}"}}}}}}"#),
    )
    .unwrap();
    let (options, _file) = through(&proxy, &authority);
    let repository = repository(Options {
        credential_files: vec![config],
        ..options
    });

    let blob = put(&repository, content).unwrap();
    assert_eq!(read(&repository, &blob).unwrap(), content);

    let seen = storage.log();
    assert_eq!(
        seen.iter()
            .map(|seen| seen.method.as_str())
            .collect::<Vec<_>>(),
        ["PUT", "GET"]
    );
    assert_eq!(seen[0].query("digest"), Some(sha256(content)));
    for header in ["authorization", "proxy-authorization", "cookie"] {
        assert!(
            seen.iter().all(|seen| seen.header(header).is_none()),
            "{header}"
        );
    }
    assert!(
        registry
            .log()
            .iter()
            .any(|seen| seen.header("authorization") == Some(&basic))
    );
    for asked in proxy.log() {
        assert!(!asked.headers.contains_key("authorization"), "{asked:?}");
        assert!(
            !asked.headers.contains_key("proxy-authorization"),
            "{asked:?}"
        );
    }
    assert_eq!(
        proxy.lines(),
        [CONNECT, "CONNECT storage.test:443 HTTP/1.1"]
    );
}

#[test]
fn a_token_server_over_tls_gets_the_credentials_and_the_registry_the_token() {
    let authority = Authority::new("test");
    let tokens = authority.registry("auth.test", |_, _| {
        Some(Reply::new(200).body("application/json", br#"{"token":"t1"}"#))
    });
    let registry = authority.registry(NAME, |seen, _| {
        (seen.header("authorization") != Some("Bearer t1")).then(|| {
            let challenge = r#"Bearer realm="https://auth.test/token",service="s""#;
            Reply::new(401).header("www-authenticate", challenge)
        })
    });
    let untrusted = Authority::new("unknown").registry("auth.test", |_, _| None);
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config.json");
    let auth = STANDARD.encode("u:p");
    fs_err::write(
        &config,
        format!(r#"{{"auths":{{"{NAME}":{{"auth":"{auth}"}}}}}}"#),
    )
    .unwrap();
    let with = |token_server: &FaultRegistry| {
        let proxy = Proxy::start(&[
            ("registry.test:443", &registry),
            ("auth.test:443", token_server),
        ]);
        let (options, file) = through(&proxy, &authority);
        let found = get(Options {
            credential_files: vec![config.clone()],
            ..options
        });
        drop(file);
        (found, proxy.log().len())
    };

    assert!(with(&tokens).0.unwrap().is_none());
    let sent = tokens.log();
    assert_eq!(sent.len(), 1);
    assert_eq!(
        sent[0].header("authorization"),
        Some(format!("Basic {auth}").as_str())
    );
    let at_registry: Vec<_> = registry
        .log()
        .iter()
        .map(|seen| seen.header("authorization").map(str::to_owned))
        .collect();
    assert_eq!(at_registry, [None, Some("Bearer t1".to_owned())]);

    let (found, asked) = with(&untrusted);
    let error = registry_error(found);
    assert!(
        matches!(&error, RegistryError::Certificate { url, fault: CertificateFault::UnknownIssuer } if url == "https://auth.test/token"),
        "{error:?}"
    );
    assert_eq!(asked, 2, "once the registry, once its token server");
    assert!(untrusted.log().is_empty());
}

#[test]
fn the_proxy_gets_its_own_credentials_and_the_registry_does_not_see_them() {
    let authority = Authority::new("test");
    let registry = authority.registry(NAME, |_, _| None);
    let proxy = Proxy::start(&[("registry.test:443", &registry)]);
    let (options, _file) = through(&proxy, &authority);
    let options = Options {
        proxy: Some(ProxyOptions {
            https: Some(format!("http://pu:pp@{}", proxy.address)),
            ..ProxyOptions::default()
        }),
        ..options
    };
    assert!(get(options).unwrap().is_none());
    let expected = format!("Basic {}", STANDARD.encode("pu:pp"));
    for asked in proxy.log() {
        assert_eq!(asked.headers.get("proxy-authorization"), Some(&expected));
    }
    assert!(
        registry
            .log()
            .iter()
            .all(|seen| seen.header("proxy-authorization").is_none())
    );
}

#[test]
fn a_proxy_is_left_out_where_it_is_not_wanted() {
    let registry = FaultRegistry::working();
    let proxy = Proxy::start(&[(&registry.host, &registry)]);
    let ask = |no_proxy: Option<&str>| {
        let address = Some(format!("http://{}", proxy.address));
        let client = Client::new(Options {
            proxy: Some(ProxyOptions {
                http: address.clone(),
                https: address,
                no_proxy: no_proxy.map(str::to_owned),
            }),
            ..options()
        });
        let repository = client.repository(&registry.reference()).unwrap();
        assert!(repository.manifest_by_tag("t").unwrap().is_none());
        proxy.log().len()
    };
    assert_eq!(ask(Some("127.0.0.1")), 0);
    assert_eq!(ask(Some("other.test, 127.0.0.0/8")), 0);
    // Loopback needs no exception: see `a_registry_on_loopback_is_reached_without_the_proxy`.
    assert_eq!(ask(Some("other.test")), 0);
    assert_eq!(ask(None), 0);
}

#[test]
fn a_proxy_that_does_not_answer_is_named_as_unreachable() {
    let authority = Authority::new("test");
    let registry = authority.registry(NAME, |_, _| None);
    // It knows no name.
    let proxy = Proxy::start(&[]);
    let (options, _file) = through(&proxy, &authority);
    let error = registry_error(get(options));
    assert!(
        matches!(error, RegistryError::Transport { .. }),
        "{error:?}"
    );
    assert_eq!(error.class(), ErrorClass::Unreachable);
    assert!(registry.log().is_empty());
    assert_eq!(proxy.lines(), [CONNECT]);
}

/// Nobody is on the way to loopback, so plain HTTP and credentials go there; a proxy would be on the way.
#[test]
fn a_registry_on_loopback_is_reached_without_the_proxy() {
    let registry = FaultRegistry::working();
    registry
        .store
        .lock()
        .unwrap()
        .add_manifest(Some("t"), INDEX, &index(&[]));
    for no_proxy in [
        None,
        Some(String::new()),
        Some("intranet.example".to_owned()),
    ] {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = Some(format!("http://{}", silent.local_addr().unwrap()));
        silent.set_nonblocking(true).unwrap();
        let mut options = Options {
            proxy: Some(ProxyOptions {
                http: address.clone(),
                https: address,
                no_proxy,
            }),
            ..options()
        };
        options.idle_timeout = std::time::Duration::from_secs(2);
        options.retries.attempts = 1;
        let found = Client::new(options)
            .repository(&registry.reference())
            .unwrap()
            .manifest_by_tag("t")
            .unwrap();
        assert!(found.is_some());
        let asked = silent.accept().map(drop).unwrap_err().kind();
        assert_eq!(asked, io::ErrorKind::WouldBlock);
    }
}
