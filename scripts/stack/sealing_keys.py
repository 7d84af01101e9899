"""The key under which accountd seals secrets. It is made once: without it the secrets in the database are lost."""

import base64
import secrets
from pathlib import Path

from .system_user import SystemUser

SIZE = 32  # octets


def make(path: Path, user: SystemUser) -> None:
    user.make_folder(path.parent, 0o700)
    if path.exists():
        return
    path.touch(mode=0o600)
    path.write_text(base64.b64encode(secrets.token_bytes(SIZE)).decode() + "\n")
    user.own(path, 0o600)
