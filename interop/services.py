"""The real Sigstore services and two registries on loopback, for the length of a `with` block.

`Services(DIR)` expects what install.py put into DIR. Keys are made new on each start and everything is written below a temporary
folder. Only 127.0.0.1 is listened on. Rekor v1 and the CT log need Trillian, which needs an SQL server: a private MariaDB runs beside them.
"""
import base64, hashlib, http.server, json, os, signal, socket, subprocess, threading, time, urllib.error, urllib.request

from install import program

START = "2020-01-01T00:00:00Z"
ACTIONS_REPOSITORY = "acme/widget"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n  exit {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def url64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Issuer:
    """An OpenID Connect issuer with e-mail tokens at its root and GitHub-shaped ones below /github."""

    def __init__(self, folder):
        self.key = os.path.join(folder, "oidc.pem")
        run("openssl", "genrsa", "-out", self.key, "2048")
        modulus = run("openssl", "rsa", "-in", self.key, "-noout", "-modulus").decode().strip().split("=")[1]
        keys = {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "interop", "e": "AQAB", "n": url64(bytes.fromhex(modulus))}]}
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = self.path.partition("?")[0]
                base = issuer.url + ("/github" if path.startswith("/github") else "")
                answers = {
                    "/keys": keys,
                    "/actions": {"value": issuer.github()} if path == "/actions" else None,
                    "/.well-known/openid-configuration": {
                        "issuer": base, "jwks_uri": issuer.url + "/keys", "authorization_endpoint": base + "/auth", "token_endpoint": base + "/token",
                        "response_types_supported": ["id_token"], "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"]},
                }
                body = answers.get(path.removeprefix("/github"))
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def token(self, claims):
        now = int(time.time())
        claims = {"aud": "sigstore", "iat": now - 5, "nbf": now - 5, "exp": now + 600, **claims}
        head = ".".join(url64(json.dumps(x).encode()) for x in ({"alg": "RS256", "kid": "interop", "typ": "JWT"}, claims))
        return head + "." + url64(run("openssl", "dgst", "-sha256", "-sign", self.key, input=head.encode()))

    def email(self, address):
        return self.token({"iss": self.url, "sub": address, "email": address, "email_verified": True})

    def github(self, repository=ACTIONS_REPOSITORY):
        commit = hashlib.sha1(repository.encode()).hexdigest()
        workflow = f"{repository}/.github/workflows/release.yml@refs/heads/main"
        return self.token({
            "iss": self.url + "/github", "sub": f"repo:{repository}:ref:refs/heads/main", "repository": repository, "ref": "refs/heads/main", "sha": commit,
            "repository_owner": repository.split("/")[0], "repository_id": "1001", "repository_owner_id": "2002", "repository_visibility": "public",
            "workflow": "release", "workflow_ref": workflow, "workflow_sha": commit, "job_workflow_ref": workflow, "job_workflow_sha": commit,
            "event_name": "push", "runner_environment": "github-hosted", "run_id": "42", "run_attempt": "1"})


