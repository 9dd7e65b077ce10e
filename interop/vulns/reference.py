#!/usr/bin/env python3
"""Compare `toolkit scan` with a slow matcher, for the feeds that osv-scanner cannot read: Alpine's and Wolfi's secdb, Ubuntu's tracker, Amazon's updateinfo.

    reference.py TOOLKIT DIR DATA

It is written from the feeds' own descriptions on their own files, and compares versions with the distributions' own tools: apk of an Alpine image of
DATA (a chroot, so as root), dpkg, and rpm (Debian's python3-rpm). Asked about are packages drawn from each release of each feed, at versions that the feed
names for them and at none, and the packages of the corpus images. For every package the vulnerabilities of both must be the same. Work files go to DIR.
"""
import collections, functools, gzip, io, json, os, random, re, shutil, subprocess, sys, tarfile, time, urllib.parse, xml.etree.ElementTree as xml

HERE = os.path.dirname(os.path.abspath(__file__))
RPM_JUDGE = os.path.join(HERE, "../../testdata/versions/judges/rpm_labels.py")
DRAWN = 40  # packages of each release
CODENAMES = {"trusty": "14.04", "xenial": "16.04", "bionic": "18.04", "focal": "20.04", "jammy": "22.04", "noble": "24.04"}


def members(path):
    unpacked = subprocess.Popen(["zstd", "-dc", "--long=27", path], stdout=subprocess.PIPE)
    with tarfile.open(fileobj=unpacked.stdout, mode="r|") as tar:
        for member in tar:
            if member.isfile():
                yield member.name, tar.extractfile(member).read()
    unpacked.wait()


# apk-package(5), "Package version", and what apk itself takes besides: digits behind a letter, and a dot with none.
APK = re.compile(r"\d+(\.(\d+|(?![a-z\d]))|[a-z]\.?\d+)*[a-z]?(_(alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*(~[0-9a-f]+)?(-r\d+)?")


# Version orders: each asks its distribution's tool about all pairs at once, and keeps the answers.
class Order:
    def __init__(self, ask):
        self.ask, self.known = ask, {}

    def prepare(self, pairs):
        wanted = sorted(set(pairs) - self.known.keys())
        said = self.ask(wanted)
        assert len(said) == len(wanted), (len(said), len(wanted))
        self.known.update(zip(wanted, said))

    def before(self, left, right):
        return self.known[left, right] == "<"


def apk(root, pairs):
    loop = "while read -r left right; do apk version -t \"$left\" \"$right\"; done"
    run = subprocess.run(["chroot", root, "/bin/sh", "-c", loop], input="".join(f"{a} {b}\n" for a, b in pairs), stdout=subprocess.PIPE, text=True, check=True)
    return run.stdout.split()


def dpkg(pairs):
    return ["<" if subprocess.run(["dpkg", "--compare-versions", a, "lt", b], stderr=subprocess.DEVNULL).returncode == 0 else ">=" for a, b in pairs]


def rpm(pairs):
    run = subprocess.run(["/usr/bin/python3", RPM_JUDGE], input="".join(f"{a}\t{b}\n" for a, b in pairs), stdout=subprocess.PIPE, text=True, check=True)
    return run.stdout.split()


# The feeds: (release, package) → statements. A statement is (id, word, version, more): `fixed` at version, `not` at none, `pockets` by channel.
def secdb(path, wanted):
    found = collections.defaultdict(list)
    for name, data in members(path):
        if not wanted(name):
            continue
        document = json.loads(data)
        for entry in document["packages"]:
            for version, entries in (entry["pkg"].get("secfixes") or {}).items():
                for line in entries or []:
                    words = line.split("(")[0].split()
                    cves = [f"CVE-{year}-{number}" for word in words for year, number in re.findall(r"^CVE[-_](\d{4})-(\d{4,})", word)]
                    ids = cves or [word for word in words if re.fullmatch(r"[A-Za-z][A-Za-z0-9._:+-]*", word) and (word.startswith("GHSA-") or re.search(r"\d", word))]
                    for id in ids:
                        word = "not" if version == "0" else "fixed"
                        found[document.get("distroversion", "").removeprefix("v"), entry["pkg"]["name"]].append((id, word, version, "apk"))
    return found


