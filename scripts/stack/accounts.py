"""The domain mail.test with alice and bob. Their passwords are made once and kept beside the data."""

import secrets
import subprocess
from pathlib import Path

from .progress import Failure

DOMAIN = "mail.test"
NAMES = ("alice", "bob")
ALREADY_EXISTS = 4  # mailctl's exit status


def make(folder: Path, mailctl: list[str]) -> dict[str, str]:
    """The passwords by name. mailctl: the command line that administers this stack."""
    folder.mkdir(mode=0o700, exist_ok=True)
    is_new_domain = run([*mailctl, "domain", "add", DOMAIN]) != ALREADY_EXISTS
    passwords = {name: make_user(folder / name, [*mailctl, "user"], f"{name}@{DOMAIN}") for name in NAMES}
    if is_new_domain:
        for role in ("postmaster", "abuse"):  # other mail servers expect them, RFC 2142
            run([*mailctl, "alias", "add", f"{role}@{DOMAIN}", f"alice@{DOMAIN}"])
    return passwords


def make_user(kept: Path, user: list[str], address: str) -> str:
    """The password, from the file where it is kept if there is one."""
    is_new = not kept.exists()
    if is_new:
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(12) + "\n")
    password = kept.read_text().strip()
    existed = run([*user, "add", address, "--password-stdin"], password) == ALREADY_EXISTS
    if existed and is_new:  # a database that knows the user from elsewhere
        run([*user, "passwd", address, "--password-stdin"], password)
    return password


def run(command: list[str], secret: str = "") -> int:
    """mailctl's exit status, 0 or ALREADY_EXISTS."""
    done = subprocess.run(command, input=secret, capture_output=True, text=True)
    if done.returncode not in (0, ALREADY_EXISTS):
        raise Failure(f"{' '.join(command)}\n  ended with status {done.returncode}: {(done.stderr or done.stdout).strip()}")
    return done.returncode
