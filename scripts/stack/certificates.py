"""A certificate authority of the stack's own, and the certificate that every program shows. Made once, renewed a month early."""

import subprocess
from pathlib import Path

from .system_user import SystemUser

LOCAL_NAMES = ("localhost", "mail.test", "*.mail.test", "127.0.0.1", "::1")
MONTH = 30 * 86400


def openssl(*arguments: object) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


def is_good(certificate: Path) -> bool:
    check = ["openssl", "x509", "-checkend", str(MONTH), "-noout", "-in", str(certificate)]
    return certificate.exists() and subprocess.run(check, capture_output=True).returncode == 0


def new_key(path: Path) -> None:
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)
    path.chmod(0o600)


def alternative_name(name: str) -> str:
    return ("IP:" if name[-1].isdigit() else "DNS:") + name


def make(folder: Path, user: SystemUser, names: tuple[str, ...] = LOCAL_NAMES) -> None:
    """folder gets ca.pem, ca.key, certificate.pem and key.pem."""
    ca, ca_key = folder / "ca.pem", folder / "ca.key"
    certificate, key, request = folder / "certificate.pem", folder / "key.pem", folder / "request.pem"
    if not is_good(ca):
        new_key(ca_key)
        openssl("req", "-x509", "-new", "-key", ca_key, "-days", 3650, "-subj", "/CN=Posthouse local authority",
                "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-out", ca)
        certificate.unlink(missing_ok=True)
    if not is_good(certificate):
        new_key(key)
        openssl("req", "-new", "-key", key, "-subj", "/CN=mail.test", "-addext", "subjectAltName=" + ",".join(map(alternative_name, names)),
                "-addext", "extendedKeyUsage=serverAuth,clientAuth", "-addext", "keyUsage=digitalSignature", "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", ca, "-CAkey", ca_key, "-days", 397, "-copy_extensions", "copy",
                "-out", certificate)
        request.unlink()
    user.own(key, 0o600)
    user.own(certificate, 0o644)
    ca.chmod(0o644)