# Pockets of one channel, the later ones first: each goes on where the one behind it ended.
INFRA = ("esm-infra-legacy", "esm-infra", "esm")


def ubuntu(path):
    """A statement is (id, `pockets`, None, {channel: (word, version)})."""
    found = collections.defaultdict(list)
    for _, data in members(path):
        document = json.loads(data)
        words = collections.defaultdict(dict)
        for pocket, packages in document["packages"].items():
            channel, _, codename = pocket.rpartition("/")
            if codename == "esm":
                channel, codename = "esm", pocket.split("/")[0]
            if codename not in CODENAMES or channel not in ("", "esm-apps", *INFRA):
                continue
            for source, it in packages.items():
                status, note = it["status"], (it.get("note") or "").strip()
                # Which versions are affected: those before one, all, or none.
                if status == "released" or (status == "pending" and re.match(r"\d", note)):
                    word = ("before", note)
                elif status == "not-affected" and channel and re.fullmatch(r"\d[A-Za-z0-9.+~:-]*", note):
                    word = ("before", note)
                elif status in ("not-affected", "DNE"):
                    word = ("none", None)
                else:
                    word = ("all", None)
                if not (status == "DNE" and channel):
                    words[CODENAMES[codename], source][channel] = (*word, status)
        for key, by_channel in words.items():
            infra = next((by_channel[name] for name in INFRA if name in by_channel), None)
            channels = {"base": by_channel.get(""), "infra": infra, "apps": by_channel.get("esm-apps")}
            found[key].append((document["candidate"], "pockets", None, {name: word for name, word in channels.items() if word}))
    return found


def of_pockets(order, version, channels):
    """Whether a version is affected; `None` where a fix is no version."""
    base, pro = channels.get("base"), [channels[name] for name in ("infra", "apps") if name in channels]
    if base and base[0] == "none":
        return False
    # Who looks after the release when its support has ended knows better, but not of what the base release itself fixed.
    if any(word == "none" for word, *_ in pro) and not (base and base[2] == "released"):
        return False
    answers = [word == "all" or (word == "before" and before(order, version, fixed)) for word, fixed, _ in [*([base] if base else []), *pro]]
    if any(word == "before" and valid_deb(fixed) and not order.before(version, fixed) for word, fixed, _ in pro):
        return False
    return True if True in answers else None if None in answers else False


def valid_deb(version):
    return bool(re.fullmatch(r"(\d+:)?\d[A-Za-z0-9.+~:-]*", version or ""))


def before(order, version, fixed):
    return order.before(version, fixed) if valid_deb(fixed) else None


def amazon(path):
    found = collections.defaultdict(list)
    for _, data in members(path):
        for update in xml.fromstring(data).iter("update"):
            cves = sorted({r.get("id") for r in update.iter("reference") if r.get("type") == "cve" and re.fullmatch(r"CVE-\d+-\d+", r.get("id"))}) or [update.findtext("id").strip()]
            for collection in update.iter("collection"):
                name, _, topic = collection.get("short").partition("---")
                release = {"amazon-linux-ami": "1", "amazon-linux": "1", "amazon-linux-2": "2", "amazon-linux-2022": "2022", "amazon-linux-2023": "2023"}[name]
                # A repository named after a version (`kernel-5.10`) is for packages of that version.
                stream = re.search(r"[0-9.]*$", topic)[0]
                for package in collection.iter("package"):
                    version, epoch = package.get("version"), package.get("epoch") or "0"
                    begins = f"{epoch}:{stream}" if stream and (version == stream or version.startswith(stream + ".")) else None
                    for id in cves:
                        found[release, package.get("name")].append((id, "fixed", f"{epoch}:{version}-{package.get('release')}", (package.get("arch"), begins)))
    return found


def expected(order, statements, version, architecture):
    """The ids that hold for an installed version."""
    held, denied = set(), set()
    for id, word, fixed, more in statements:
        if word == "pockets":
            answer = of_pockets(order, version, more)
            held |= {id} if answer else {f"undetermined {id}"} if answer is None else set()
        elif word == "not":
            denied.add(id)
        elif more == "apk" and not APK.fullmatch(fixed):
            held.add(f"undetermined {id}")
        elif isinstance(more, tuple):
            arch, begins = more
            if arch not in (architecture, "noarch") or (begins and order.before(version, begins)):
                continue
            if order.before(version, fixed):
                held.add(id)
        elif order.before(version, fixed):
            held.add(id)
    return {id for id in held if id.removeprefix("undetermined ") not in denied and not (id.startswith("undetermined ") and id[13:] in held)}


