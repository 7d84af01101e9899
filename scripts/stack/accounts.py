"""The domain mail.test with alice and bob. Their passwords are made once and kept beside the data."""

import secrets
import subprocess
from pathlib import Path

from .layout import Layout
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


def make(layout: Layout) -> dict[str, str]:
    """The passwords by name."""
    folder = layout.folder("secrets")
    folder.mkdir(mode=0o700, exist_ok=True)
    passwords = {name: password(folder, name) for name in NAMES}
    mailctl(layout, "domain", "add", DOMAIN)
    for name, secret in passwords.items():
        mailctl(layout, "user", "add", f"{name}@{DOMAIN}", "--password-stdin", secret=secret)
    return passwords


def mailctl(layout: Layout, *arguments: str, secret: str = "") -> None:
    command = layout.mailctl(*arguments)
    done = subprocess.run(command, input=secret, capture_output=True, text=True)
    if done.returncode not in (0, ALREADY_EXISTS):
        raise Failure(f"{' '.join(command)}\n  ended with status {done.returncode}: {(done.stderr or done.stdout).strip()}")
