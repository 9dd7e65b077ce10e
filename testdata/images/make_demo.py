#!/usr/bin/env python3
"""Make testdata/images/demo, the small real image that `toolkit lab demo` and the tests carry through the chain.

    make_demo.py [OUT]

An OCI layout for linux/amd64 of two layers: a base of Debian packages without a shell of its own, and an application layer of
Debian's Python packages. Files come from `apt-get download` of the packages below and are unpacked with `dpkg-deb`; the dpkg
database is written from their own control files, as `dpkg --unpack` would. Documentation, locales and message catalogues are left
out, copyright files stay. Needs Debian 12 (apt, dpkg-deb) and Python 3.

Same package versions in, same bytes out: names sorted, times fixed, gzip without a name or a time. The versions used are printed and
written to demo.packages beside the layout; a newer Debian point release makes a newer image.
"""
import gzip, hashlib, io, json, os, shutil, stat, subprocess, sys, tarfile, tempfile

BASE = ["base-files", "netbase", "busybox-static", "media-types"]
APPLICATION = ["python3-urllib3", "python3-six", "python3-idna"]
LEFT_OUT = ("usr/share/doc/", "usr/share/man/", "usr/share/locale/", "usr/share/lintian/", "usr/share/info/")
# 2026-01-01T00:00:00Z: a fixed time keeps the bytes independent of the day the script ran.
CREATED, EPOCH = "2026-01-01T00:00:00Z", 1767225600


