"""Mail comes out: IMAP and POP3 with imaplib, poplib, curl, mbsync and fetchmail."""

import imaplib
import mailbox
import poplib
import socket
import unittest

from .harness import Account, StackTest, eventually, mail
from .idler import Idler


class Reading(StackTest):
    def setUp(self):
        self.reader = self.stack.account("reader")

    def deliver(self, count: int = 1):
        with self.stack.smtp() as client:
            for number in range(1, count + 1):
                client.sendmail("someone@elsewhere.test", [self.reader.address],
                                mail("someone@elsewhere.test", self.reader.address, f"Number {number}"))
        self.stack.wait_for_mail(self.reader, count)

    def test_imaplib_lists_the_special_mailboxes(self):
        with self.stack.imap(self.reader) as client:
            _, lines = client.list()
        self.assertIn(b"INBOX", b" ".join(lines))

    def test_imaplib_in_the_clear_and_with_starttls(self):
        for secured in (False, True):
            with imaplib.IMAP4(self.stack["HOST"], self.stack.port("imap"), timeout=30) as client:
                if secured:
                    client.starttls(self.stack.tls())
                self.assertEqual(client.login(self.reader.address, self.reader.password)[0], "OK")

    def test_imaplib_authenticates_by_plain(self):
        with imaplib.IMAP4_SSL(self.stack["HOST"], self.stack.port("imaps"), ssl_context=self.stack.tls(), timeout=30) as client:
            credentials = f"\0{self.reader.address}\0{self.reader.password}".encode()
            self.assertEqual(client.authenticate("PLAIN", lambda _: credentials)[0], "OK")

    def test_a_wrong_password_is_refused_by_imap_and_pop3(self):
        stranger = Account(self.reader.address, "wrong")
        with self.assertRaises(imaplib.IMAP4.error):
            self.stack.imap(stranger)
        with self.assertRaises(poplib.error_proto):
            self.stack.pop3(stranger)

    def test_imaplib_files_flags_and_expunges(self):
        self.deliver(3)
        with self.stack.imap(self.reader) as client:
            client.create("Work")
            client.select("INBOX")
            self.assertEqual(client.search(None, "SUBJECT", '"Number 2"')[1], [b"2"])
            self.assertEqual(client.copy("1", "Work")[0], "OK")
            self.assertEqual(client.uid("MOVE", "2", "Work")[0], "OK")
            client.store("1", "+FLAGS", r"(\Deleted)")
            self.assertEqual(client.expunge()[1], [b"2", b"1"])  # the moved one was told of before
            self.assertEqual(client.status("INBOX", "(MESSAGES UIDNEXT)")[1][0].split(b"(")[1], b"MESSAGES 1 UIDNEXT 4)")
            self.assertEqual(client.status("Work", "(MESSAGES)")[1][0].split(b"(")[1], b"MESSAGES 2)")

    def test_idle_hears_of_a_delivery(self):
        idler = Idler(self.stack, self.reader)
        self.deliver()
        idler.next_line(b" EXISTS")
        idler.close()

    def test_idle_hears_what_another_session_does(self):
        self.deliver(2)
        idler = Idler(self.stack, self.reader)
        with self.stack.imap(self.reader) as other:
            other.select("INBOX")
            other.store("1", "+FLAGS", r"(\Flagged \Deleted)")
            self.assertIn(b"\\Flagged", idler.next_line(b"))"))
            other.expunge()
            self.assertEqual(idler.next_line(b" EXPUNGE"), b"* 1 EXPUNGE")
            other.append("INBOX", None, None, mail("a@mail.test", "b@mail.test"))
            self.assertEqual(idler.next_line(b" EXISTS"), b"* 2 EXISTS")
        idler.close()

    def test_poplib_reads_and_deletes_at_quit(self):
        self.deliver(3)
        client = self.stack.pop3(self.reader)
        self.assertEqual(client.stat()[0], 3)
        identities = client.uidl()[1]
        self.assertEqual(len(set(line.split()[1] for line in identities)), 3)
        self.assertIn(b"Subject: Number 2", client.top(2, 0)[1])
        client.dele(2)
        client.quit()
        client = self.stack.pop3(self.reader)
        self.assertEqual([line.split()[1] for line in client.uidl()[1]], [identities[0].split()[1], identities[2].split()[1]])
        client.quit()

    def test_a_lost_pop3_session_deletes_nothing(self):
        self.deliver(1)
        client = self.stack.pop3(self.reader)
        client.dele(1)
        client.sock.shutdown(socket.SHUT_RDWR)
        client.close()
        self.assertEqual(len(self.stack.messages(self.reader)), 1)

    def test_poplib_with_stls(self):
        client = poplib.POP3(self.stack["HOST"], self.stack.port("pop3"), timeout=30)
        client.stls(self.stack.tls())
        client.user(self.reader.address)
        client.pass_(self.reader.password)
        self.assertEqual(client.stat()[0], 0)
        client.quit()

    def curl(self, url: str, *options: str) -> str:
        return self.run_client("curl", "-sS", "--cacert", self.stack["CA_FILE"], "--user",
                               f"{self.reader.address}:{self.reader.password}", url, *options).stdout

    def test_curl_by_imap(self):
        self.deliver()
        host = self.stack["HOST"]
        for url in (f"imaps://{host}:{self.stack.port('imaps')}", f"imap://{host}:{self.stack.port('imap')}"):
            self.assertIn("INBOX", self.curl(url))
            self.assertIn("Subject: Number 1", self.curl(f"{url}/INBOX;MAILINDEX=1"))
        self.assertIn("EXISTS", self.curl(f"imap://{host}:{self.stack.port('imap')}", "--ssl-reqd", "-X", "EXAMINE INBOX"))

    def test_curl_by_pop3(self):
        self.deliver()
        host = self.stack["HOST"]
        self.assertIn("Subject: Number 1", self.curl(f"pop3s://{host}:{self.stack.port('pop3s')}/1"))
        self.assertIn("Subject: Number 1", self.curl(f"pop3://{host}:{self.stack.port('pop3')}/1", "--ssl-reqd"))

    def test_mbsync_both_ways(self):
        self.deliver(2)
        home = self.folder()
        configuration = home / "mbsyncrc"
        (home / "mail").mkdir()
        configuration.write_text(f"""IMAPAccount posthouse
Host localhost
Port {self.stack.port('imaps')}
User {self.reader.address}
Pass "{self.reader.password}"
SSLType IMAPS
SystemCertificates no
CertificateFile {self.stack['CA_FILE']}

IMAPStore far
Account posthouse

MaildirStore near
Path {home}/mail/
Inbox {home}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
SyncState *
""")

        def synchronise():
            self.run_client("mbsync", "-c", configuration, "all", env={"HOME": str(home), "PATH": "/usr/bin:/bin"})

        synchronise()
        near = mailbox.Maildir(home / "mail/INBOX", create=False)
        self.assertEqual(sorted(message["Subject"] for message in near), ["Number 1", "Number 2"])

        # Here: one read and flagged, one deleted, one added, and a mailbox made.
        for key, message in near.items():
            if message["Subject"] == "Number 1":
                message.set_subdir("cur")
                message.set_flags("FS")
                near[key] = message
            else:
                message.set_subdir("cur")
                message.set_flags("T")
                near[key] = message
        added = mailbox.MaildirMessage(mail("me@mail.test", "you@mail.test", "Written here"))
        added.set_subdir("cur")
        near.add(added)
        made = mailbox.Maildir(home / "mail/Made here", create=True)
        made.add(mailbox.MaildirMessage(mail("me@mail.test", "you@mail.test", "In the new mailbox")))
        synchronise()

        with self.stack.imap(self.reader) as client:
            client.select("INBOX", readonly=True)
            _, fetched = client.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
            there = {part[1].strip(): part[0] for part in fetched if isinstance(part, tuple)}
            self.assertEqual(set(there), {b"Subject: Number 1", b"Subject: Written here"})
            self.assertIn(b"\\Flagged", there[b"Subject: Number 1"])
            self.assertIn(b"\\Seen", there[b"Subject: Number 1"])
        self.assertEqual(len(self.stack.messages(self.reader, '"Made here"')), 1)

    def test_fetchmail(self):
        self.deliver(2)
        home = self.folder()
        configuration = home / "fetchmailrc"
        configuration.write_text(f"""poll localhost protocol POP3 port {self.stack.port('pop3s')}
  user "{self.reader.address}" password "{self.reader.password}"
  ssl sslcertck sslcertfile "{self.stack['CA_FILE']}"
  mda "cat >> {home}/fetched"
""")
        configuration.chmod(0o700)
        self.run_client("fetchmail", "-f", configuration, "--pidfile", home / "pid", "--nosyslog",
                        env={"HOME": str(home), "FETCHMAILHOME": str(home), "PATH": "/usr/bin:/bin"})
        fetched = (home / "fetched").read_text()
        self.assertIn("Subject: Number 1", fetched)
        self.assertIn("Subject: Number 2", fetched)
        eventually(lambda: not self.stack.messages(self.reader))

    def test_neomutt_flags_and_copies(self):
        self.deliver(2)
        home = self.folder()
        configuration = home / "neomuttrc"
        configuration.write_text(f"""set imap_user = "{self.reader.address}"
set imap_pass = "{self.reader.password}"
set certificate_file = "{self.stack['CA_FILE']}"
set folder = "imaps://localhost:{self.stack.port('imaps')}/"
set spoolfile = "+INBOX"
set confirmappend = no
set confirmcreate = no
set quit = yes
set resolve = no
push "<first-entry><flag-message><copy-message>=Kept<enter><quit>"
""")
        neomutt = f"neomutt -n -F {configuration}"
        self.run_client("script", "-qec", neomutt, "/dev/null", env={"HOME": str(home), "PATH": "/usr/bin:/bin", "TERM": "xterm"})
        (kept,) = self.stack.messages(self.reader, "Kept")
        self.assertIn(b"Subject: Number 1", kept)
        with self.stack.imap(self.reader) as client:
            client.select("INBOX", readonly=True)
            self.assertEqual(client.search(None, "FLAGGED")[1], [b"1"])


if __name__ == "__main__":
    unittest.main()
