#!/usr/bin/env python3
"""Compare `toolkit scan` with osv-scanner over the same records.

    second_opinion.py TOOLKIT DIR DATA [--med LAYOUT]

Both read the OSV packs of DATA: osv-scanner as its offline database, which DATA's own tool makes, toolkit as a database built of them. Compared are a
Debian image, the language packages of an image given to both as one bill of materials, so that catalogs play no part, and a bill of packages drawn from
the records; with --med also a benchmark image: its Debian packages as both catalog them, its language packages as osv-scanner lists them.

For every package (type, name, version) the records that each side holds against it are compared, and then which of them it takes for one vulnerability.
A difference must fall under a named cause, whose predicate is asked of the record and the package. What falls under none fails, and so does a record
that only osv-scanner holds against a language package. What is installed goes to DIR and is kept for the next run.
"""
import argparse, collections, hashlib, io, json, os, random, shutil, subprocess, sys, tarfile, time, urllib.parse, zipfile

OSV_SCANNER = "github.com/google/osv-scanner/v2/cmd/osv-scanner@v2.5.0"
# Packs that are no OSV: osv-scanner cannot read them.
NOT_OSV = ("alpine-secdb", "ubuntu-sample", "amazon-sample", "wolfi-chainguard")
TYPES = {"PyPI": "pypi", "npm": "npm", "crates.io": "cargo", "Go": "golang", "Maven": "maven", "RubyGems": "gem", "Packagist": "composer", "NuGet": "nuget", "Hex": "hex", "Debian": "deb"}
ECOSYSTEMS = {ty: name for name, ty in TYPES.items()}
DRAWN = 150  # packages of each ecosystem


def timed(what, start):
    print(f"{what}: {time.time() - start:.0f} s", flush=True)


def prepare(given):
    """Installs osv-scanner and makes both databases, unless they are there."""
    os.makedirs(f"{given.dir}/bin", exist_ok=True)
    if not os.path.exists(f"{given.dir}/bin/osv-scanner"):
        start = time.time()
        subprocess.run(["go", "install", OSV_SCANNER], check=True, env={**os.environ, "GOBIN": f"{given.dir}/bin", "CGO_ENABLED": "0", "GOFLAGS": "-trimpath"})
        timed(OSV_SCANNER, start)
    if not os.path.exists(f"{given.dir}/osv/done"):
        start = time.time()
        subprocess.run([sys.executable, f"{given.data}/tools/osv_local_db.py", f"{given.dir}/osv"], check=True, stdout=subprocess.DEVNULL)
        open(f"{given.dir}/osv/done", "w").close()
        timed("osv-scanner's database", start)
    with open(given.toolkit, "rb") as binary:
        made_by = hashlib.file_digest(binary, "sha256").hexdigest()
    if os.path.exists(f"{given.dir}/ours.{made_by}"):
        return
    packs = f"{given.dir}/packs"
    shutil.rmtree(packs, ignore_errors=True)
    os.makedirs(packs)
    for name in sorted(os.listdir(f"{given.data}/data/advisories")):
        if name.endswith(".tar.zst") and name[: -len(".tar.zst")] not in NOT_OSV:
            shutil.copy(f"{given.data}/data/advisories/{name}", packs)
    start = time.time()
    shutil.rmtree(f"{given.dir}/ours", ignore_errors=True)
    toolkit(given, "db", "build", packs, "-o", f"{given.dir}/ours")
    open(f"{given.dir}/ours.{made_by}", "w").close()
    timed("our database", start)


def toolkit(given, *arguments):
    return subprocess.run([given.toolkit, "-q", *arguments], check=True, stdout=subprocess.PIPE, text=True, env={**os.environ, "TOOLKIT_DATA": f"{given.dir}/data"}).stdout


class Records:
    """The records, as osv-scanner reads them."""

    def __init__(self, folder):
        self.folder, self.zips, self.known = folder, {}, {}

    def zip(self, ecosystem):
        if ecosystem not in self.zips:
            self.zips[ecosystem] = zipfile.ZipFile(f"{self.folder}/osv-scalibr/{ecosystem}/all.zip")
        return self.zips[ecosystem]

    def get(self, ecosystem, id):
        if id not in self.known:
            try:
                self.known[id] = json.loads(self.zip(ecosystem).read(id.replace(":", "_") + ".json"))
            except KeyError:
                self.known[id] = None
        return self.known[id]

    def all(self, ecosystem):
        file = self.zip(ecosystem)
        return [json.loads(file.read(name)) for name in sorted(file.namelist())]