def sh(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout


def kept(name):
    return not name.startswith(LEFT_OUT) or name.endswith("/copyright")


class Layer:
    """The entries of one layer by name; written sorted, so that the bytes depend on the content alone."""

    def __init__(self):
        self.entries = {}

    def add_file(self, name, data, mode=0o644):
        self.entries[name] = ("file", data, mode)

    def add_tree(self, root):
        for folder, folders, files in os.walk(root):
            for entry in folders + files:
                path = os.path.join(folder, entry)
                name = os.path.relpath(path, root)
                info = os.lstat(path)
                if stat.S_ISLNK(info.st_mode):
                    if kept(name):
                        self.entries[name] = ("link", os.readlink(path), 0o777)
                elif stat.S_ISDIR(info.st_mode):
                    if not (name + "/").startswith(LEFT_OUT):
                        self.entries[name] = ("folder", None, stat.S_IMODE(info.st_mode))
                elif kept(name):
                    with open(path, "rb") as f:
                        self.add_file(name, f.read(), stat.S_IMODE(info.st_mode))

    def tar(self):
        for name in list(self.entries):
            parent = os.path.dirname(name)
            while parent:
                self.entries.setdefault(parent, ("folder", None, 0o755))
                parent = os.path.dirname(parent)
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name, (kind, value, mode) in sorted(self.entries.items()):
                info = tarfile.TarInfo(name)
                info.mtime, info.mode = EPOCH, mode
                if kind == "folder":
                    info.type = tarfile.DIRTYPE
                    tar.addfile(info)
                elif kind == "link":
                    info.type, info.linkname = tarfile.SYMTYPE, value
                    tar.addfile(info)
                else:
                    info.size = len(value)
                    tar.addfile(info, io.BytesIO(value))
        return out.getvalue()


def unpack(packages, work, layer, status):
    """Download and unpack each package into `layer`; add its stanza to `status` and its file list to the database."""
    used = []
    for package in packages:
        folder = os.path.join(work, package)
        os.makedirs(folder)
        sh("apt-get", "-o", "APT::Sandbox::User=root", "download", "-qq", package, cwd=folder)
        archive = os.path.join(folder, next(f for f in os.listdir(folder) if f.endswith(".deb")))
        root, control = os.path.join(folder, "root"), os.path.join(folder, "control")
        sh("dpkg-deb", "-x", archive, root)
        sh("dpkg-deb", "-e", archive, control)
        layer.add_tree(root)
        with open(os.path.join(control, "control"), encoding="utf-8") as f:
            stanza = f.read().rstrip("\n").split("\n")
        fields = dict(line.split(": ", 1) for line in stanza if ": " in line and not line.startswith(" "))
        stanza.insert(1, "Status: install ok installed")
        status[package] = "\n".join(stanza) + "\n"
        names = sorted(os.path.relpath(os.path.join(d, x), root) for d, ds, fs in os.walk(root) for x in ds + fs)
        owner = f"{package}:{fields['Architecture']}" if fields.get("Multi-Arch") == "same" else package
        listing = "/.\n" + "".join(f"/{name}\n" for name in names)
        layer.add_file(f"var/lib/dpkg/info/{owner}.list", listing.encode())
        sums = os.path.join(control, "md5sums")
        if os.path.exists(sums):
            with open(sums, "rb") as f:
                layer.add_file(f"var/lib/dpkg/info/{owner}.md5sums", f.read())
        used.append(f"{package} {fields['Version']} {fields['Architecture']}")
    database = "\n".join(status[name] for name in sorted(status))
    layer.add_file("var/lib/dpkg/status", database.encode())
    return used


def write_layout(out, images, config):
    """Writes images, each of layers with what they are from, as an OCI layout for linux/amd64; returns the manifests' digests and the size of all."""
    shutil.rmtree(out, ignore_errors=True)
    blobs = os.path.join(out, "blobs", "sha256")
    os.makedirs(blobs)

    def blob(data, media_type):
        digest = hashlib.sha256(data).hexdigest()
        with open(os.path.join(blobs, digest), "wb") as f:
            f.write(data)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    def document(value):
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()

    manifests = []
    for name, layers in images.items():
        packed, diff_ids, history = [], [], []
        for step, layer in layers:
            plain = layer.tar()
            diff_ids.append("sha256:" + hashlib.sha256(plain).hexdigest())
            packed.append(blob(gzip.compress(plain, 9, mtime=0), "application/vnd.oci.image.layer.v1.tar+gzip"))
            history.append({"created": CREATED, "created_by": step})
        whole = blob(document({
            "created": CREATED, "architecture": "amd64", "os": "linux", "history": history, "config": config,
            "rootfs": {"type": "layers", "diff_ids": diff_ids}}), "application/vnd.oci.image.config.v1+json")
        manifest = blob(document({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": whole, "layers": packed}),
                        "application/vnd.oci.image.manifest.v1+json")
        manifests.append(manifest | {"platform": {"architecture": "amd64", "os": "linux"}, "annotations": {"org.opencontainers.image.ref.name": name}})
    with open(os.path.join(out, "index.json"), "wb") as f:
        f.write(document({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": manifests}))
    with open(os.path.join(out, "oci-layout"), "wb") as f:
        f.write(b'{"imageLayoutVersion":"1.0.0"}')
    return [manifest["digest"] for manifest in manifests], sum(os.path.getsize(os.path.join(blobs, name)) for name in os.listdir(blobs))


def write_packages(out, used, digests, size):
    """Notes the packages beside the layout."""
    with open(out.rstrip("/") + ".packages", "w", encoding="utf-8") as f:
        f.write("\n".join(used) + "\n")
    print("\n".join(used), f"{out}: {size / 1e6:.2f} MB, {' '.join(digests)}", sep="\n")


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "demo")
    layers, used, status = [], [], {}
    with tempfile.TemporaryDirectory() as work:
        for step, packages in [("debian packages: base", BASE), ("debian packages: application", APPLICATION)]:
            layer = Layer()
            used += unpack(packages, work, layer, status)
            if not layers:
                layer.add_file("etc/passwd", b"root:x:0:0:root:/root:/usr/sbin/nologin\napp:x:1000:1000::/srv:/usr/sbin/nologin\n")
                layer.add_file("etc/group", b"root:x:0:\napp:x:1000:\n")
            layers.append((step, layer))
    config = {"User": "1000:1000", "Cmd": ["/bin/busybox", "httpd", "-f"], "WorkingDir": "/srv", "Labels": {"org.opencontainers.image.title": "toolkit demo"}}
    write_packages(out, used, *write_layout(out, {"demo": layers}, config))


if __name__ == "__main__":
    main()
