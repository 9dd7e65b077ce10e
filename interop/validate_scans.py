#!/usr/bin/env python3
"""Ask the official validators about what `scan` writes.

    validate_scans.py DIR SCHEMAS DOCUMENT...      validators go into DIR and are kept for the next run; SCHEMAS holds the published schemas

SARIF: the schema of OASIS, and Microsoft's `sarif-multitool` with the rules of SARIF and those of GitHub's code scanning.
CycloneDX: the strict validation of `cyclonedx-python-lib`; every package that is said to be affected must be a component.
OpenVEX: the schema of the project.

One document of each kind is judged a second time with one value spoilt, which its validators must reject. Needs npm and Linux on x86-64. Prints one
line a document and every objection. Exit 0 only when every document was judged and none has an error or a warning, 1 when one has or a spoilt one passed,
2 when a validator is missing or there is nothing to judge. Notes of the multitool are printed and do not count.
"""
import json, os, subprocess, sys, tempfile

PYTHON = ["cyclonedx-python-lib[json-validation]==11.12.0", "jsonschema[format]==4.25.1"]
MULTITOOL = "@microsoft/sarif-multitool-linux@5.7.0"
SHOWN = 20  # objections printed for one document


def environment(directory):
    """Installs the pinned Python packages once and returns the Python that has them."""
    venv = os.path.join(directory, "scan-venv")
    python = os.path.join(venv, "bin", "python")
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PYTHON], check=True)
    return python


