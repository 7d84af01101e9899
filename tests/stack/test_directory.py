"""Whom mail reaches beside the one whose name it bears, and from what addresses an account may send."""

import smtplib
import unittest

from .harness import StackTest, mail

STRANGER = "someone@elsewhere.test"


class Directory(StackTest):
    def mailctl(self, *arguments: str) -> None:
        done = self.stack.mailctl(*arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def deliver(self, to: str) -> None:
        with self.stack.smtp() as client:
            client.sendmail(STRANGER, [to], mail(STRANGER, to))

    def assert_refused(self, code: int, words: str, send) -> None:
        with self.assertRaises((smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError)) as caught:
            send()
        refusal = caught.exception
        if isinstance(refusal, smtplib.SMTPRecipientsRefused):
            status, text = next(iter(refusal.recipients.values()))
        else:
            status, text = refusal.smtp_code, refusal.smtp_error
        self.assertEqual(status, code)
        self.assertIn(words, text.decode())

    def test_names_that_nobody_has_go_to_the_catch_all_of_the_domain(self):
        keeper = self.stack.account("keeper")
        self.mailctl("domain", "add", "all.test")
        self.assert_refused(550, "5.1.1", lambda: self.deliver("nobody0@all.test"))
        self.mailctl("domain", "set", "all.test", f"catch-all={keeper.address}", "separator=-")
        for name in ("nobody1", "nobody2-detail", "webmaster"):
            self.deliver(f"{name}@all.test")
        self.assertEqual(len(self.stack.wait_for_mail(keeper, 3)), 3)

    def test_postmaster_and_abuse_reach_somebody_in_every_domain(self):
        self.mailctl("domain", "add", "new.test")
        owner = self.stack.account("owner")
        self.mailctl("admin", "add", owner.address, "--domain", "new.test")
        for name in ("postmaster@new.test", "Abuse@new.test"):
            self.deliver(name)
        self.assertEqual(len(self.stack.wait_for_mail(owner, 2)), 2)
        self.deliver("postmaster")  # without a domain, RFC 5321 §4.5.1

    def test_a_group_is_its_members_and_may_be_theirs_alone(self):
        first, second, outsider = (self.stack.account(name) for name in ("first", "second", "outsider"))
        self.mailctl("group", "add", "team@mail.test", first.address, second.address)
        self.deliver("team@mail.test")
        for member in (first, second):
            self.stack.wait_for_mail(member)
        self.mailctl("group", "add", "board@mail.test", first.address, second.address, "--senders", "members")
        self.assert_refused(550, "Only members", lambda: self.deliver("board@mail.test"))
        for sender, may in ((first, True), (outsider, False)):
            with self.stack.smtp(sender) as client:
                send = lambda: client.sendmail(sender.address, ["board@mail.test"], mail(sender.address, "board@mail.test"))
                send() if may else self.assert_refused(550, "Only members", send)
        self.stack.wait_for_mail(second, 2)

    def test_an_account_sends_only_from_what_is_its_own(self):
        sender, other, reader = (self.stack.account(name) for name in ("sender", "other", "reader"))
        self.mailctl("shared", "add", "info@mail.test", sender.address)
        self.mailctl("alias", "add", "contact@mail.test", sender.address, other.address)
        self.mailctl("send-as", "add", sender.address, "@granted.test")
        with self.stack.smtp(sender) as client:
            own = (sender.address, f"{sender.local_part}+shop@mail.test", "info@mail.test", "contact@mail.test", "any@granted.test")
            for address in own:
                client.sendmail(address, [reader.address], mail(address, reader.address))
            for address in (other.address, STRANGER, "nobody@mail.test"):
                self.assert_refused(553, f"5.7.1 {address} is not yours", lambda: client.sendmail(address, [reader.address], b""))
                client.rset()
            for named in (other.address, STRANGER):  # the header, too, is what a reader sees
                send = lambda: client.sendmail(sender.address, [reader.address], mail(named, reader.address))
                self.assert_refused(550, f"5.7.1 From: {named} is not yours", send)
            client.sendmail(sender.address, [reader.address], f"Resent-From: {sender.address}\r\n".encode() + mail(STRANGER, reader.address))
        self.assertEqual(len(self.stack.wait_for_mail(reader, len(own) + 1)), len(own) + 1)
        self.deliver("info@mail.test")  # is kept, and nobody logs in there


if __name__ == "__main__":
    unittest.main()
