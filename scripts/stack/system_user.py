"""Whose programs they are: the user who starts the stack or, when that is root, the system user `posthouse`."""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from .progress import Failure

NAME = "posthouse"


class SystemUser:
    def __init__(self):
        if os.geteuid() != 0:
            self.account = pwd.getpwuid(os.geteuid())
            return
        try:
            self.account = pwd.getpwnam(NAME)
        except KeyError:
            subprocess.run(
                ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
                 "--shell", "/usr/sbin/nologin", NAME], check=True)
            self.account = pwd.getpwnam(NAME)

    @property
    def drops_privileges(self) -> bool:
        return os.geteuid() == 0

    def command(self, arguments: list[str], on_parent_death: str = "TERM") -> list[str]:
        """The command that runs these arguments as this user, and that ends when we do."""
        prefix = ["setpriv", "--pdeathsig", on_parent_death]
        if self.drops_privileges:
            prefix += ["--reuid", str(self.account.pw_uid), "--regid", str(self.account.pw_gid), "--clear-groups"]
        return [*prefix, "--", *map(str, arguments)]

    def make_folder(self, path: Path, mode: int) -> None:
        path.mkdir(parents=True, exist_ok=True)
        self.own(path, mode)

    def own(self, path: Path, mode: int) -> None:
        path.chmod(mode)
        if self.drops_privileges:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)

    def reaches(self, path: Path) -> bool:
        return subprocess.run(self.command(["test", "-x", path])).returncode == 0


def settle(user: SystemUser, data: Path, built: Path) -> tuple[Path, Path]:
    """Makes the data folder; gives back where the data and the programs really are. A clone in root's home is closed to every
    other user: then the data lives in /var/lib/posthouse, with a link where it was asked for, and copies of the programs in it."""
    data.mkdir(parents=True, exist_ok=True)
    if not user.reaches(data.resolve()):
        if any(data.iterdir()):
            raise Failure(f"The user {NAME} cannot enter {data}, and it is not empty. Choose another folder with --data.")
        home = Path("/var/lib/posthouse") / str(data).strip("/").replace("/", "-")
        home.mkdir(parents=True, exist_ok=True)
        data.rmdir()
        data.symlink_to(home)
    data = data.resolve()
    if user.reaches(built):
        return data, built
    copies = data / "bin"
    copies.mkdir(exist_ok=True)
    for program in built.iterdir():
        copy = copies / program.name
        if not program.name.endswith(("_test", "_fuzz")) and (not copy.exists() or copy.stat().st_mtime != program.stat().st_mtime):
            copy.unlink(missing_ok=True)
            shutil.copy2(program, copy)
    return data, copies
