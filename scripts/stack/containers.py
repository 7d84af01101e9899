"""The jobs of docker/compose.yaml: `certificates` before everything else, `proof` when the programs are up."""

import sys
import time
import urllib.request
from pathlib import Path

from . import accounts, certificates
from .layout import BACK, FRONT
from .progress import Failure, say, step
from .proof import Doors, Proof
from .system_user import SystemUser

HOME = Path("/var/lib/posthouse")
READY_WITHIN = 180.0  # seconds


def make_certificates() -> None:
    services = tuple(program.name for program in BACK + FRONT)
    certificates.make(HOME / "tls", SystemUser(), (*certificates.LOCAL_NAMES, *services))


def is_ready(host: str, port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{host}:{port}/readyz", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


def prove() -> None:
    deadline = time.monotonic() + READY_WITHIN
    for program in BACK + FRONT:
        with step(program.name):
            while not is_ready(program.name, program.admin_port):
                if time.monotonic() > deadline:
                    raise Failure(f"{program.name} is not ready after {READY_WITHIN:.0f} s")
                time.sleep(0.2)
    with step("Accounts"):
        passwords = accounts.make(HOME / "secrets", ["/usr/bin/mailctl"])
    Proof(Doors(("smtpd", 2587), ("imapd", 2993), ("pop3d", 2995)), HOME / "tls" / "ca.pem", passwords).run()
    for name, secret in passwords.items():
        say(f"  {name + '@mail.test':<17}{secret}")


def main() -> int:
    jobs = {"certificates": make_certificates, "proof": prove}
    try:
        jobs[sys.argv[1]]()
    except Failure as failure:
        print(f"\n{failure}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