def multitool(directory):
    """Installs the pinned validator once; its own install script, which only sets this bit, is not run."""
    root = os.path.join(directory, "sarif-multitool")
    program = os.path.join(root, "node_modules", "@microsoft", "sarif-multitool-linux", "Sarif.Multitool")
    if not os.path.exists(program):
        os.makedirs(root, exist_ok=True)
        command = ["npm", "install", "--prefix", root, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", MULTITOOL]
        subprocess.run(command, check=True)
    os.chmod(program, 0o755)
    return program


def ghas(program, path):
    """Returns (level, text) of every objection of the multitool."""
    with tempfile.TemporaryDirectory() as folder:
        report = os.path.join(folder, "report.sarif")
        command = [program, "validate", os.path.abspath(path), "--rule-kind", "Sarif;Ghas", "--output", report, "--log", "ForceOverwrite"]
        # The program is built without the tables of languages.
        run = subprocess.run(command, env={**os.environ, "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"}, capture_output=True, text=True)
        if not os.path.exists(report):
            return [("error", f"the validator ended with {run.returncode}: {run.stdout[-400:]}{run.stderr[-400:]}")]
        with open(report, encoding="utf-8-sig") as file:
            (judged,) = json.load(file)["runs"]
    rules = judged["tool"]["driver"].get("rules", [])
    found = []
    for result in judged.get("results", []):
        message, rule = result["message"], rules[result["ruleIndex"]] if result.get("ruleIndex", -1) >= 0 else {}
        text = message.get("text") or rule.get("messageStrings", {}).get(message.get("id"), {}).get("text", message.get("id", "?"))
        for number, argument in enumerate(message.get("arguments", [])):
            text = text.replace("{%d}" % number, argument)
        found.append((result.get("level", "warning"), f"multitool {result['ruleId']}: {text}"))
    for invocation in judged.get("invocations", []):
        for note in invocation.get("toolExecutionNotifications", []):
            if note.get("level") == "error":
                found.append(("error", "multitool " + note["message"].get("text", "?")))
    return found


def by_schema(path, document):
    import jsonschema

    with open(path, encoding="utf-8") as file:
        schema = json.load(file)
    kind = jsonschema.validators.validator_for(schema)
    judge = kind(schema, format_checker=kind.FORMAT_CHECKER)
    return [("error", f"schema /{'/'.join(map(str, fault.absolute_path))}: {fault.message}") for fault in judge.iter_errors(document)]


def cyclonedx(document):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    known = {version.to_version(): version for version in SchemaVersion}
    fault = JsonStrictValidator(known[document["specVersion"]]).validate_str(json.dumps(document))
    found = [("error", f"schema: {fault}")] if fault else []
    components = {one.get("bom-ref") for one in document.get("components", [])}
    for vulnerability in document.get("vulnerabilities", []):
        for affected in vulnerability["affects"]:
            if affected["ref"] not in components:
                found.append(("error", f"{vulnerability['id']} affects {affected['ref']}, which is no component"))
    return found


def spoil_sarif(document):
    document["runs"][0]["results"][0]["level"] = "grave"


def spoil_cyclonedx(document):
    document["vulnerabilities"][0]["affects"][0]["ref"] = "pkg:npm/nobody@0"


def spoil_openvex(document):
    document["statements"][0]["status"] = "mended"


def kind(document):
    """Returns the name of a document's kind and what spoils it."""
    if not isinstance(document, dict):
        return None, None
    if document.get("bomFormat") == "CycloneDX":
        return "CycloneDX " + str(document.get("specVersion")), spoil_cyclonedx
    if str(document.get("@context", "")).startswith("https://openvex.dev/ns"):
        return "OpenVEX", spoil_openvex
    if "runs" in document:
        return "SARIF " + str(document.get("version")), spoil_sarif
    return None, None


def judge(program, schemas, name, document):
    if name.startswith("CycloneDX"):
        return cyclonedx(document)
    if name == "OpenVEX":
        return by_schema(os.path.join(schemas, "openvex", "openvex_json_schema.json"), document)
    with tempfile.NamedTemporaryFile("w", suffix=".sarif", encoding="utf-8") as file:
        json.dump(document, file)
        file.flush()
        return by_schema(os.path.join(schemas, "sarif", "sarif-schema-2.1.0.json"), document) + ghas(program, file.name)


def grave(objections):
    return [text for level, text in objections if level in ("error", "warning")]


def inside(program, schemas, paths):
    try:
        import cyclonedx.validation.json, jsonschema  # noqa: F401
    except ImportError as error:
        print(f"a validator is missing: {error}", file=sys.stderr)
        return 2
    rejected, passed, tried, kinds = 0, 0, set(), set()
    for path in paths:
        with open(path, encoding="utf-8") as file:
            document = json.load(file)
        name, spoil = kind(document)
        objections = judge(program, schemas, name, document) if name else [("error", "neither SARIF nor CycloneDX nor OpenVEX")]
        rejected += bool(grave(objections))
        print(f"{'rejected' if grave(objections) else 'accepted'} {path}: {name}, {os.path.getsize(path)} bytes, {len(objections)} objections", flush=True)
        for level, text in objections[:SHOWN]:
            print(f"    {level} " + " ".join(text.split())[:400])
        if len(objections) > SHOWN:
            print(f"    and {len(objections) - SHOWN} more")
        kinds.add(name)
        if name and name not in tried:
            try:
                spoil(document)
            except LookupError:
                continue  # nothing in it to spoil; the next document of the kind is taken
            tried.add(name)
            if not grave(judge(program, schemas, name, document)):
                passed += 1
                print(f"    accepted with one value spoilt, too: the validators of {name} judge nothing")
    print(f"{len(paths)} documents, {rejected} rejected, {len(tried)} spoilt ones, {passed} accepted")
    untried = kinds - tried
    if untried:
        print(f"no document had anything to spoil: {', '.join(map(str, untried))}")
    return 1 if rejected or passed or untried else 0


def main():
    if len(sys.argv) < 4:
        print(__doc__, file=sys.stderr)
        return 2
    if sys.argv[1] == "--inside":
        return inside(sys.argv[2], sys.argv[3], sys.argv[4:])
    directory = os.path.abspath(sys.argv[1])
    try:
        python, program = environment(directory), multitool(directory)
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"the validators could not be installed: {error}", file=sys.stderr)
        return 2
    return subprocess.run([python, os.path.abspath(__file__), "--inside", program, *sys.argv[2:]]).returncode


if __name__ == "__main__":
    sys.exit(main())