def pairs(statements, version):
    for _, word, fixed, more in statements:
        if word == "pockets":
            yield from ((version, fixed) for _, fixed, _ in more.values() if fixed and valid_deb(fixed))
        if word == "fixed":
            yield version, fixed
            if isinstance(more, tuple) and more[1]:
                yield version, more[1]


def drawn(feed, releases, purl):
    """Packages of each release at two versions that the feed names for them somewhere, and at one before all."""
    rng = random.Random("reference 1")
    versions = collections.defaultdict(set)
    for (_, name), statements in feed.items():
        for _, word, fixed, more in statements:
            versions[name].update([fixed] if word == "fixed" else [v for _, v, _ in more.values() if v and valid_deb(v)] if word == "pockets" else [])
    for release in releases:
        names = sorted(name for of, name in feed if of == release and versions[name])
        for name in rng.sample(names, min(DRAWN, len(names))):
            for version in {*rng.sample(sorted(versions[name]), min(2, len(versions[name]))), "0.0.1"}:
                if re.fullmatch(r"[0-9][A-Za-z0-9.+~_:-]*", version) and ("alpine" not in purl(release, name, version) or APK.fullmatch(version)):
                    yield (release, name, version), purl(release, name, version)


def scanned(toolkit, folder, database, purls):
    """Package URL → what is held against it."""
    path = f"{folder}/reference.purls"
    with open(path, "w") as file:
        file.write("\n".join(purls) + "\n")
    run = subprocess.run([toolkit, "-q", "scan", f"sbom:{path}", "--db", database, "-o", "json"], stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, "TOOLKIT_DATA": f"{folder}/data"})
    document = json.loads(run.stdout)
    found = collections.defaultdict(set)
    for item in document["findings"]:
        found[item["package"]["purl"]].add(item["id"])
    for item in document["undetermined"]:
        found[item["package"]["purl"]].add("undetermined " + item["id"])
    return found, document


def compare(given, label, order, feed, asked, database):
    """`asked`: (release, name in the feed, version, architecture) by package URL."""
    toolkit, folder = given
    order.prepare(pair for (release, name, version, _) in asked.values() for pair in pairs(feed.get((release, name), ()), version))
    found, document = scanned(toolkit, folder, database, asked)
    wrong, held = [], 0
    for purl, (release, name, version, architecture) in asked.items():
        want = expected(order, feed.get((release, name), ()), version, architecture)
        got = found.get(purl, set())
        held += len(want)
        wrong += [f"{purl}: only the reference has {id}" for id in sorted(want - got)] + [f"{purl}: only toolkit has {id}" for id in sorted(got - want)]
    print(f"{label}: {len(asked)} packages, {held} vulnerabilities, {len(wrong)} differences", flush=True)
    for one in wrong[:40]:
        print("    " + one)
    assert held > 0, "nothing was found"
    return len(wrong)


def rootfs(layout, root):
    """Unpacks the layers of an image for its tools."""
    if os.path.exists(root):
        return root
    blob = lambda descriptor: os.path.join(layout, "blobs", descriptor["digest"].replace(":", "/"))
    document = json.load(open(f"{layout}/index.json"))
    while "manifests" in document:
        of_host = [m for m in document["manifests"] if m.get("platform", {}).get("architecture", "amd64") == "amd64"]
        document = json.load(open(blob(of_host[0])))
    for layer in document["layers"]:
        with gzip.open(blob(layer)) as bytes, tarfile.open(fileobj=bytes) as tar:
            tar.extractall(root, filter="tar")
    return root


