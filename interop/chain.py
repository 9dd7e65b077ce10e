#!/usr/bin/env python3
"""The chain in both directions against the real services: what `toolkit` signs, cosign and sigstore-python accept, and the reverse.

    chain.py TOOLKIT INSTALLED      TOOLKIT is the binary, INSTALLED the folder that install.py filled

Every line is one statement that was tried: `ok` or `FAILED` with what the program said. For each Rekor (v1, v2) and each registry (with
the referrers API, with the fallback tag): image signature, CycloneDX, SPDX and provenance attestations, by certificate and by key. For
each Rekor: message and DSSE bundles of a file, exchanged with sigstore-python. Each accepted thing is also tried with an identity that did
not sign it, and must be refused. Ends with `N passed, N failed`; exit 1 where one failed.
"""
import json, os, subprocess, sys, tempfile

from services import Services

HERE = os.path.dirname(os.path.abspath(__file__))
DEMO = os.path.join(os.path.dirname(HERE), "testdata", "images", "demo")
SIGNER, STRANGER = "dev@example.com", "mallory@example.com"
PROMOTE_POLICY = """version: 1
name: interop-copy
trust: {root: public}
rules:
- id: not-root
  require:
    image: {user: nonRoot}
noMatch: deny
"""


class Chain:
    def __init__(self, toolkit, installed, services, work):
        self.toolkit, self.services, self.work = os.path.abspath(toolkit), services, work
        self.cosign = services.tool("cosign")
        self.sigstore = os.path.join(os.path.abspath(installed), "venv", "bin", "sigstore")
        self.passed = self.failed = 0
        keep = {k: v for k, v in os.environ.items() if not k.startswith(("TOOLKIT_", "COSIGN_", "SIGSTORE_", "GITHUB_", "ACTIONS_"))}
        self.environment = keep | {"HOME": work, "COSIGN_PASSWORD": "", "XDG_CACHE_HOME": os.path.join(work, "cache"), "XDG_DATA_HOME": os.path.join(work, "data")}

    def path(self, name):
        return os.path.join(self.work, name)

    def write(self, name, data):
        with open(self.path(name), "w") as f:
            f.write(data if isinstance(data, str) else json.dumps(data))
        return self.path(name)

    def expect(self, statement, *command, code=0, env=None, said=None):
        """Try one statement. `code` is an exit status, or "refused" for any of 1 to 99; `said` must stand in the output."""
        done = subprocess.run([str(c) for c in command], capture_output=True, env=self.environment | (env or {}), stdin=subprocess.DEVNULL, timeout=120)
        text = (done.stdout + done.stderr).decode(errors="replace")
        good = (0 < done.returncode < 100) if code == "refused" else done.returncode == code
        good = good and (said is None or said in text)
        self.passed, self.failed = self.passed + good, self.failed + (not good)
        print(f"{'ok    ' if good else 'FAILED'} {statement}", flush=True)
        if not good:
            print(f"       $ {' '.join(map(str, command))}\n       exit {done.returncode}, wanted {code}\n       " + text.strip().replace("\n", "\n       ")[-3000:], flush=True)
        return done.stdout

    def identity(self, who=SIGNER):
        return ["--certificate-identity", who, "--certificate-oidc-issuer", self.services.issuer.url]

    def token(self):
        return ["--identity-token", self.services.issuer.email(SIGNER)]

    def keys(self):
        """A PKCS#8 key for us and its public half for cosign; a cosign key pair for the reverse."""
        run = lambda *c: subprocess.run(c, check=True, capture_output=True, cwd=self.work, env=self.environment)
        run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.path("ours.key"))
        run("openssl", "pkey", "-in", self.path("ours.key"), "-pubout", "-out", self.path("ours.pub"))
        run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.path("other.key"))
        run("openssl", "pkey", "-in", self.path("other.key"), "-pubout", "-out", self.path("other.pub"))
        run(self.cosign, "generate-key-pair")

    def prepare(self):
        self.keys()
        self.policy = self.write("copy.yaml", PROMOTE_POLICY)
        self.root = ["--trusted-root", self.services.trusted_root]
        target = f"oci-dir:{DEMO}"
        self.expect("toolkit writes CycloneDX and SPDX of the demo image", self.toolkit, "sbom", target, "-o", f"cyclonedx-json={self.path('sbom.cdx.json')}", "-o", f"spdx-json={self.path('sbom.spdx.json')}")
        with open(os.path.join(DEMO, "index.json")) as f:
            self.digest = json.load(f)["manifests"][0]["digest"]
        self.predicates = {"cyclonedx": self.path("sbom.cdx.json"), "spdxjson": self.path("sbom.spdx.json")}

    def push(self, image):
        self.expect(f"toolkit promotes the demo image to {image}", self.toolkit, "promote", f"oci-dir:{DEMO}", image, "--policy", self.policy)
        return image.rpartition(":")[0] + "@" + self.digest

    def images(self, version, kind, host):
        label, config = f"Rekor v{version}, {kind}", ["--signing-config", self.services.signing_config[version]]
        http = ["--allow-http-registry"]
        ours = self.push(f"{host}/acme/ours-v{version}:1")
        self.expect(f"{label}: toolkit signs", self.toolkit, "sign", ours, *self.token(), *config, *self.root)
        self.expect(f"{label}: toolkit attests CycloneDX and SPDX", self.toolkit, "attest", ours, *self.token(), *config, *self.root,
                    *(x for kind, file in self.predicates.items() for x in ("--predicate", file, "--type", kind)))
        self.expect(f"{label}: toolkit attests provenance", self.toolkit, "attest", "provenance", ours, *self.token(), *config, *self.root)
        self.expect(f"{label}: cosign verifies our signature", self.cosign, "verify", *http, *self.root, *self.identity(), ours)
        self.expect(f"{label}: cosign refuses our signature for another identity", self.cosign, "verify", *http, *self.root, *self.identity(STRANGER), ours, code="refused")
        for predicate in ("cyclonedx", "spdxjson", "slsaprovenance1"):
            self.expect(f"{label}: cosign verifies our {predicate} attestation", self.cosign, "verify-attestation", *http, *self.root, *self.identity(), "--type", predicate, ours)
            self.expect(f"{label}: toolkit verifies our {predicate} attestation", self.toolkit, "verify", ours, *self.root, *self.identity(), "--type", predicate)
        self.expect(f"{label}: toolkit verifies our signature", self.toolkit, "verify", ours, *self.root, *self.identity())
        self.expect(f"{label}: toolkit refuses our signature for another identity", self.toolkit, "verify", ours, *self.root, *self.identity(STRANGER), code=12)

        theirs = self.push(f"{host}/acme/cosign-v{version}:1")
        self.expect(f"{label}: cosign signs", self.cosign, "sign", "-y", *http, *self.token(), *config, *self.root, theirs)
        for predicate, file in self.predicates.items():
            self.expect(f"{label}: cosign attests {predicate}", self.cosign, "attest", "-y", *http, *self.token(), *config, *self.root, "--predicate", file, "--type", predicate, theirs)
            self.expect(f"{label}: toolkit verifies cosign's {predicate} attestation", self.toolkit, "verify", theirs, *self.root, *self.identity(), "--type", predicate)
        self.expect(f"{label}: toolkit verifies cosign's signature", self.toolkit, "verify", theirs, *self.root, *self.identity())
        self.expect(f"{label}: toolkit refuses cosign's signature for another identity", self.toolkit, "verify", theirs, *self.root, *self.identity(STRANGER), code=12)
        self.expect(f"{label}: toolkit finds no provenance where cosign attached none", self.toolkit, "verify", theirs, *self.root, *self.identity(), "--type", "slsaprovenance1", code=14)

        keyed = self.push(f"{host}/acme/keyed-v{version}:1")
        self.expect(f"{label}: toolkit signs with a key", self.toolkit, "sign", keyed, "--key", self.path("ours.key"), *config, *self.root)
        self.expect(f"{label}: cosign verifies our signature by key", self.cosign, "verify", *http, *self.root, "--key", self.path("ours.pub"), keyed)
        self.expect(f"{label}: toolkit verifies our signature by key", self.toolkit, "verify", keyed, *self.root, "--key", self.path("ours.pub"))
        self.expect(f"{label}: toolkit refuses our signature by another key", self.toolkit, "verify", keyed, *self.root, "--key", self.path("other.pub"), code=12)
        cosigned = self.push(f"{host}/acme/cosign-keyed-v{version}:1")
        self.expect(f"{label}: cosign signs with a key", self.cosign, "sign", "-y", *http, "--key", self.path("cosign.key"), *config, *self.root, cosigned)
        self.expect(f"{label}: toolkit verifies cosign's signature by key", self.toolkit, "verify", cosigned, *self.root, "--key", self.path("cosign.pub"))

    def copies(self):
        """Evidence survives promotion between the two kinds of registry, in both directions, and into a layout."""
        a, b = self.services.registries.values()
        for source, target in ((a, b), (b, a)):
            moved = f"{target}/acme/promoted:1"
            self.expect(f"toolkit promotes a signed image from {source} to {target}", self.toolkit, "promote", f"{source}/acme/ours-v2@{self.digest}", moved, "--policy", self.policy)
            pinned = moved.rpartition(":")[0] + "@" + self.digest
            self.expect("cosign verifies the promoted signature", self.cosign, "verify", "--allow-http-registry", *self.root, *self.identity(), pinned)
            self.expect("cosign verifies the promoted provenance", self.cosign, "verify-attestation", "--allow-http-registry", *self.root, *self.identity(), "--type", "slsaprovenance1", pinned)
        layout = f"oci-dir:{self.path('layout')}:1"
        self.expect("toolkit promotes a signed image into a layout", self.toolkit, "promote", f"{a}/acme/ours-v1@{self.digest}", layout, "--policy", self.policy)
        self.expect("toolkit verifies the signature in the layout", self.toolkit, "verify", layout, *self.root, *self.identity())

    def files(self, version):
        config, trust = ["--signing-config", self.services.signing_config[version]], ["--trust-config", self.services.trust_config[version]]
        artifact = self.write("artifact.txt", f"carried in both directions, Rekor v{version}\n")
        predicate = self.write("review.json", {"reviewer": SIGNER, "verdict": "approved"})
        review = "https://example.com/review/v1"
        theirs = ["--cert-identity", SIGNER, "--cert-oidc-issuer", self.services.issuer.url]
        bundle = lambda name: self.path(f"{name}-v{version}.sigstore.json")
        label = f"Rekor v{version}"
        self.expect(f"{label}: toolkit signs a file", self.toolkit, "sign", f"file:{artifact}", "--bundle", bundle("message"), *self.token(), *config, *self.root)
        self.expect(f"{label}: toolkit attests a file", self.toolkit, "attest", f"file:{artifact}", "--bundle", bundle("dsse"), "--predicate", predicate, "--type", review, *self.token(), *config, *self.root)
        for kind in ("message", "dsse"):
            self.expect(f"{label}: sigstore-python accepts our {kind} bundle", self.sigstore, *trust, "verify", "identity", "--bundle", bundle(kind), *theirs, artifact)
        self.expect(f"{label}: sigstore-python signs a file", self.sigstore, *trust, "sign", *self.token(), "--bundle", bundle("python-message"), "--overwrite", artifact)
        self.expect(f"{label}: sigstore-python attests a file", self.sigstore, *trust, "attest", *self.token(), "--bundle", bundle("python-dsse"), "--overwrite",
                    "--predicate", self.provenance(), "--predicate-type", "https://slsa.dev/provenance/v1", artifact)
        verify = [self.toolkit, "verify", f"file:{artifact}", *self.root]
        self.expect(f"{label}: toolkit accepts sigstore-python's message bundle", *verify, *self.identity(), "--bundle", bundle("python-message"))
        self.expect(f"{label}: toolkit accepts sigstore-python's DSSE bundle", *verify, *self.identity(), "--bundle", bundle("python-dsse"), "--type", "slsaprovenance1")
        self.expect(f"{label}: toolkit refuses sigstore-python's bundle for another identity", *verify, *self.identity(STRANGER), "--bundle", bundle("python-message"), code=12)
        other = self.write("other.txt", "another file\n")
        self.expect(f"{label}: toolkit refuses sigstore-python's bundle for another file", self.toolkit, "verify", f"file:{other}", *self.root, *self.identity(), "--bundle", bundle("python-message"), code="refused")

    def provenance(self):
        return self.write("provenance.json", {
            "buildDefinition": {"buildType": "https://example.com/build/v1", "externalParameters": {}},
            "runDetails": {"builder": {"id": "https://example.com/builder"}}})

    def run(self):
        self.prepare()
        for version in (1, 2):
            for kind, host in self.services.registries.items():
                self.images(version, kind, host)
            self.files(version)
        self.copies()
        print(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0


def main():
    toolkit, installed = sys.argv[1:3]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as work, Services(installed, folder) as services:
        return Chain(toolkit, installed, services, work).run()


if __name__ == "__main__":
    sys.exit(main())
