"""A stack that is also reached through a proxy, which says who its clients are: on loopback nobody is held to anything."""

import imaplib
import json
import poplib
import smtplib
import socket

from .harness import Account, Stack, StackTest

PORTS = {"imap": 8080, "submission": 8443, "pop3": 4190}  # before the offset, where the proxy would connect to; nothing else is there
PROGRAMS = {"imap": "imapd", "submission": "smtpd", "pop3": "pop3d"}


def inline(table: dict) -> str:
    return "{" + ", ".join(f"{key} = {json.dumps(value)}" for key, value in table.items()) + "}"


class ProxiedStack(Stack):
    """Its clients need no TLS, and its hashes cost little."""

    cheap = ('auth.plaintext_networks=["0.0.0.0/0", "::/0"]', "accountd.argon2_passes=1", 'accountd.argon2_memory="8KiB"', 'imapd.failure_delay="0ms"',
             'pop3d.login_failure_delay="0ms"')

    def up(self):
        usual = self.settings
        self.settings = (*self.cheap, *usual, *(f"{PROGRAMS[name]}.listener=[{', '.join(map(inline, self.listeners(name)))}]" for name in PORTS))
        try:
            return super().up()
        finally:
            self.settings = usual

    def listeners(self, name: str) -> list[dict]:
        def at(port: int, **more) -> dict:
            return {"address": f"127.0.0.1:{port + self.offset.number}", **more}

        proxied = at(PORTS[name], name=f"{name}-proxied", tls="starttls", proxy_protocol="required", proxy_trusted=["127.0.0.0/8"])
        return {
            "imap": [at(2143, name="imap", tls="starttls"), at(2993, name="imaps", tls="implicit"), proxied],
            "pop3": [at(2110, name="pop3", tls="starttls"), at(2995, name="pop3s", tls="implicit"), proxied],
            "submission": [at(2525, name="mx", tls="starttls", service="mx"), at(2587, name="submission", tls="starttls", service="submission"),
                           at(2465, name="submissions", tls="implicit", service="submission"), {**proxied, "service": "submission"}],
        }[name]

    def proxied(self, name: str, address: str) -> socket.socket:
        """A connection of a client at this address."""
        client = socket.create_connection((self["HOST"], PORTS[name] + self.offset.number), timeout=60)
        family = "TCP6" if ":" in address else "TCP4"
        client.sendall(f"PROXY {family} {address} {address} 40000 143\r\n".encode())
        return client


class ProxiedTest(StackTest):
    @classmethod
    def setUpClass(cls):
        cls.stack = ProxiedStack(f"{cls.__module__.rpartition('.')[2]}.{cls.__name__}", *cls.settings)
        cls.addClassCleanup(cls.stack.remove)
        cls.stack.start()

    def imap_login(self, address: str, user: str, password: str) -> str:
        """The response code of a login; OK if it is one."""
        stack = self.stack

        class Client(imaplib.IMAP4):
            def _create_socket(self, timeout):
                return stack.proxied("imap", address)

        with Client() as client:
            try:
                return client.login(user, password)[0]
            except imaplib.IMAP4.error as refusal:
                return str(refusal).partition("[")[2].partition("]")[0] or str(refusal)

    def smtp_login(self, address: str, user: str, password: str) -> int:
        """The code of the reply."""
        stack = self.stack

        class Client(smtplib.SMTP):
            def _get_socket(self, host, port, timeout):
                return stack.proxied("submission", address)

        with Client("localhost", local_hostname="client.test") as client:
            try:
                return client.login(user, password)[0]
            except smtplib.SMTPAuthenticationError as refusal:
                return refusal.smtp_code

    def pop3_login(self, address: str, user: str, password: str) -> str:
        stack = self.stack

        class Client(poplib.POP3):
            def _create_socket(self, timeout):
                return stack.proxied("pop3", address)

        client = Client("localhost")
        client.user(user)
        try:
            return client.pass_(password).decode()[:3]
        except poplib.error_proto as refusal:
            return refusal.args[0].decode().partition("[")[2].partition("]")[0]
        finally:
            client.close()

    def is_in(self, address: str, account: Account) -> bool:
        return self.imap_login(address, account.address, account.password) == "OK"
