#!/usr/bin/env python3
"""Ask Microsoft's SARIF validator about results of `scan`, with the rules of SARIF and those of GitHub's code scanning.

    validate_scans.py DIR FILE.sarif...      the validator goes into DIR/sarif-multitool and is kept for the next run

Needs npm and Linux on x86-64. Prints one line a document and every objection. Exit 0 only when every document was judged and none has an error or a
warning, 1 when one has, 2 when the validator is missing or there is nothing to judge. Notes are printed and do not count.
"""
import json, os, subprocess, sys, tempfile

PINNED = "@microsoft/sarif-multitool-linux@5.7.0"
SHOWN = 20  # objections printed for one document


def validator(directory):
    """Installs the pinned validator once; its own install script, which only sets this bit, is not run."""
    root = os.path.join(os.path.abspath(directory), "sarif-multitool")
    program = os.path.join(root, "node_modules", "@microsoft", "sarif-multitool-linux", "Sarif.Multitool")
    if not os.path.exists(program):
        os.makedirs(root, exist_ok=True)
        command = ["npm", "install", "--prefix", root, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", PINNED]
        subprocess.run(command, check=True)
    os.chmod(program, 0o755)
    return program


def judge(program, path):
    """Returns (level, text) of every objection."""
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
        found.append((result.get("level", "warning"), f"{result['ruleId']}: {text}"))
    for invocation in judged.get("invocations", []):
        for note in invocation.get("toolExecutionNotifications", []):
            if note.get("level") == "error":
                found.append(("error", note["message"].get("text", "?")))
    return found


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        program = validator(sys.argv[1])
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"the validator could not be installed: {error}", file=sys.stderr)
        return 2
    rejected = 0
    for path in sys.argv[2:]:
        objections = judge(program, path)
        grave = [text for level, text in objections if level in ("error", "warning")]
        rejected += bool(grave)
        print(f"{'rejected' if grave else 'accepted'} {path}: {os.path.getsize(path)} bytes, {len(objections)} objections", flush=True)
        for level, text in objections[:SHOWN]:
            print(f"    {level} " + " ".join(text.split())[:400])
        if len(objections) > SHOWN:
            print(f"    and {len(objections) - SHOWN} more")
    print(f"{len(sys.argv) - 2} documents, {rejected} rejected")
    return 1 if rejected else 0


if __name__ == "__main__":
    sys.exit(main())
