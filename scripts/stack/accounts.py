"""The domain mail.test with alice and bob. Their passwords are made once and kept beside the data."""

import secrets
import subprocess
from pathlib import Path

from .progress import Failure

DOMAIN = "mail.test"
NAMES = ("alice", "bob")
ALREADY_EXISTS = 4  # mailctl's exit status


def password(folder: Path, name: str) -> str:
    path = folder / name
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(12) + "\n")
    return path.read_text().strip()


def make(folder: Path, mailctl: list[str]) -> dict[str, str]:
    """The passwords by name. mailctl: the command line that administers this stack."""
    folder.mkdir(mode=0o700, exist_ok=True)
    passwords = {name: password(folder, name) for name in NAMES}
    run([*mailctl, "domain", "add", DOMAIN])
    for name, secret in passwords.items():
        run([*mailctl, "user", "add", f"{name}@{DOMAIN}", "--password-stdin"], secret)
    return passwords


def run(command: list[str], secret: str = "") -> None:
    done = subprocess.run(command, input=secret, capture_output=True, text=True)
    if done.returncode not in (0, ALREADY_EXISTS):
        raise Failure(f"{' '.join(command)}\n  ended with status {done.returncode}: {(done.stderr or done.stdout).strip()}")
