#!/usr/bin/env python3
"""Make the tables of this folder: pairs of versions of our own, each judged by its ecosystem's own tool.

    make_cases.py OUT [--work DIR] [--alpine LAYOUT] [SCHEME]...

A table has two versions and `<`, `=` or `>` a line, tabs between, or one version and `!` where the tool refuses it. The pairs follow from the seed
alone; what the tool says of them is in the table, with the tool's name and version at its top. Tools are installed by name into DIR: `packaging`
from PyPI, `semver` and `nuget-exe` from npm, `golang.org/x/mod` with Go, the rest from Debian (elixir, ruby, php-cli, python3-rpm, maven,
mono-runtime, mono-mcs, libmono-system-core4.0-cil). apk is the one of an Alpine image, given as an OCI layout, and needs root for its chroot.
"""
import argparse, gzip, json, os, random, re, subprocess, sys, tarfile

HERE = os.path.dirname(os.path.abspath(__file__))
JUDGES = os.path.join(HERE, "judges")
WANTED = 400
# Tools that are strict where we must be, so what they refuse is in the table.
STRICT = {"hex"}


def sh(*command, **options):
    return subprocess.run([str(c) for c in command], check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def lines(command, pairs, **options):
    """Asks a judge that answers a line for each pair."""
    said = sh(*command, input="".join(f"{left}\t{right}\n" for left, right in pairs), **options).splitlines()
    assert len(said) == len(pairs), (command, len(said), len(pairs))
    return said


def semver(work, pairs):
    sh("npm", "install", "--silent", "--ignore-scripts", "--prefix", work, "semver@7.8.6")
    return "semver 7.8.6 of npm", lines(["node", os.path.join(JUDGES, "semver.js")], pairs, env={**os.environ, "NODE_PATH": f"{work}/node_modules"})


def nuget(work, pairs):
    sh("npm", "install", "--silent", "--ignore-scripts", "--prefix", work, "nuget-exe@5.8.0")
    sh("mcs", f"-out:{work}/judge.exe", os.path.join(JUDGES, "nuget.cs"))
    return "NuGet.Versioning of NuGet 5.8.0", lines(["mono", f"{work}/judge.exe", f"{work}/node_modules/nuget-exe/nuget-5.8.0.exe"], pairs)


def go(work, pairs):
    sh("go", "build", "-o", f"{work}/go-judge", ".", cwd=os.path.join(JUDGES, "go"))
    # Modules are judged with their `v`, which the tables leave out on every other line, as the Go vulnerability database does.
    given = [[text if text.startswith(("v", "go")) else "v" + text for text in pair] for pair in pairs]
    return "golang.org/x/mod 0.39.0 and " + sh("go", "version").split()[2], lines([f"{work}/go-judge"], given)


def hex_(_, pairs):
    return re.search(r"Elixir \S+", sh("elixir", "--version"))[0], lines(["elixir", os.path.join(JUDGES, "hex.exs")], pairs)


def pep440(work, pairs):
    sh(sys.executable, "-m", "venv", f"{work}/venv")
    sh(f"{work}/venv/bin/pip", "install", "-q", "--disable-pip-version-check", "packaging==26.3")
    return "packaging 26.3", lines([f"{work}/venv/bin/python", os.path.join(JUDGES, "pep440.py")], pairs)


def rpm(_, pairs):
    return sh("rpm", "--version").strip(), lines(["/usr/bin/python3", os.path.join(JUDGES, "rpm_labels.py")], pairs)


def rubygems(_, pairs):
    return "RubyGems " + sh("ruby", "-e", "print Gem::VERSION"), lines(["ruby", os.path.join(JUDGES, "gem.rb")], pairs)


def composer(_, pairs):
    return "version_compare of PHP " + sh("php", "-r", "echo PHP_VERSION;"), lines(["php", os.path.join(JUDGES, "composer.php")], pairs)


def debian(_, pairs):
    def judge(left, right):
        for operator, sign in (("lt", "<"), ("eq", "="), ("gt", ">")):
            run = subprocess.run(["dpkg", "--compare-versions", left, operator, right], stderr=subprocess.PIPE)
            if run.returncode == 0:
                return "!" if run.stderr else sign
        return "!"

    return "dpkg " + re.search(r"version (\S+)", sh("dpkg", "--version"))[1], [judge(*pair) for pair in pairs]


def maven(_, pairs):
    jars = "/usr/share/maven/lib/maven-artifact-3.x.jar:/usr/share/maven/lib/commons-lang3.jar"
    said = sh("java", "-cp", jars, "org.apache.maven.artifact.versioning.ComparableVersion", *[text for pair in pairs for text in pair])
    signs = [line.split()[1].replace("==", "=") for line in said.splitlines() if re.fullmatch(r"   \S+ (<|==|>) \S+", line)]
    assert len(signs) == 2 * len(pairs) - 1, (len(signs), len(pairs))
    return "ComparableVersion of " + re.search(r"Maven \S+[0-9]", sh("mvn", "--version"))[0], signs[::2]


def apk(work, pairs, layout):
    root = os.path.join(work, "alpine")
    if not os.path.exists(root):
        def blob(descriptor):
            return os.path.join(layout, "blobs", descriptor["digest"].replace(":", "/"))

        document = json.load(open(os.path.join(layout, "index.json")))
        while "manifests" in document:
            wanted = [m for m in document["manifests"] if m.get("platform", {}).get("architecture", "amd64") == "amd64"]
            document = json.load(open(blob(wanted[0])))
        for layer in document["layers"]:
            with gzip.open(blob(layer)) as bytes, tarfile.open(fileobj=bytes) as tar:
                tar.extractall(root, filter="tar")

    def judge(left, right):
        return sh("chroot", root, "/sbin/apk", "version", "-t", left, right).strip()

    return re.search(r"apk-tools [0-9.]+[0-9]", sh("chroot", root, "/sbin/apk", "--version"))[0], [judge(*pair) for pair in pairs]


# The versions: some that the tools' own descriptions point at, then ones put together of the parts that a scheme knows.
def put_together(rng, *parts, count=160):
    return ["".join(rng.choice(part) for part in parts) for _ in range(count)]


CORES = ["0.0.0", "0.1.0", "1.0.0", "1.0.1", "1.2.3", "1.10.0", "1.9.0", "2.0.0", "10.0.0", "1.2.30", "20240101.0.0"]
PRE = ["", "", "-0", "-1", "-10", "-9", "-alpha", "-alpha.1", "-alpha.beta", "-alpha1", "-beta.2", "-beta.11", "-rc.1", "-rc-1", "-RC.1", "-a.b.c", "-x.7.z.92", "-1.2.3", "-0.3.7", "-a-", "-A"]
BUILD = ["", "", "+a", "+20130313144700", "+exp.sha.5114f85", "+1-2"]


def versions(scheme, rng):
    if scheme in ("semver", "hex"):
        edges = ["1.0.0-alpha-beta", "1.0.0-0a", "1.0.0-00a", "99999.99999.99999", "1.0.0-999999999999999", "1.0.0--", "1.0.0-1-", "0.0.0-0"]
        if scheme == "hex":
            edges += ["1.0", "1", "v1.0.0", "1.0.0.0", "01.0.0", "1.0.00", "1.0.0-01", "1.0.0-", "1.0.0+", "1.0.0-a..b", "1.0.0-a_b", "1.0.0-a.", "-1.0.0", "1.0.x", "1.0.0-é", "1.0.0+a+b", "1.0.0+a_b", "99999999999999999999.0.0", "1.0.0-99999999999999999999"]
        else:
            edges += ["v1.2.3", "=1.2.3", "v1.2.3-beta.2", "9007199254740991.0.0"]
        return edges + put_together(rng, CORES, PRE, BUILD)
    if scheme == "go":
        stamps = ["-0.20180917221912-90fa682c2a6e", "-0.20191109021931-daa7c04131f5", "-20191109021931-daa7c04131f5", "-pre.0.20191109021931-daa7c04131f5", "-rc.1.0.20200101000000-abcdefabcdef"]
        modules = put_together(rng, ["v", ""], CORES, PRE + stamps * 2, ["", "", "+incompatible"])
        modules += ["v1", "v1.2", "v0", "1", "1.2", "v0.0.0-20180917221912-90fa682c2a6e", "v2.0.0+incompatible", "v17.12.0-ce-rc1.0.20200309214505-aa6a9891b09c+incompatible"]
        # `go1.21` itself is the language, no release: releases of three parts begin there (go.dev/doc/toolchain).
        tools = [f"go1.{minor}{patch}{rc}" for minor in (2, 9, 18, 20) for patch in ("", ".1", ".10") for rc in ("", "rc1", "rc2", "beta1") if not (patch and rc)]
        tools += [f"go1.{minor}{tail}" for minor in (21, 22, 25) for tail in ("rc1", "rc2", "rc10", ".0", ".1", ".9", ".10")]
        return modules, tools
    if scheme == "nuget":
        cores = ["1", "1.0", "1.0.0", "1.0.0.0", "1.0.0.1", "1.0.0.10", "1.2.3", "1.2.3.4", "01.2.3", "1.02.3.04", "0.0.0.0", "2.0", "10.0.0", "2147483647.0.0", "2020.5.1.20200501"]
        pre = PRE + ["-BETA", "-beta", "-Beta.2", "-beta.02", "-beta2", "-preview-20210101", "-preview.20210101123456", "-preview.7.21377.19", "-ci.2147483647", "-ci.2147483648", "-ci.99999999999", "-ci.5", "-ci.a"]
        return ["1.0.0-a.9999999999", "1.0.0-a.10000000000", "1.0.0-a.99", "1.0.0-a.b", "1.0.0-a.2147483647", "1.0.0-a.2147483648", "1.0.0-a.-1", "1.0.0-a.007", "1.0.0-a.7"] + put_together(rng, cores, pre, BUILD, count=260)
    if scheme == "pep440":
        return put_together(
            rng, ["", "", "", "v", "1!"], ["0", "1", "1.0", "1.0.0", "1.1", "1.10", "2.0", "2024.1.1", "01.0", "1.0.0.0"],
            ["", "", "a1", "a2", "b1", "rc1", "rc10", ".a1", "-alpha1", "_beta_2", "c3", "pre4", "a", "RC1"],
            ["", "", ".post1", "-1", ".post", "-r4", ".rev2", ".post10"], ["", "", ".dev0", ".dev1", "dev", "-dev10"], ["", "", "+local", "+ubuntu.1", "+1", "+10", "+a-1", "+A_1"], count=260,
        )
    if scheme == "rpm":
        return ["1.0^", "1.0~", "1.0~~", "1.0^^", "1.0^~1", "1.0~^1", "1..0", "1.", "a", "A", "1.0.", "2_0", "2.0", "2.0.1a", "1.0~rc1^g1", "1:1-1", "0:1-1", "1-1"] + put_together(
            rng, ["", "", "", "0:", "1:", "2:"], ["1", "1.0", "1.0.0", "1.1", "1.10", "2.0.1", "1.01", "1a", "1.a", "1.0a", "20240101", "1_1", "5.14.0", "10xyz", "xyz10", "4.999.9"],
            ["", "", "~rc1", "~rc2", "^git1", "^20240101", "~rc1^git1", "+b"], ["-1", "-1.el9", "-1.el9_2", "-1.el9_2.1", "-10.el8", "-2.fc40", "-1.module+el8.5.0+1+2", "-0.1.rc1", "-1.amzn2023"], count=260,
        )
    if scheme == "debian":
        return ["1.0-~", "1.0-1~bpo12+1", "0", "0-0", "1-1-1", "1.0-", "1:0-1"] + put_together(
            rng, ["", "", "", "0:", "1:", "2:"], ["1", "1.0", "1.0.0", "1.10", "1.01", "2.0", "3.0.11", "9.0.1378", "2024.05", "1.0a", "1.0+dfsg", "1.0~rc1", "1.0~~", "1.0~beta1+dfsg", "1.0.git20240101", "1.0z"],
            ["", "-1", "-1", "-1+deb12u1", "-1~deb12u2", "-1.1", "-0ubuntu1", "-0ubuntu0.22.04.1", "-2+b1", "-10", "+really0.9-1", "-1a"], count=260,
        )
    if scheme == "apk":
        return put_together(
            rng, ["0", "1", "1.0", "1.00", "1.06", "1.1", "1.10", "1.2.3", "20240101", "3.3.0", "010", "1.0.1"], ["", "", "", "a", "b", "z"],
            ["", "", "", "_alpha", "_alpha1", "_beta2", "_pre1", "_rc1", "_rc10", "_git20240101", "_p1", "_p", "_cvs1", "_svn3", "_hg2", "_rc1_p1"], ["-r0", "-r0", "-r1", "-r10", "-r2", ""], count=260,
        )
    if scheme == "rubygems":
        return put_together(
            rng, ["0", "1", "1.0", "1.0.0", "1.1", "1.10", "2.0.1", "01.0", "1.0.0.0", "20240101"],
            ["", "", "", ".a", ".a1", ".b", ".pre", ".pre1", ".rc1", ".rc.1", ".beta.2", ".0.a", "a", "-1", ".a.0", ".a.0.1", "-alpha", "-x86"], ["", "", ".0", ".1", ".0.0", ".10"], count=260,
        )
    if scheme == "composer":
        return put_together(
            rng, ["0", "1", "1.0", "1.0.0", "1.0.0.0", "1.1", "1.10", "2.0.1", "01.0", "20240101"],
            ["", "", "-dev", "-alpha", "-alpha1", "-a1", "-beta1", "-b2", "-RC1", "-rc1", "-p1", "-pl1", "-patch1", ".x-dev", "-beta.2", "alpha", "_1", "+1", "-stable", "-foo"], ["", "", ".1", "-1"], count=260,
        )
    if scheme == "maven":
        # No word behind a dot: since 3.8 Maven holds `1.RC1` and `1-RC1` equal, before it and in the public tables the dot comes first.
        return ["1.Final", "1.0.GA", "1.0.0.Final", "1-ga", "1.0-final", "1.1-release", "1.1"] + put_together(
            rng, ["1", "1.0", "1.0.0", "1.1", "1.10", "2.0.1", "1.01", "20240101", "1.0.0.0", "1.2"],
            ["", "", "-alpha-1", "-alpha1", "-a1", "-beta-2", "-b2", "-milestone-1", "-m2", "-rc1", "-cr2", "-SNAPSHOT", "-sp1", "-sp-2", "-1", "-jre", "-android", "-foo", "-v20240101"],
            ["", "", "-SNAPSHOT", "-1", "-foo"], count=260,
        )
    raise ValueError(scheme)


def pairs(scheme, count=WANTED):
    rng = random.Random(f"{scheme} 1")
    known = versions(scheme, rng)
    pools = known if isinstance(known, tuple) else (known,)
    found = []
    for pool in pools:
        share = count // len(pools)
        # Those that were thought of first, each with the next.
        seen = {(left, right) for left, right in zip(pool[:20], pool[1:20]) if left != right}
        pool = sorted(set(pool))
        while len(seen) < share and len(seen) < len(pool) * (len(pool) - 1) // 2:
            left = rng.choice(pool)
            # Every other pair of near ones, which differ behind an equal start.
            near = [other for other in pool if other != left and other.lstrip("v")[:3] == left.lstrip("v")[:3]]
            right = rng.choice(near if near and rng.random() < 0.5 else pool)
            if left != right and (right, left) not in seen:
                seen.add((left, right))
        found += sorted(seen)
    return found


TOOLS = {"semver": semver, "hex": hex_, "go": go, "nuget": nuget, "pep440": pep440, "maven": maven, "rubygems": rubygems, "composer": composer, "debian": debian, "rpm": rpm, "apk": apk}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("schemes", nargs="*", choices=[[], *TOOLS])
    parser.add_argument("--work", default="/tmp/version-judges")
    parser.add_argument("--alpine")
    given = parser.parse_args()
    os.makedirs(given.work, exist_ok=True)
    for scheme in given.schemes or TOOLS:
        asked = pairs(scheme)
        more = (given.alpine,) if scheme == "apk" else ()
        tool, said = TOOLS[scheme](given.work, asked, *more)
        rows = [f"{left}\t{sign}\t{right}" for (left, right), sign in zip(asked, said) if sign in "<=>"]
        if scheme in STRICT:
            alone = sorted({text for pair, sign in zip(asked, said) if sign == "!" for text in pair})
            refused = [text for text, sign in zip(alone, TOOLS[scheme](given.work, [(text, text) for text in alone])[1]) if sign == "!"]
            rows += [f"{text}\t!" for text in refused]
        assert len(rows) >= 200, (scheme, len(rows))
        with open(os.path.join(given.out, f"{scheme}.tsv"), "w", encoding="utf-8") as file:
            file.write(f"# {scheme}, by {tool}: {len(rows)} cases, made by make_cases.py\n" + "\n".join(rows) + "\n")
        print(f"{scheme}: {len(rows)} by {tool}", flush=True)


if __name__ == "__main__":
    main()
