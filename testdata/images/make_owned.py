#!/usr/bin/env python3
"""Make testdata/images/owned: Python packages that Debian's packages own, and the same versions again from pip.

    make_owned.py [OUT]

An OCI layout of two images for linux/amd64: `debian` of the Debian packages below with their dpkg database, and `both` with a second layer of what
`pip install --prefix /opt/app` leaves of the same versions. Of all only what tells packages is kept: the database with its file lists, metadata, copyright files, and os-release. Same package
versions in, same bytes out, as of make_demo.py, whose parts this uses. Needs Debian 12 (apt, dpkg-deb) and Python 3 with pip.
"""
import os, subprocess, sys, tempfile, zipfile

from make_demo import Layer, unpack, write_layout, write_packages

DEBIAN = ["base-files", "python3-jinja2", "python3-urllib3", "python3-requests"]
PIP = ["jinja2==3.1.2", "urllib3==1.26.12", "requests==2.28.1"]
SITE = "opt/app/lib/python3.11/site-packages"


def tells(name):
    """Whether a file says what is installed, or under which licence."""
    metadata = (".egg-info", ".egg-info/PKG-INFO", ".dist-info/METADATA", ".dist-info/RECORD", ".dist-info/INSTALLER")
    return name.startswith("var/lib/dpkg/") or name.endswith(metadata) or name.endswith("/copyright") or name.endswith("/os-release")


def main():
    out = sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(os.path.abspath(__file__)), "owned")
    system, pip = Layer(), Layer()
    with tempfile.TemporaryDirectory() as work:
        used = unpack(DEBIAN, work, system, {})
        system.entries = {name: entry for name, entry in system.entries.items() if tells(name)}
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "-d", f"{work}/wheels", *PIP], check=True)
        for wheel in sorted(os.listdir(f"{work}/wheels")):
            with zipfile.ZipFile(f"{work}/wheels/{wheel}") as archive:
                for name in archive.namelist():
                    if tells(name) or ".dist-info/LICENSE" in name:
                        pip.add_file(f"{SITE}/{name}", archive.read(name))
            used.append(wheel)
    base, second = ("debian packages", system), ("pip install --prefix /opt/app " + " ".join(PIP), pip)
    write_packages(out, used, *write_layout(out, {"debian": [base], "both": [base, second]}, {"User": "1000:1000"}))


if __name__ == "__main__":
    main()