def main():
    toolkit, folder, data = (os.path.abspath(path) for path in sys.argv[1:4])
    given, packs, wrong = (toolkit, folder), f"{data}/data/advisories", 0
    os.makedirs(folder, exist_ok=True)
    root = rootfs(f"{data}/corpus/oci/alpine-3.20.3-multiarch", f"{folder}/alpine")
    orders = {"apk": Order(functools.partial(apk, root)), "deb": Order(dpkg), "rpm": Order(rpm)}
    # Of Wolfi only the secdb: its own advisories say the same in another form, and more.
    feeds = {
        "alpine-secdb": secdb(f"{packs}/alpine-secdb.tar.zst", lambda name: name.endswith(".json")),
        "wolfi-secdb": secdb(f"{packs}/wolfi-chainguard.tar.zst", lambda name: name.startswith("secdb/")),
        "ubuntu-sample": ubuntu(f"{packs}/ubuntu-sample.tar.zst"),
        "amazon-sample": amazon(f"{packs}/amazon-sample.tar.zst"),
    }
    source = f"{folder}/reference-feeds"
    shutil.rmtree(source, ignore_errors=True)
    os.makedirs(source)
    for name in ("alpine-secdb", "ubuntu-sample", "amazon-sample"):
        shutil.copy(f"{packs}/{name}.tar.zst", source)
    for name, bytes in members(f"{packs}/wolfi-chainguard.tar.zst"):
        if name.startswith("secdb/"):
            with open(f"{source}/wolfi.json", "wb") as file:
                file.write(bytes)
    database = f"{folder}/reference-db"
    shutil.rmtree(database, ignore_errors=True)
    subprocess.run([toolkit, "-q", "db", "build", source, "-o", database], check=True, env={**os.environ, "TOOLKIT_DATA": f"{folder}/data"})

    quote = lambda text: urllib.parse.quote(text, safe="").replace("%3A", ":")
    writers = {
        "alpine-secdb": lambda release, name, version: f"pkg:apk/alpine/{quote(name.lower())}@{quote(version)}?distro=alpine-{release}",
        "wolfi-secdb": lambda release, name, version: f"pkg:apk/wolfi/{quote(name.lower())}@{quote(version)}",
        "ubuntu-sample": lambda release, name, version: f"pkg:deb/ubuntu/{quote(name)}@{quote(version)}?distro=ubuntu-{release}",
        "amazon-sample": lambda release, name, version: f"pkg:rpm/amzn/{quote(name)}@{quote(version.split(':')[-1])}?arch=x86_64&distro=amzn-{release}" + (f"&epoch={version.split(':')[0]}" if ":" in version else ""),
    }
    for label, feed in feeds.items():
        releases = sorted({release for release, _ in feed} - {"edge"})
        asked = {purl: (*package, "x86_64") for package, purl in drawn(feed, releases, writers[label])}
        wrong += compare(given, label, orders[writers[label]("", "", "").split("/")[0].removeprefix("pkg:")], feed, asked, database)
    for image, label, release in (("alpine-3.20.3-zstd", "alpine-secdb", "3.20"), ("alpine-3.6.5", "alpine-secdb", "3.6"), ("amazonlinux-2023-dbonly", "amazon-sample", "2023")):
        wrong += of_image(given, image, label, release, feeds[label], orders, database, data)
    print("both find the same" if not wrong else f"{wrong} differences")
    return 1 if wrong else 0


def of_image(given, image, label, release, feed, orders, database, data):
    """The packages of an image as the corpus' own inventory has them, against the scan of the image."""
    toolkit, folder = given
    truth = json.load(open(f"{data}/corpus/truth/{image}.json"))
    ty = {"alpine-secdb": "apk"}.get(label, "rpm")
    order = orders[ty]
    packages = [p for p in truth["packages"] if p["type"] == ty]
    name = lambda p: p.get("source", p["name"]) if ty == "apk" else p["name"]
    order.prepare(pair for p in packages for pair in pairs(feed.get((release, name(p)), ()), p["version"]))
    run = subprocess.run([toolkit, "-q", "scan", f"oci-dir:{data}/corpus/oci/{image}", "--db", database, "-o", "json"], stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, "TOOLKIT_DATA": f"{folder}/data"})
    got = {(item["package"]["name"], item["id"]) for item in json.loads(run.stdout)["findings"]}
    want = {(p["name"], id) for p in packages for id in expected(order, feed.get((release, name(p)), ()), p["version"], p.get("arch"))}
    print(f"{image}: {len(packages)} packages, {len(want)} vulnerabilities, {len(want ^ got)} differences", flush=True)
    for one in sorted(want ^ got)[:40]:
        print(f"    only {'the reference' if one in want else 'toolkit'} has {one}")
    return len(want ^ got)


if __name__ == "__main__":
    sys.exit(main())
