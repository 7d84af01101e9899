"""scripts/up, after installing and building."""

import argparse
import os
import signal
import socket
import sys
import urllib.error
import urllib.request
from pathlib import Path

from . import accounts, certificates, configuration, detach, lock, report, sealing_keys
from .layout import BACK, FRONT, PORTS, ROOT, Layout
from .postgres import Postgres
from .process import Process
from .progress import Failure, say, step
from .proof import Doors, Proof
from .supervisor import StopRequested, Supervisor
from .system_user import SystemUser, settle

LONGEST_DATA_PATH = 71  # a unix socket's path has room for 107 octets, and is bound with a process id behind it


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/up", description="Installs, builds and runs Posthouse on this machine: every program and a PostgreSQL of its own.")
    parser.add_argument("--data", type=Path, default=ROOT / "var", metavar="DIR", help="everything it writes (default: var/)")
    parser.add_argument("--port-offset", type=int, default=0, metavar="N", help="added to every port, 20000 at most")
    parser.add_argument("--detach", action="store_true", help="return when the stack is ready; scripts/down stops it")
    parser.add_argument("--no-install", action="store_true", help="do not look for missing Debian packages")
    parser.add_argument("--no-build", action="store_true", help="run what is built already")
    parser.add_argument("--set", action="append", default=[], metavar="section.key=value", help="override configuration; may be repeated")
    parser.add_argument("--database", metavar="URL", help="use this PostgreSQL instead of the embedded one")
    parser.add_argument("--preset", default="release", metavar="NAME", help="the build to run (default: release)")
    parser.add_argument("--check-options", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if not 0 <= chosen.port_offset <= 20000:
        parser.error("--port-offset is a number from 0 to 20000")
    return chosen


class Stack:
    def __init__(self, chosen: argparse.Namespace):
        self.chosen = chosen
        self.user = SystemUser()
        data, built = settle(self.user, chosen.data.absolute(), ROOT / "build" / chosen.preset / "bin")
        if len(str(data)) > LONGEST_DATA_PATH:
            raise Failure(f"{data} is too long a name for unix sockets; choose a shorter folder with --data.")
        self.layout = Layout(data, chosen.port_offset, built)
        self.postgres = None if chosen.database else Postgres(self.layout, self.user)
        self.database_url = chosen.database or self.postgres.url()
        self.supervisor = Supervisor()
        self.lock: int | None = None

    def prepare(self) -> None:
        """Folders, the lock, certificates and configuration."""
        self.user.make_folder(self.layout.folder("run"), 0o755)
        self.lock = lock.take(self.layout)
        if self.lock is None:
            raise Failure(f"A stack is running in {self.layout.data} already (process {lock.holder(self.layout)}).\n"
                          f"Stop it with: scripts/down --data {self.chosen.data}")
        lock.sign(self.lock)
        lock.end_leftovers(self.layout)
        self.check_ports()
        for name in ("log", "tls"):
            self.layout.folder(name).mkdir(exist_ok=True)
        self.user.make_folder(self.layout.folder("run") / "rpc", 0o700)  # who may enter may administer
        certificates.make(self.layout.folder("tls"), self.user)
        sealing_keys.make(self.layout.sealing_keys, self.user)
        sections = configuration.settings(self.layout, self.database_urls())
        configuration.override(sections, self.chosen.set)
        self.layout.configuration.write_text(configuration.as_toml(sections))
        self.user.own(self.layout.configuration, 0o640)

    def database_urls(self) -> dict[str, str]:
        urls = {"": self.database_url}
        if self.postgres:
            urls |= {program.name: self.postgres.url(f"posthouse_{program.key}") for program in self.layout.programs()}
        return urls

    def check_ports(self) -> None:
        ports = [self.layout.admin_port(program) for program in self.layout.programs()] + [self.layout.port(name) for name in PORTS]
        for port in ports:
            with socket.socket() as attempt:
                attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    attempt.bind((self.layout.host, port))
                except OSError as error:
                    raise Failure(f"Port {port} is taken ({error.strerror}). scripts/up --port-offset 1000 moves every port.") from error

    def run(self) -> None:
        """Until it is told to stop."""
        background = detach.fork() if self.chosen.detach else None
        say("Starting Posthouse")
        try:
            with step("Certificates and configuration"):
                self.prepare()
            self.start()
            report.show(self.layout, self.passwords, self.how_to_stop())
            if background:
                background.release(self.layout.log_file("supervisor"))
            self.supervisor.watch()
        except StopRequested as request:
            say(f"Stopping ({request})")
        finally:
            if self.lock is not None:
                self.layout.environment.unlink(missing_ok=True)
            self.supervisor.stop()

    def how_to_stop(self) -> str:
        if not self.chosen.detach:
            return "Ctrl-C"
        return "scripts/down" if self.chosen.data == ROOT / "var" else f"scripts/down --data {self.chosen.data}"

    def start(self) -> None:
        if self.postgres:
            with step("PostgreSQL"):
                self.postgres.prepare()
                command = self.user.command(self.postgres.command(), on_parent_death="INT")
                process = Process("postgres", command, self.layout, stop_signal=signal.SIGINT)
                self.supervisor.start([process], lambda _: "" if self.postgres.answers() else "it answers nobody")
                self.postgres.make_database()
        with step("Tables"):
            accounts.run(self.layout.mailctl("db", "migrate"))
        for wave in (BACK, FRONT):
            programs = [program for program in wave if program in self.layout.programs()]
            with step(", ".join(program.name for program in programs)):
                self.supervisor.start([self.process(program.name) for program in programs], self.objection)
        with step("Accounts"):
            self.passwords = accounts.make(self.layout.folder("secrets"), self.layout.mailctl())
        doors = Doors(*((self.layout.host, self.layout.port(name)) for name in ("submission", "imaps", "pop3s")))
        Proof(doors, self.layout.certificate_authority, self.passwords).run()
        report.write_environment(self.layout, self.database_url, self.passwords)

    def process(self, name: str) -> Process:
        command = [str(self.layout.built / name), "--config", str(self.layout.configuration)]
        return Process(name, self.user.command(command), self.layout)

    def objection(self, process: Process) -> str:
        """Why it is not ready; empty if it is."""
        port = next(self.layout.admin_port(program) for program in BACK + FRONT if program.name == process.name)
        try:
            with urllib.request.urlopen(f"http://{self.layout.host}:{port}/readyz", timeout=2) as answer:
                return "" if answer.status == 200 else f"/readyz says {answer.status}"
        except urllib.error.HTTPError as refusal:
            return refusal.read().decode(errors="replace").strip() or str(refusal)
        except OSError as error:
            return f"its admin port does not answer ({error})"


def main() -> int:
    os.umask(0o022)
    chosen = options()
    if chosen.check_options:
        return 0
    try:
        Stack(chosen).run()
    except Failure as failure:
        print(f"\n{failure}", file=sys.stderr, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
