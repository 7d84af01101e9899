"""What a stack tells: stack.env for programs, a table for people."""

import os
import shlex

from .layout import Layout
from .progress import say

LABELS = {
    "smtp": "SMTP, as other servers deliver (STARTTLS)",
    "submission": "submission (STARTTLS)",
    "submissions": "submission (TLS)",
    "lmtp": "LMTP",
    "pop3": "POP3 (STLS)",
    "pop3s": "POP3 (TLS)",
    "kpop": "POP3 by Kerberos ticket (with accountd.keytab)",
    "imap": "IMAP (STARTTLS)",
    "imaps": "IMAP (TLS)",
}


def write_environment(layout: Layout, database_url: str, passwords: dict[str, str]) -> None:
    """DIR/stack.env, complete or not there: tests and benchmarks take it for the sign that the stack is ready."""
    values = {"HOST": layout.host}
    for program in layout.programs():
        values |= {f"{name.upper()}_PORT": str(layout.port(name)) for name in program.listens}
        values[f"{program.key.upper()}_ADMIN_PORT"] = str(layout.admin_port(program))
    values |= {
        "CA_FILE": str(layout.certificate_authority),
        "DATABASE_URL": database_url,
        "MAILCTL": layout.mailctl_for_shell(),
        **{f"{name.upper()}_PASSWORD": secret for name, secret in passwords.items()},
    }
    draft = layout.environment.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text("".join(f"{key}={shlex.quote(value)}\n" for key, value in values.items()))
    os.replace(draft, layout.environment)


def show(layout: Layout, passwords: dict[str, str], how_to_stop: str) -> None:
    say()
    for program in layout.programs():
        metrics = f"http://{layout.host}:{layout.admin_port(program)}/metrics"
        say(f"  {program.name:<15}{metrics}")
        for name in program.listens:
            say(f"  {'':<15}{f'{layout.host}:{layout.port(name)}':<18}{LABELS[name]}")
    say()
    for name, secret in passwords.items():
        say(f"  {name + '@mail.test':<17}{secret}")
    say(f"""
  Send and read a mail:
    . {shlex.quote(str(layout.environment))}
    printf 'Subject: hello\\r\\n\\r\\nHello Bob.\\r\\n' | curl --cacert $CA_FILE --ssl-reqd smtp://$HOST:$SUBMISSION_PORT \\
      --user alice@mail.test:$ALICE_PASSWORD --mail-from alice@mail.test --mail-rcpt bob@mail.test -T -
    curl --cacert $CA_FILE --user bob@mail.test:$BOB_PASSWORD "imaps://$HOST:$IMAPS_PORT/INBOX;MAILINDEX=*"
  Add an account:
    printf secret | $MAILCTL user add carol@mail.test --password-stdin
  Logs: {layout.folder('log')}
  Stop: {how_to_stop}
""")
