#!/usr/bin/env python3
"""Make testdata/vulndb/records: what is known against the packages of testdata/images/demo, and a few well-known old vulnerabilities.

    make_vulndb.py [OUT]

Takes the records from the packs in $TOOLKIT_TEST_DATA/data/advisories (GHSA, PyPA, RustSec, Go, Debian) and keeps of each what a scanner
compares: ids, package names, ranges, severities, dates. No title, description or reference is kept. One file a feed, one record a line,
ordered by id: the same packs give the same bytes. Sources and licences are in NOTICE. Needs the `zstd` program.

`toolkit db build --demo testdata/vulndb/records -o testdata/vulndb` makes the database for trials of them, which is committed beside:
it is used only where it is named, says so in every output, and the gate refuses it. `toolkit lab demo` shows the gate, so it builds a
database of the same records without `--demo`, as a user builds one of downloaded feeds.
"""
import json, os, subprocess, sys, tarfile

# Debian's sources of the packages in images/demo.packages, and xz.
DEBIAN = {"base-files", "netbase", "busybox", "media-types", "python-urllib3", "six", "python-idna", "xz-utils"}
PACKS = {
    "debian": {("Debian:12", name) for name in DEBIAN},
    "pypa": {("PyPI", name) for name in ("urllib3", "six", "idna", "requests", "jinja2")},
    "ghsa": {("PyPI", name) for name in ("urllib3", "six", "idna", "requests", "jinja2")}
    | {("npm", name) for name in ("lodash", "minimist", "event-stream")}
    | {("Maven", "org.apache.logging.log4j:log4j-core")}
    | {("Go", name) for name in ("golang.org/x/text", "golang.org/x/crypto")},
    "go": {("Go", name) for name in ("golang.org/x/text", "golang.org/x/crypto")},
    "rustsec": {("crates.io", name) for name in ("time", "smallvec", "openssl")},
}
# Where feeds rate one package of a record, or say that it reports no flaw.
RATINGS = [("ecosystem_specific", "urgency"), ("ecosystem_specific", "severity"), ("database_specific", "informational")]


def records(pack):
    process = subprocess.Popen(["zstd", "-dc", "--long=27", pack], stdout=subprocess.PIPE)
    with tarfile.open(fileobj=process.stdout, mode="r|") as tar:
        for member in tar:
            if member.name.endswith(".json") and "withdrawn-undated/" not in member.name:
                yield json.loads(tar.extractfile(member).read())
    if process.wait() != 0:
        sys.exit(f"{pack}: zstd failed")


def kept(record, wanted):
    """The record without prose, or None where it speaks of none of the packages."""
    affected = []
    for one in record.get("affected", []):
        package = one.get("package", {})
        if (package.get("ecosystem"), package.get("name")) not in wanted:
            continue
        part = {"package": {"ecosystem": package["ecosystem"], "name": package["name"]}}
        ranges = [
            {"type": range["type"], "events": range["events"]}
            for range in one.get("ranges", [])
            if range.get("type") in ("SEMVER", "ECOSYSTEM")
        ]
        if ranges:
            part["ranges"] = ranges
        # Versions are listed where no range says them.
        elif one.get("versions"):
            part["versions"] = one["versions"]
        else:
            continue
        if one.get("severity"):
            part["severity"] = one["severity"]
        for key, name in RATINGS:
            if name in (one.get(key) or {}) and one[key][name] is not None:
                part.setdefault(key, {})[name] = one[key][name]
        affected.append(part)
    if not affected:
        return None
    short = {"id": record["id"], "modified": record["modified"]}
    for key in ("published", "withdrawn", "aliases", "related", "upstream", "severity"):
        if record.get(key):
            short[key] = record[key]
    severity = (record.get("database_specific") or {}).get("severity")
    if severity:
        short["database_specific"] = {"severity": severity}
    short["affected"] = affected
    return short


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "records")
    packs = os.path.join(os.environ["TOOLKIT_TEST_DATA"], "data", "advisories")
    names = {"debian": "debian-osv", "pypa": "pypa", "ghsa": "ghsa", "go": "go", "rustsec": "rustsec"}
    for feed, wanted in sorted(PACKS.items()):
        found = (kept(record, wanted) for record in records(os.path.join(packs, names[feed] + ".tar.zst")))
        lines = sorted(((record["id"], json.dumps(record, sort_keys=True, separators=(",", ":"))) for record in found if record))
        folder = os.path.join(out, feed)
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "records.jsonl"), "w", newline="\n") as file:
            file.writelines(line + "\n" for _, line in lines)
        print(f"{feed}: {len(lines)} records")


if __name__ == "__main__":
    main()
