"""posthouse.toml of a stack: every program's section, and what the command line overrides."""

import tomllib
from typing import Any

from .layout import Layout, Program
from .progress import Failure


def settings(layout: Layout, database_urls: dict[str, str]) -> dict[str, Any]:
    """database_urls: by program, and under "" for whoever has none of its own."""

    def address(port: str) -> str:
        return f"{layout.host}:{layout.port(port)}"

    def listener(port: str, tls: str, **more: Any) -> dict[str, Any]:
        return {"name": port, "address": address(port), "tls": tls, **more}

    sections: dict[str, Any] = {
        "common": {"hostname": "mail.test", "data_dir": str(layout.data), "drain_window": "2s"},
        "database": {"url": database_urls[""]},
        "log": {"level": "info"},
        "tls": {
            "certificate": f"{layout.data}/tls/certificate.pem",
            "key": f"{layout.data}/tls/key.pem",
            "ca_file": str(layout.certificate_authority),
        },
        "events": {"peers": [layout.rpc_address("imapd")]},
    }
    for program in layout.programs():
        sections[program.name] = section(layout, program, database_urls)
    listeners = {
        "smtpd": [
            {**listener("smtp", "starttls"), "name": "mx", "service": "mx"},
            listener("submission", "starttls", service="submission"),
            listener("submissions", "implicit", service="submission"),
        ],
        "lmtp-delivery": [listener("lmtp", "none")],
        "imapd": [listener("imap", "starttls"), listener("imaps", "implicit")],
        "pop3d": [listener("pop3", "starttls", apop=True), listener("pop3s", "implicit", apop=True),
                  listener("kpop", "none", kpop=True)],
    }
    if "accountd" in sections:
        sections["accountd"]["sealing_keys_file"] = str(layout.sealing_keys)
    for name in listeners.keys() & sections.keys():
        sections[name]["listener"] = listeners[name]
    for name in {"smtpd", "relayd"} & sections.keys():
        sections[name]["lmtp_address"] = address("lmtp")
    return sections


def section(layout: Layout, program: Program, database_urls: dict[str, str]) -> dict[str, Any]:
    values = {
        "admin_address": f"{layout.host}:{layout.admin_port(program)}",
        "grpc_address": layout.rpc_address(program.name),
    }
    if program.uses_database and program.name in database_urls:
        values["database_url"] = database_urls[program.name]
    return values


def override(sections: dict[str, Any], assignments: list[str]) -> None:
    """Each as on the command line: section.key=value, the value as TOML has it or else a text."""
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        section_name, dot, key = name.partition(".")
        if not (equals and dot and section_name and key):
            raise Failure(f"--set wants section.key=value, not {assignment!r}")
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            value = text
        sections.setdefault(section_name, {})[key] = value


def as_toml(sections: dict[str, Any]) -> str:
    lines = ["# Written by scripts/up at every start. To change a value: scripts/up --set section.key=value", ""]
    for name, values in sections.items():
        lines.append(f"[{name}]")
        lines += [f"{key} = {value_as_toml(value)}" for key, value in values.items() if not is_tables(value)]
        for key, tables in values.items():
            for table in tables if is_tables(value=tables) else ():
                lines += ["", f"[[{name}.{key}]]"] + [f"{inner} = {value_as_toml(value)}" for inner, value in table.items()]
        lines.append("")
    return "\n".join(lines)


def is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def value_as_toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(map(value_as_toml, value)) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value)
