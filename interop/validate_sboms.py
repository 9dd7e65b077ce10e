#!/usr/bin/env python3
"""Ask the official validators of CycloneDX and SPDX about documents.

    validate_sboms.py DIR DOCUMENT...      a Python environment goes into DIR/sbom-venv and is kept for the next run

CycloneDX JSON: strict schema validation of `cyclonedx-python-lib`.
SPDX 2 JSON: reader and rules of `spdx-tools`. Prints one line a document and every objection. Exit 0 only when every
document was judged and accepted, 1 when one was rejected, 2 when a validator is missing or there is nothing to judge.
"""
import json, os, subprocess, sys, time

PINNED = ["cyclonedx-python-lib[json-validation]==11.12.0", "spdx-tools==0.8.5"]
SHOWN = 20  # objections printed for one document


def environment(directory):
    """Installs the pinned validators once and returns the Python that has them."""
    venv = os.path.join(os.path.abspath(directory), "sbom-venv")
    python = os.path.join(venv, "bin", "python")
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PINNED], check=True)
    return python


def cyclonedx(text, version):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    known = {v.to_version(): v for v in SchemaVersion}
    if version not in known:
        return [f"the validator does not know CycloneDX {version}"]
    fault = JsonStrictValidator(known[version]).validate_str(text)
    return [str(fault)] if fault else []


def spdx(path):
    from spdx_tools.spdx.parser.error import SPDXParsingError
    from spdx_tools.spdx.parser.parse_anything import parse_file
    from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

    try:
        document = parse_file(path)
    except SPDXParsingError as error:
        return error.get_messages()
    return [f"{m.context.spdx_id or m.context.parent_id or 'document'}: {m.validation_message}" for m in validate_full_spdx_document(document)]


def judge(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        document = json.loads(text)
    except ValueError as error:
        return "?", [f"not JSON: {error}"]
    if not isinstance(document, dict):
        return "?", ["not a JSON object"]
    if document.get("bomFormat") == "CycloneDX":
        return f"CycloneDX {document.get('specVersion')}", cyclonedx(text, document.get("specVersion"))
    if str(document.get("spdxVersion", "")).startswith("SPDX-2."):
        if not path.endswith(".spdx.json"):  # spdx-tools chooses its reader by the name
            return document["spdxVersion"], ["the name does not end with .spdx.json"]
        return document["spdxVersion"], spdx(path)
    return "?", ["neither CycloneDX nor SPDX 2"]


def inside(paths):
    try:
        import cyclonedx.validation.json, jsonschema, spdx_tools.spdx  # noqa: F401
    except ImportError as error:
        print(f"a validator is missing: {error}", file=sys.stderr)
        return 2
    rejected = 0
    for path in paths:
        start = time.perf_counter()
        kind, objections = judge(path)
        rejected += bool(objections)
        print(f"{'rejected' if objections else 'accepted'} {path}: {kind}, {os.path.getsize(path)} bytes, {time.perf_counter() - start:.1f} s", flush=True)
        for objection in objections[:SHOWN]:
            print("    " + " ".join(objection.split())[:400])
        if len(objections) > SHOWN:
            print(f"    and {len(objections) - SHOWN} more")
    print(f"{len(paths)} documents, {rejected} rejected")
    return 1 if rejected else 0


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    if sys.argv[1] == "--inside":
        return inside(sys.argv[2:])
    try:
        python = environment(sys.argv[1])
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"the validators could not be installed: {error}", file=sys.stderr)
        return 2
    return subprocess.run([python, os.path.abspath(__file__), "--inside", *sys.argv[2:]]).returncode


if __name__ == "__main__":
    sys.exit(main())