class Services:
    """Starts everything on entry, stops it on exit. Attributes: issuer, trusted_root, signing_config[1|2], trust_config[1|2], registries."""

    def __init__(self, installed, folder):
        self.bin, self.folder, self.processes = os.path.join(os.path.abspath(installed), "bin"), os.path.abspath(folder), []

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def tool(self, name):
        return os.path.join(self.bin, name)

    def start(self, name, *command, env=None):
        log = open(self.path("logs", name + ".log"), "wb")
        self.processes.append((name, subprocess.Popen([str(c) for c in command], stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, env={**os.environ, **(env or {})})))

    def wait(self, name, port, path=None, seconds=60):
        """Until the port accepts, or with a path until it answers; the body. A process that ended is reported with its log."""
        end = time.time() + seconds
        while time.time() < end:
            ended = [n for n, p in self.processes if p.poll() is not None]
            if ended:
                raise SystemExit(f"{ended[0]} ended:\n{open(self.path('logs', ended[0] + '.log'), errors='replace').read()[-2000:]}")
            try:
                if path is None:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    return b""
                return urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2).read()
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    return error.read()
            except OSError:
                pass
            time.sleep(0.1)
        raise SystemExit(f"{name} did not answer on port {port} within {seconds} s")

    def keys(self):
        key = lambda name: self.path("keys", name)
        run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key("ca.plain"))
        run("openssl", "req", "-x509", "-new", "-key", key("ca.plain"), "-sha256", "-days", "30", "-subj", "/O=interop/CN=fulcio",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-addext", "basicConstraints=critical,CA:TRUE,pathlen:1", "-out", key("ca.crt"))
        run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key("ct.plain"))
        for name in ("ca", "ct"):  # both services want an encrypted key
            run("openssl", "ec", "-in", key(name + ".plain"), "-aes256", "-passout", "pass:interop", "-out", key(name + ".key"))
        run("openssl", "ec", "-in", key("ct.plain"), "-pubout", "-out", key("ct.pub"))
        run("openssl", "genpkey", "-algorithm", "ed25519", "-out", key("rekor2.key"))
        run("openssl", "pkey", "-in", key("rekor2.key"), "-pubout", "-out", key("rekor2.pub"))
        return key

    def trillian(self):
        """MariaDB and Trillian; the ports of the log server."""
        sql, socket_path = free_port(), self.path("sql.sock")
        run(program("mariadb-install-db"), "--no-defaults", f"--datadir={self.path('sql')}", "--auth-root-authentication-method=normal", "--skip-test-db", "--user=root")
        self.start("mariadb", program("mariadbd"), "--no-defaults", f"--datadir={self.path('sql')}", f"--socket={socket_path}", "--bind-address=127.0.0.1", f"--port={sql}",
                   "--user=root", f"--pid-file={self.path('sql.pid')}", "--innodb-flush-log-at-trx-commit=0")
        self.wait("mariadb", sql)
        module = json.loads(run("go", "mod", "download", "-json", "github.com/google/trillian@v1.8.0"))["Dir"]
        with open(os.path.join(module, "storage/mysql/schema/storage.sql"), "rb") as schema:
            statements = b"CREATE DATABASE trillian; CREATE USER 'log'@'127.0.0.1' IDENTIFIED BY 'log'; GRANT ALL ON trillian.* TO 'log'@'127.0.0.1'; CREATE USER 'log'@'localhost' IDENTIFIED BY 'log'; GRANT ALL ON trillian.* TO 'log'@'localhost'; USE trillian;\n"
            run("mariadb", "--no-defaults", f"--socket={socket_path}", "-uroot", input=statements + schema.read())
        common = ["--storage_system=mysql", f"--mysql_uri=log:log@tcp(127.0.0.1:{sql})/trillian", "--quota_system=noop"]
        rpc = free_port()
        self.start("trillian-server", self.tool("trillian_log_server"), *common, f"--rpc_endpoint=127.0.0.1:{rpc}", f"--http_endpoint=127.0.0.1:{free_port()}")
        self.start("trillian-signer", self.tool("trillian_log_signer"), *common, f"--rpc_endpoint=127.0.0.1:{free_port()}", f"--http_endpoint=127.0.0.1:{free_port()}",
                   "--force_master", "--batch_size=1000", "--sequencer_guard_window=0", "--sequencer_interval=200ms")
        self.wait("trillian-server", rpc)
        return rpc

    def tree(self, rpc):
        return run(self.tool("createtree"), f"--admin_server=127.0.0.1:{rpc}").decode().split()[-1]

    def __enter__(self):
        try:
            self.up()
        except BaseException:
            self.__exit__()
            raise
        return self

    def up(self):
        for name in ("logs", "keys", "registry"):
            os.makedirs(self.path(name), exist_ok=True)
        key = self.keys()
        self.issuer = Issuer(self.path("keys"))
        tsa, ct, rekor1, rekor2, fulcio = (free_port() for _ in range(5))
        # Before Rekor v1: both insist on the metrics port 2112, and only this one stops where it is taken.
        self.start("tsa", self.tool("timestamp-server"), "serve", "--host=127.0.0.1", f"--port={tsa}", "--scheme=http", "--timestamp-signer=memory", "--disable-ntp-monitoring")
        with open(key("tsa.pem"), "wb") as f:
            f.write(self.wait("tsa", tsa, "/api/v1/timestamp/certchain"))
        rpc = self.trillian()
        with open(self.path("ct.cfg"), "w") as f:
            f.write(f'config {{ log_id: {self.tree(rpc)} prefix: "ct" roots_pem_file: "{key("ca.crt")}" ext_key_usages: "CodeSigning" '
                    f'private_key: {{ [type.googleapis.com/keyspb.PEMKeyFile] {{ path: "{key("ct.key")}" password: "interop" }} }} }}\n')
        self.start("ct", self.tool("ct_server"), f"--log_config={self.path('ct.cfg')}", f"--log_rpc_server=127.0.0.1:{rpc}", f"--http_endpoint=127.0.0.1:{ct}")
        self.wait("ct", ct)
        self.start("rekor-v1", self.tool("rekor-server"), "serve", "--host=127.0.0.1", f"--port={rekor1}", "--rekor_server.address=127.0.0.1", "--rekor_server.hostname=rekor-v1.interop",
                   "--rekor_server.signer=memory", "--trillian_log_server.address=127.0.0.1", f"--trillian_log_server.port={rpc}", f"--trillian_log_server.tlog_id={self.tree(rpc)}",
                   "--enabled_api_endpoints=getPublicKey,getLogInfo,getLogProof,createLogEntry,getLogEntryByIndex,getLogEntryByUUID", "--publish_frequency=0")
        with open(key("rekor1.pub"), "wb") as f:
            f.write(self.wait("rekor-v1", rekor1, "/api/v1/log/publicKey"))
        with open(self.path("fulcio.yaml"), "w") as f:
            f.write("oidc-issuers:\n")
            for url, kind in [(self.issuer.url, "email"), (self.issuer.url + "/github", "github-workflow")]:
                f.write(f"  {url}:\n    issuer-url: {url}\n    client-id: sigstore\n    type: {kind}\n")
        self.start("fulcio", self.tool("fulcio"), "serve", "--host=127.0.0.1", f"--port={fulcio}", "--grpc-host=127.0.0.1", f"--grpc-port={free_port()}", f"--metrics-port={free_port()}",
                   f"--legacy-unix-domain-socket={self.path('fulcio.sock')}", "--ca=fileca", f"--fileca-cert={key('ca.crt')}", f"--fileca-key={key('ca.key')}", "--fileca-key-passwd=interop",
                   f"--ct-log-url=http://127.0.0.1:{ct}/ct", f"--ct-log-public-key-path={key('ct.pub')}", f"--config-path={self.path('fulcio.yaml')}")
        self.start("rekor-v2", self.tool("rekor-tiles"), "serve", "--http-address=127.0.0.1", f"--http-port={rekor2}", "--grpc-address=127.0.0.1", f"--grpc-port={free_port()}",
                   f"--http-metrics-port={free_port()}", "--hostname=127.0.0.1", f"--storage-dir={self.path('tiles')}", f"--signer-filepath={key('rekor2.key')}", "--checkpoint-interval=1s")
        self.wait("fulcio", fulcio, "/api/v2/configuration")
        self.wait("rekor-v2", rekor2)
        self.documents(key, f"http://127.0.0.1:{fulcio}", f"http://127.0.0.1:{ct}/ct", {1: f"http://127.0.0.1:{rekor1}", 2: f"http://127.0.0.1:{rekor2}"}, f"http://127.0.0.1:{tsa}/api/v1/timestamp")
        self.start_registries()

    def documents(self, key, fulcio, ct, rekor, tsa):
        cosign, since = self.tool("cosign"), f"start-time={START}"
        self.trusted_root = self.path("trusted_root.json")
        run(cosign, "trusted-root", "create", "--fulcio", f"url={fulcio},certificate-chain={key('ca.crt')}", "--ctfe", f"url={ct},public-key={key('ct.pub')},{since}",
            "--rekor", f"url={rekor[2]},public-key={key('rekor2.pub')},{since},origin=127.0.0.1", "--rekor", f"url={rekor[1]},public-key={key('rekor1.pub')},{since}",
            "--tsa", f"url={tsa},certificate-chain={key('tsa.pem')}", "--out", self.trusted_root)
        self.signing_config, self.trust_config = {}, {}
        with open(self.trusted_root) as f:
            root = json.load(f)
        for version, url in rekor.items():
            self.signing_config[version] = self.path(f"signing_config_v{version}.json")
            operator = f"{since},operator=interop"
            run(cosign, "signing-config", "create", "--fulcio", f"url={fulcio},api-version=1,{operator}", "--rekor", f"url={url},api-version={version},{operator}", "--rekor-config", "ANY",
                "--tsa", f"url={tsa},api-version=1,{operator}", "--tsa-config", "ANY", "--oidc-provider", f"url={self.issuer.url},api-version=1,{operator}", "--out", self.signing_config[version])
            self.trust_config[version] = self.path(f"trust_config_v{version}.json")
            with open(self.signing_config[version]) as f, open(self.trust_config[version], "w") as out:
                json.dump({"mediaType": "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json", "trustedRoot": root, "signingConfig": json.load(f)}, out)

    def start_registries(self):
        debian, referrers = free_port(), free_port()
        config = self.path("registry.yml")
        with open(config, "w") as f:
            f.write(f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {self.path('registry')}}}, delete: {{enabled: true}}}}\nhttp: {{addr: 127.0.0.1:{debian}}}\n")
        self.start("docker-registry", program("docker-registry"), "serve", config)
        self.start("registry", self.tool("registry"), f"127.0.0.1:{referrers}")
        self.registries = {"fallback tag": f"127.0.0.1:{debian}", "referrers API": f"127.0.0.1:{referrers}"}
        for name, address in self.registries.items():
            self.wait(name, int(address.split(":")[1]), "/v2/")

    def __exit__(self, *_):
        for how in (signal.SIGTERM, signal.SIGKILL):
            for _, process in reversed(self.processes):
                if process.poll() is None:
                    os.killpg(process.pid, how)
            end = time.time() + 3
            while time.time() < end and any(p.poll() is None for _, p in self.processes):
                time.sleep(0.05)
        if hasattr(self, "issuer"):
            self.issuer.server.shutdown()
