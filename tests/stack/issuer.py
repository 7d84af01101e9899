"""Who issues tokens: an OpenID provider of a test's own, over HTTPS, that signs with the openssl command."""

import base64
import contextlib
import json
import re
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

GENERATE = {"ES256": ("EC", "-pkeyopt", "ec_paramgen_curve:P-256"), "RS256": ("RSA", "-pkeyopt", "rsa_keygen_bits:2048"), "EdDSA": ("ED25519",)}
SIGN = {"ES256": (), "RS256": (), "PS256": ("-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest")}


def base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def openssl(*arguments: object, octets: bytes = b"") -> bytes:
    return subprocess.run(["openssl", *map(str, arguments)], input=octets, capture_output=True, check=True, timeout=30).stdout


class Key:
    """A key pair, by its name."""

    def __init__(self, folder: Path, name: str, algorithm: str = "ES256"):
        self.name = name
        self.algorithm = algorithm
        self.file = folder / f"{name}.pem"
        openssl("genpkey", "-algorithm", *GENERATE[algorithm], "-out", self.file)

    def jwk(self) -> dict:
        der = openssl("pkey", "-in", self.file, "-pubout", "-outform", "DER")
        if self.algorithm == "RS256":
            modulus = openssl("rsa", "-in", self.file, "-noout", "-modulus").decode().strip().partition("=")[2]
            kind = {"kty": "RSA", "n": base64url(bytes.fromhex(modulus)), "e": "AQAB"}
        elif self.algorithm == "ES256":
            kind = {"kty": "EC", "crv": "P-256", "x": base64url(der[-64:-32]), "y": base64url(der[-32:])}
        else:
            kind = {"kty": "OKP", "crv": "Ed25519", "x": base64url(der[-32:])}
        return {"kid": self.name, "use": "sig", **kind}

    def sign(self, algorithm: str, octets: bytes) -> bytes:
        if algorithm == "EdDSA":
            text = self.file.with_suffix(".input")
            text.write_bytes(octets)
            return openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.file, "-in", text)
        signature = openssl("dgst", "-sha256", "-sign", self.file, *SIGN[algorithm], octets=octets)
        if algorithm != "ES256":
            return signature
        numbers = re.findall(r"INTEGER\s*:([0-9A-F]+)", openssl("asn1parse", "-inform", "DER", octets=signature).decode())
        return b"".join(int(number, 16).to_bytes(32, "big") for number in numbers)

    def token(self, claims: dict, algorithm: str = "", **header: object) -> str:
        algorithm = algorithm or self.algorithm
        parts = [{"alg": algorithm, "typ": "at+jwt", "kid": self.name, **header}, claims]
        text = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        return text + "." + base64url(self.sign(algorithm, text.encode()))


class Issuer:
    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="posthouse-issuer-"))
        self.folder.chmod(0o755)
        self.ca_file = self.folder / "certificate.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                "-addext", "subjectAltName=DNS:localhost", "-keyout", self.folder / "certificate.key", "-out", self.ca_file)
        self.ca_file.chmod(0o644)
        self.key = Key(self.folder, "first")
        self.keys = [self.key]
        self.secret = "unmistakable client secret"
        self.active: dict[str, dict] = {}  # opaque tokens, and what is said of them
        self.asked: list[str] = []  # paths
        self.server: ThreadingHTTPServer | None = None
        self.start(0)
        self.url = f"https://localhost:{self.server.server_address[1]}"

    def start(self, port: int) -> None:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.answer(self, "")

            def do_POST(self):
                issuer.answer(self, self.rfile.read(int(self.headers["Content-Length"])).decode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.ca_file, self.folder / "certificate.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    @contextlib.contextmanager
    def away(self):
        """Nobody listens at its port meanwhile."""
        port = self.server.server_address[1]
        self.stop()
        try:
            yield
        finally:
            self.start(port)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder)

    def answer(self, request: BaseHTTPRequestHandler, body: str) -> None:
        self.asked.append(request.path)
        document = None
        if request.path == "/.well-known/openid-configuration":
            document = {"issuer": self.url, "jwks_uri": self.url + "/keys"}
        elif request.path == "/keys":
            document = {"keys": [key.jwk() for key in self.keys]}
        elif request.path == "/introspect" and body and self.knows(request.headers["Authorization"]):
            document = self.active.get(urllib.parse.parse_qs(body)["token"][0], {"active": False})
        octets = json.dumps(document).encode()
        request.send_response(200 if document is not None else 404)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(octets)))
        request.end_headers()
        request.wfile.write(octets)

    def knows(self, authorization: str) -> bool:
        name, _, secret = base64.b64decode(authorization.partition(" ")[2]).decode().partition(":")
        return (urllib.parse.unquote(name), urllib.parse.unquote(secret)) == ("posthouse", self.secret)

    def claims(self, address: str, **changes: object) -> dict:
        now = time.time()
        return {"iss": self.url, "aud": "mail", "sub": "4711", "iat": int(now), "exp": int(now) + 600, "scope": "openid mail",
                "email": address, "email_verified": True, **changes}

    def token(self, address: str, **changes: object) -> str:
        return self.key.token(self.claims(address, **changes))
