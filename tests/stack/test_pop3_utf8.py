"""POP3 for internationalised mail (RFC 6856): UTF8 and LANG, with smtplib and poplib."""

import email
import email.policy
import poplib
import unittest

from .harness import Account, StackTest

SENDER = "jörg@bücher.example"
SUBJECT = "Grüße aus Köln"


class Utf8(StackTest):
    def client(self, utf8: bool = False) -> poplib.POP3_SSL:
        client = poplib.POP3_SSL(self.stack["HOST"], self.stack.port("pop3s"), context=self.stack.tls(), timeout=30)
        client.encoding = "utf-8"
        if utf8:
            client.utf8()
        return client

    def login(self, account: Account, utf8: bool = False) -> poplib.POP3_SSL:
        client = self.client(utf8)
        client.user(account.address)
        client.pass_(account.password)
        return client

    def deliver(self, reader: Account) -> bytes:
        """Internationalised mail, with a file in it whose name is no ASCII."""
        message = (
            f"From: Jörg Müller <{SENDER}>\nTo: <{reader.address}>\nSubject: {SUBJECT}\nMIME-Version: 1.0\n"
            "Content-Type: multipart/mixed; boundary=part\n\n"
            "--part\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nKörper\n"
            '--part\nContent-Type: text/plain\nContent-Disposition: attachment; filename="Übersicht.txt"\n\nx\n--part--\n')
        with self.stack.smtp() as client:
            client.ehlo()
            client.sendmail(SENDER, [reader.address], message.replace("\n", "\r\n").encode(), ["SMTPUTF8", "BODY=8BITMIME"])
        return self.stack.wait_for_mail(reader)[0]

    def retrieve(self, client: poplib.POP3_SSL) -> bytes:
        return b"".join(line + b"\r\n" for line in client.retr(1)[1])

    def test_in_utf8_mode_the_message_is_as_it_was_sent(self):
        reader = self.stack.account("reader")
        stored = self.deliver(reader)
        client = self.login(reader, utf8=True)
        self.assertEqual(self.retrieve(client), stored)
        self.assertIn(f"Subject: {SUBJECT}".encode(), client.top(1, 0)[1])
        self.assertEqual(client.list(1).split()[2], str(len(stored)).encode())
        client.quit()

    def test_without_it_a_surrogate_can_be_read_by_who_knows_ascii_alone(self):
        reader = self.stack.account("reader")
        stored = self.deliver(reader)
        client = self.login(reader)
        surrogate = self.retrieve(client)
        top = b"\r\n".join(client.top(1, 0)[1])
        client.quit()
        self.assertTrue(top.isascii())
        self.assertTrue(surrogate.startswith(top))
        message = email.message_from_bytes(surrogate, policy=email.policy.default)
        self.assertEqual(message["subject"], SUBJECT)
        self.assertEqual(message["from"].groups[0].display_name, f"Jörg Müller {SENDER}")
        self.assertEqual(message["from"].addresses, ())  # nobody gets an answer that is not for them
        text, file = message.iter_parts()
        self.assertEqual(text.get_content().strip(), "Körper")
        self.assertEqual(file.get_filename(), "Übersicht.txt")
        self.assertEqual(surrogate.count(b"\r\n--part"), stored.count(b"\r\n--part"))

    def test_names_and_passwords_beyond_ascii(self):
        account = Account("jörg@mail.test", "grüß dich")
        self.assertEqual(self.stack.mailctl("user", "add", account.address, "--password-stdin", secret=account.password).returncode, 0)
        for utf8 in (False, True):
            client = self.login(account, utf8)
            self.assertEqual(client.stat(), (0, 0))
            client.quit()
        self.login(Account("JO\u0308RG@mail.test", "gru\u0308ß dich"), utf8=True).quit()  # from another keyboard
        with self.assertRaisesRegex(poplib.error_proto, r"-ERR \[AUTH\]"):
            self.login(Account(account.address, "gruß dich"), utf8=True)

    def test_what_is_not_utf8_is_refused(self):
        client = self.client()
        client.encoding = "latin-1"
        with self.assertRaisesRegex(poplib.error_proto, "-ERR Names and passwords must be UTF-8"):
            client.user("jörg@mail.test")
        client.quit()

    def test_capabilities(self):
        client = self.client()
        capabilities = client.capa()
        self.assertEqual(capabilities["UTF8"], ["USER"])
        self.assertEqual(capabilities["LANG"], [])
        client.utf8()
        client.quit()
        client = poplib.POP3(self.stack["HOST"], self.stack.port("pop3"), timeout=30)
        self.assertIn("STLS", client.capa())
        client.utf8()
        self.assertNotIn("STLS", client.capa())
        with self.assertRaisesRegex(poplib.error_proto, "-ERR Nothing follows UTF8"):
            client._shortcmd("STLS")
        client.quit()


class Lang(StackTest):
    settings = ("pop3d.language='uk'",)

    def test_refusals_are_in_the_language_that_was_chosen(self):
        reader = self.stack.account("reader")
        client = poplib.POP3_SSL(self.stack["HOST"], self.stack.port("pop3s"), context=self.stack.tls(), timeout=30)

        def ask(line: str) -> str:
            try:
                return client._shortcmd(line).decode()
            except poplib.error_proto as refusal:
                return refusal.args[0].decode()

        self.assertEqual(ask("STAT"), "-ERR Log in first")
        self.assertEqual(ask("LANG tlh"), "-ERR That language is not spoken here, LANG lists those that are")
        self.assertEqual(ask("LANG de-AT"), "+OK de Sprache geändert")
        self.assertEqual(ask("STAT"), "-ERR Melden Sie sich zuerst an")
        self.assertEqual(ask("LANG tlh"), "-ERR Diese Sprache wird hier nicht gesprochen, LANG nennt die verfügbaren")
        self.assertEqual(ask("LANG *"), "+OK uk Мову змінено")
        client.user(reader.address)
        refusal = ask("PASS wrong")
        self.assertTrue(refusal.startswith("-ERR [AUTH] Неправильне ім'я або пароль (сеанс "), refusal)
        client.user(reader.address)
        client.pass_(reader.password)
        self.assertEqual(client.stat(), (0, 0))
        self.assertEqual(ask("RETR 1"), "-ERR Такого повідомлення немає, усього у скриньці: 0")
        languages = dict(line.decode().split(" ", 1) for line in client._longcmd("LANG")[1])
        self.assertEqual(languages["de"], "Deutsch")
        for tag in languages:
            self.assertTrue(ask(f"LANG {tag}").startswith(f"+OK {tag} "))
        client.quit()


if __name__ == "__main__":
    unittest.main()
