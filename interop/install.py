#!/usr/bin/env python3
"""Install by name what the interop run talks to: the Sigstore services and cosign with Go, our registry, sigstore-python with pip.

    install.py DIR      binaries into DIR/bin, a Python environment into DIR/venv; what is there already is kept

Versions are the newest that build with Go 1.26. MariaDB (for Trillian) and docker-registry come from Debian's packages.
"""
import os, shutil, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
GO = {  # program → module, and the name that `go install` gives it where that differs
    "fulcio": ("github.com/sigstore/fulcio@v1.8.8", None),
    "rekor-tiles": ("github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix@v2.3.0", "posix"),
    "timestamp-server": ("github.com/sigstore/timestamp-authority/v2/cmd/timestamp-server@v2.1.2", None),
    "cosign": ("github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3", None),
    "rekor-server": ("github.com/sigstore/rekor/cmd/rekor-server@v1.5.4", None),
    "trillian_log_server": ("github.com/google/trillian/cmd/trillian_log_server@v1.8.0", None),
    "trillian_log_signer": ("github.com/google/trillian/cmd/trillian_log_signer@v1.8.0", None),
    "createtree": ("github.com/google/trillian/cmd/createtree@v1.8.0", None),
    "ct_server": ("github.com/google/certificate-transparency-go/trillian/ctfe/ct_server@v1.4.0", None),
}
DEBIAN = {"mariadbd": "mariadb-server", "docker-registry": "docker-registry"}
PYTHON = ["sigstore==4.5.1"]


def program(name):
    """A program on the path, or where Debian keeps servers."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/bin")


def main():
    root = os.path.abspath(sys.argv[1])
    bin = os.path.join(root, "bin")
    os.makedirs(bin, exist_ok=True)
    for name, (module, built) in GO.items():
        target = os.path.join(bin, name)
        if os.path.exists(target):
            continue
        start = time.time()
        subprocess.run(["go", "install", module], check=True, env={**os.environ, "GOBIN": bin, "CGO_ENABLED": "0", "GOFLAGS": "-trimpath"})
        if built:
            os.rename(os.path.join(bin, built), target)
        print(f"{name}: {module}, {time.time() - start:.0f} s", flush=True)
    subprocess.run(["go", "build", "-trimpath", "-o", os.path.join(bin, "registry"), "."], check=True, cwd=os.path.join(HERE, "registry"), env={**os.environ, "CGO_ENABLED": "0"})
    missing = [package for name, package in DEBIAN.items() if not program(name)]
    if missing:
        quiet = {"env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-qq"], check=True, **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], check=True, **quiet)
        print("Debian: " + " ".join(missing), flush=True)
    python = os.path.join(root, "venv", "bin", "python")
    if not os.path.exists(python):
        subprocess.run([sys.executable, "-m", "venv", os.path.join(root, "venv")], check=True)
    subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PYTHON], check=True)


if __name__ == "__main__":
    main()
