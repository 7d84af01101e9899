"""Where everything of a stack is: its folders, programs and ports."""

import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# As deployments publish them, plus what keeps them clear of privileged ports; see also Layout.port.
PORTS = {
    "smtp": 2525,
    "submission": 2587,
    "submissions": 2465,
    "lmtp": 2424,
    "pop3": 2110,
    "pop3s": 2995,
    "kpop": 2109,
    "imap": 2143,
    "imaps": 2993,
}


@dataclass(frozen=True)
class Program:
    name: str
    admin_port: int
    listens: tuple[str, ...] = ()  # names in PORTS
    uses_database: bool = True

    @property
    def key(self) -> str:
        """As in environment variables and PostgreSQL's role names."""
        return self.name.replace("-", "_")


# Those whom the others ask; started first and stopped last.
BACK = (
    Program("accountd", 9108),
    Program("filterd", 9105, uses_database=False),
    Program("lmtp-delivery", 9102, ("lmtp",)),
)
FRONT = (
    Program("smtpd", 9101, ("smtp", "submission", "submissions")),
    Program("relayd", 9107),
    Program("imapd", 9104, ("imap", "imaps")),
    Program("pop3d", 9103, ("pop3", "pop3s", "kpop")),
)


@dataclass(frozen=True)
class Layout:
    data: Path
    offset: int
    built: Path  # where the programs are
    host: str = "127.0.0.1"

    def port(self, name: str) -> int:
        return PORTS[name] + self.offset

    def admin_port(self, program: Program) -> int:
        return program.admin_port + self.offset

    def programs(self) -> list[Program]:
        return [program for program in FRONT + BACK if (self.built / program.name).exists()]

    def folder(self, name: str) -> Path:
        return self.data / name

    @property
    def configuration(self) -> Path:
        return self.data / "posthouse.toml"

    @property
    def environment(self) -> Path:
        return self.data / "stack.env"

    @property
    def certificate_authority(self) -> Path:
        return self.data / "tls" / "ca.pem"

    @property
    def sealing_keys(self) -> Path:
        return self.data / "keys" / "sealing"

    def pid_file(self, name: str) -> Path:
        return self.data / "run" / f"{name}.pid"

    def log_file(self, name: str) -> Path:
        return self.data / "log" / f"{name}.log"

    def rpc_address(self, program: str) -> str:
        return f"unix:{self.data}/run/rpc/{program}.sock"

    def mailctl(self, *arguments: str) -> list[str]:
        return [str(self.built / "mailctl"), "--config", str(self.configuration), *arguments]

    def mailctl_for_shell(self) -> str:
        return shlex.join(self.mailctl())
