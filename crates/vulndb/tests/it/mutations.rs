//! Documents with a byte changed, and cut documents: every reader ends with a value or an error.

use toolkit_vulndb::feed::{csaf, epss, kev, openvex, osv, secdb, ubuntu, updateinfo, wolfi};

const OSV: &str = r#"{"id":"GHSA-1","modified":"2024-05-01T00:00:00Z","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"}],"affected":[{"package":{"ecosystem":"PyPI","name":"x"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.2"}]}],"versions":["1.0"]}]}"#;
const SECDB: &str = r#"{"reponame":"main","urlprefix":"https://packages.wolfi.dev","distroversion":"v3.20","packages":[{"pkg":{"name":"zlib","secfixes":{"0":["CVE-2023-45853 XSA-1"],"1.2-r1":["CVE_2024-1.patch (x)"]}}}]}"#;
const UBUNTU: &str = r#"{"candidate":"CVE-2023-1","priority":"low","cvss":{"nvd":"CVSS:3.1/AV:N"},"public_date":"2023-04-05 20:15:00 UTC","packages":{"esm-infra/xenial":{"zlib":{"status":"released","note":"1:1.2-1~x"}},"jammy":{"zlib":{"status":"pending","note":"1.3"}}}}"#;
const UPDATEINFO: &str = r#"<?xml version="1.0" ?><updates><update type="security"><id>ALAS-1</id><title>a &lt; b &#65;</title><issued date="2021-10-19 18:50:00" /><severity>low</severity><references><reference href="h" id="CVE-2021-1" type="cve" /></references><pkglist><collection short="amazon-linux-2---kernel-5.10"><package arch="x86_64" epoch="0" name="k" release="1" version="5.10.1"><filename>f</filename></package></collection></pkglist></update></updates>"#;
const WOLFI: &str = "schema-version: 2.0.2\npackage:\n  name: zlib\nadvisories:\n  - id: CGA-1\n    aliases: [CVE-2023-1]\n    events:\n      - timestamp: 2024-03-12T07:08:16Z\n        type: fixed\n        data: {fixed-version: 1.3-r1}\n";
const EPSS: &str = "#model_version:v1,score_date:2026-08-15\ncve,epss,percentile\nCVE-2021-1,0.94358,9.9e-01\nCVE-2021-2,0,1\n";
const KEV: &str = r#"{"catalogVersion":"2025.08.25","count":1,"vulnerabilities":[{"cveID":"CVE-2021-1","dateAdded":"2021-12-10","dueDate":"2021-12-24","knownRansomwareCampaignUse":"Known"}]}"#;
const OPENVEX: &str = r#"{"@context":"https://openvex.dev/ns/v0.2.0","@id":"i","author":"a","timestamp":"2024-01-01T00:00:00Z","statements":[{"vulnerability":{"name":"CVE-1","aliases":["GHSA-1"]},"products":[{"@id":"pkg:oci/a","subcomponents":["pkg:npm/x"]}],"status":"not_affected","justification":"component_not_present"}]}"#;
const CSAF: &str = r#"{"document":{"csaf_version":"2.0","publisher":{"name":"Us"},"tracking":{"id":"X","current_release_date":"2024-01-01T00:00:00Z"}},"product_tree":{"branches":[{"branches":[{"product":{"product_id":"a"}},{"product":{"product_id":"b"}}]}],"relationships":[{"full_product_name":{"product_id":"a:b"},"product_reference":"b","relates_to_product_reference":"a"}]},"vulnerabilities":[{"cve":"CVE-1","product_status":{"known_not_affected":["a:b"]},"flags":[{"label":"component_not_present","product_ids":["a:b"]}]}]}"#;

type Reader = fn(&[u8]) -> bool;

const READERS: [(&str, &str, Reader); 9] = [
    ("osv", OSV, |bytes| osv::parse(bytes).is_ok()),
    ("secdb", SECDB, |bytes| {
        let mut collector = secdb::Collector::default();
        let document = secdb::parse(bytes);
        let read = document.is_ok();
        document
            .into_iter()
            .for_each(|document| collector.add(document));
        collector.finish().count();
        read
    }),
    ("ubuntu", UBUNTU, |bytes| ubuntu::parse(bytes).is_ok()),
    ("updateinfo", UPDATEINFO, |bytes| {
        updateinfo::parse(bytes).is_ok()
    }),
    ("wolfi", WOLFI, |bytes| wolfi::parse(bytes).is_ok()),
    ("epss", EPSS, |bytes| epss::parse(bytes).is_ok()),
    ("kev", KEV, |bytes| kev::parse(bytes).is_ok()),
    ("openvex", OPENVEX, |bytes| openvex::parse(bytes).is_ok()),
    ("csaf", CSAF, |bytes| csaf::parse(bytes).is_ok()),
];

#[test]
fn no_changed_byte_makes_a_reader_panic() {
    for (name, text, read) in READERS {
        assert!(read(text.as_bytes()), "{name}: the whole document");
        let (mut taken, mut refused) = (0, 0);
        for position in 0..text.len() {
            for value in [
                0, b'"', b'\'', b'-', b'9', b':', b'<', b'&', b'[', b'{', b'\n', 0x7f, 0x80, 0xff,
            ] {
                let mut bytes = text.as_bytes().to_vec();
                bytes[position] = value;
                if read(&bytes) {
                    taken += 1
                } else {
                    refused += 1
                }
            }
            read(&text.as_bytes()[position..]);
            if read(&text.as_bytes()[..position]) {
                taken += 1
            } else {
                refused += 1
            }
        }
        assert!(
            taken > 100 && refused > 100,
            "{name}: {taken} taken, {refused} refused"
        );
    }
}
