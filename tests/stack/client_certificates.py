"""Certificates of clients: an authority as the README makes one, and what it issues."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

CONFIGURATION = """
[ca]
default_ca = here
[here]
database = index
serial = serial
crlnumber = number
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
"""


@dataclass(frozen=True)
class Pair:
    certificate: Path
    key: Path

    def fingerprint(self) -> str:
        done = subprocess.run(["openssl", "x509", "-in", self.certificate, "-noout", "-fingerprint", "-sha256"], check=True, capture_output=True, text=True)
        return done.stdout.strip().partition("=")[2]


class Authority:
    def __init__(self, folder: Path):
        self.folder = folder
        self.made = 0
        (folder / "ca.conf").write_text(CONFIGURATION)
        (folder / "index").touch()
        for name in ("serial", "number"):
            (folder / name).write_text("01\n")
        self.openssl("req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=Clients -addext keyUsage=critical,keyCertSign,cRLSign -keyout ca.key -out ca.pem")
        self.list_revoked()

    @property
    def file(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def revocations(self) -> Path:
        return self.folder / "revoked.crl"

    def issue(self, *mailboxes: str, usage: str = "clientAuth", start: str = "20200101000000Z", end: str = "20990101000000Z",
              by: str = "-cert ca.pem -keyfile ca.key") -> Pair:
        self.made += 1
        name = f"client{self.made}"
        names = ",".join(f"email:{mailbox}" for mailbox in mailboxes) or "DNS:nobody.test"
        (self.folder / "extensions").write_text(f"subjectAltName={names}\nextendedKeyUsage={usage}\n")
        self.openssl(f"req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN={name} -keyout {name}.key -out request.pem")
        self.openssl(f"ca -batch -notext -config ca.conf {by.format(name=name)} -extfile extensions -startdate {start} -enddate {end} "
                     f"-in request.pem -out {name}.pem")
        return Pair(self.folder / f"{name}.pem", self.folder / f"{name}.key")

    def sign_itself(self, *mailboxes: str, **dates: str) -> Pair:
        return self.issue(*mailboxes, by="-selfsign -keyfile {name}.key", **dates)

    def revoke(self, pair: Pair) -> None:
        self.openssl(f"ca -config ca.conf -cert ca.pem -keyfile ca.key -revoke {pair.certificate}")
        self.list_revoked()

    def list_revoked(self) -> None:
        self.openssl(f"ca -config ca.conf -cert ca.pem -keyfile ca.key -gencrl -crldays 7 -out {self.revocations}")

    def openssl(self, command: str) -> None:
        done = subprocess.run(["openssl", *command.split()], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"openssl {command}:\n{done.stderr}")