def normal(ty, name):
    """A name as its registry compares it."""
    if ty == "pypi":
        return "-".join(part for part in name.lower().replace("_", "-").replace(".", "-").split("-") if part)
    return name.lower() if ty in ("nuget", "composer", "hex", "golang") else name


# Bills of materials.
CASE_KEPT = ("npm", "cargo", "maven", "gem", "nuget", "golang")


def purl(ty, name, version):
    quote = lambda text: urllib.parse.quote(text, safe="")
    if ty == "maven":
        name = name.replace(":", "/", 1)
    path = "/".join(quote(part) for part in (name if ty in CASE_KEPT else normal(ty, name)).split("/"))
    return f"pkg:{ty}/{path}@{quote(version)}"


def bill(path, packages):
    """Writes the packages, one of each that the registry holds equal; returns the names by package."""
    names = {(ty, normal(ty, name), version): name for ty, name, version in sorted(packages)}
    components = [{"type": "library", "name": name, "version": version, "purl": purl(ty, name, version)} for (ty, _, version), name in names.items()]
    with open(path, "w") as file:
        json.dump({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": components}, file)
    # A package URL writes some names in the normal form, and osv-scanner reads the URL.
    return {package: name if package[0] in CASE_KEPT else package[1] for package, name in names.items()}


def of_truth(given):
    """The language packages of lang-mini by the corpus' own inventory: also those that have no cataloger yet."""
    truth = json.load(open(f"{given.data}/corpus/truth/lang-mini.json"))
    types = {"npm": "npm", "composer": "composer", "python": "pypi", "gem": "gem", "cargo": "cargo", "go": "golang", "go-stdlib": "golang"}
    found = {(types[p["type"]], p["name"], p["version"].removeprefix("go") if p["type"] == "go-stdlib" else p["version"]) for p in truth["packages"] if p["type"] in types}
    for archive in truth["java_archives"]:
        found |= {("maven", f"{group}:{name}", version) for group, name, version in archive["poms"]}
    return found


def drawn(records):
    """Packages of the records at versions that a record names: bounds of ranges, where matchers part ways, and listed ones."""
    found = set()
    for ecosystem, ty in TYPES.items():
        if ty == "deb":
            continue
        rng, pool = random.Random(f"{ecosystem} 1"), collections.defaultdict(set)
        for record in records.all(ecosystem):
            for affected in record["affected"]:
                package = affected.get("package", {})
                if package.get("ecosystem") != ecosystem:
                    continue
                pool[package["name"]].update((affected.get("versions") or [])[-3:])
                for span in affected.get("ranges", []):
                    pool[package["name"]].update(v for e in span["events"] for v in e.values() if span["type"] != "GIT" and v != "0")
        for name in rng.sample(sorted(pool), min(DRAWN, len(pool))):
            for version in rng.sample(sorted(pool[name]), min(2, len(pool[name]))):
                found.add((ty, name, version))
    return found


def archive(layout, path):
    """The layout as `docker save` writes it, the form that osv-scanner reads."""
    blob = lambda descriptor: open(os.path.join(layout, "blobs", descriptor["digest"].replace(":", "/")), "rb").read()
    document = json.load(open(f"{layout}/index.json"))
    while "manifests" in document:
        document = json.loads(blob(document["manifests"][0]))
    with tarfile.open(path, "w") as tar:
        def add(name, data):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
            return name

        layers = [add(f"layer{number}.tar.gz", blob(layer)) for number, layer in enumerate(document["layers"])]
        manifest = [{"Config": add("config.json", blob(document["config"])), "RepoTags": ["image:latest"], "Layers": layers}]
        add("manifest.json", json.dumps(manifest).encode())
    return path


# What each side says: package → groups of records.
def osv_scanner(given, *arguments):
    command = [f"{given.dir}/bin/osv-scanner", "scan", *arguments, "--offline", "--offline-vulnerabilities", "--local-db-path", f"{given.dir}/osv", "--all-packages", "--all-vulns", "--format", "json"]
    start = time.time()
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert run.returncode in (0, 1), run.stderr
    timed("osv-scanner " + arguments[0], start)
    said = collections.defaultdict(set)
    for result in json.loads(run.stdout)["results"]:
        for package in result["packages"]:
            it = package["package"]
            ty = TYPES.get(it["ecosystem"].split(":")[0])
            if ty:
                key = (ty, normal(ty, it.get("os_package_name") or it["name"]), it["version"])
                said[key] |= {frozenset(group["ids"]) for group in package.get("groups") or []}
    return dict(said)


def ours(given, target):
    start = time.time()
    document = json.loads(toolkit(given, "scan", target, "--db", f"{given.dir}/ours", "-o", "json"))
    timed("toolkit", start)
    said = collections.defaultdict(set)
    for item in document["findings"] + document["suppressed"]:
        ty, _, name = item["package"]["purl"].split("@")[0].removeprefix("pkg:").partition("/")
        name = urllib.parse.unquote(name)
        if ty == "deb":
            name = name.rpartition("/")[2]
        if ty == "maven":
            name = name.replace("/", ":", 1)
        said[ty, normal(ty, name), item["package"]["version"]].add(frozenset(record["id"] for record in item["records"]))
    return dict(said)


# Causes of differences. A predicate is asked of the package, the name as osv-scanner got it, and the record.
def entries(package, record):
    ty, name, _ = package
    for affected in record["affected"]:
        it = affected.get("package", {})
        if it.get("ecosystem", "").split(":")[0] == ECOSYSTEMS[ty] and normal(ty, it.get("name", "")) == name:
            yield affected


def behind_commits(package, _, record):
    """A range of commits comes before the ordered ones, and the version is not listed."""
    return all(
        package[2] not in affected.get("versions", []) and any(span["type"] == "GIT" for span in affected.get("ranges", [])[:-1])
        for affected in entries(package, record)
    )


def spelt_otherwise(package, name, record):
    """The record has the name in another spelling that the registry holds equal."""
    return all(affected["package"]["name"] != name for affected in entries(package, record))


ONLY_OURS = {
    "osv-scanner reads no range behind one of commits": behind_commits,
    "osv-scanner compares the spelling of a name": spelt_otherwise,
}
ONLY_THEIRS = {}


def compare(label, records, mine, theirs, names):
    """Prints the differences in the packages of `names` by cause; returns how many have none."""
    counts, unexplained = collections.Counter(), []
    for package, name in sorted(names.items()):
        left, right = mine.get(package, set()), theirs.get(package, set())
        of_left, of_right = set().union(*left), set().union(*right)
        for id in sorted(of_left ^ of_right):
            side, causes = ("ours", ONLY_OURS) if id in of_left else ("osv-scanner", ONLY_THEIRS)
            record = records.get(ECOSYSTEMS[package[0]], id)
            cause = next((cause for cause, holds in causes.items() if record and holds(package, name, record)), None)
            counts[f"only {side}: {cause}"] += 1
            if not cause or (side == "osv-scanner" and package[0] != "deb"):
                unexplained.append(f"only {side}: {package} {id}")
        both = of_left & of_right
        for one in both:
            together = [{id for group in side if one in group for id in group} & both for side in (left, right)]
            unexplained += [f"joined by one side: {package} {one} {other}" for other in together[0] ^ together[1] if other > one]
    held = [sum(len(groups) for package, groups in side.items() if package in names) for side in (mine, theirs)]
    print(f"{label}: {len(names)} packages, {held[0]} vulnerabilities by us, {held[1]} by osv-scanner")
    for cause, count in sorted(counts.items()):
        print(f"    {count:5} {cause}")
    for one in unexplained[:60]:
        print("    UNEXPLAINED " + one)
    assert held[0] > 0 and held[1] > 0, "nothing was found"
    return len(unexplained)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("toolkit")
    parser.add_argument("dir")
    parser.add_argument("data")
    parser.add_argument("--med")
    given = parser.parse_args()
    given.dir, given.toolkit = os.path.abspath(given.dir), os.path.abspath(given.toolkit)
    prepare(given)
    records, wrong = Records(f"{given.dir}/osv"), 0
    corpus = f"{given.data}/corpus/oci"

    def image(label, layout):
        """Compares the Debian packages; returns the language packages that osv-scanner lists."""
        theirs = osv_scanner(given, "image", "--archive", archive(layout, f"{given.dir}/image.tar"))
        mine = ours(given, f"oci-dir:{layout}")
        names = {package: package[1] for package in set(theirs) | set(mine) if package[0] == "deb"}
        return compare(label, records, mine, theirs, names), {package for package in theirs if package[0] != "deb"}

    def languages(label, packages):
        path = f"{given.dir}/{label}.cdx.json"
        names = bill(path, packages)
        return compare(label, records, ours(given, f"sbom:{path}"), osv_scanner(given, "source", "-L", path), names)

    wrong += image("debian-bookworm-dbonly", f"{corpus}/debian-bookworm-dbonly")[0]
    wrong += languages("lang-mini", of_truth(given))
    wrong += languages("drawn", drawn(records))
    if given.med:
        differing, packages = image("med", given.med)
        wrong += differing + languages("med-languages", packages)
    print("every difference has a cause" if not wrong else f"{wrong} differences without a cause")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
