"""Mailboxes of other servers are imported, and POP3 clients find every message under the unique id that they know."""

import base64
import imaplib
import json
import os
import poplib
import random
import shlex
import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path

from .dovecot import Dovecot
from .harness import Account, StackTest, eventually, mail
from .troubles import nothing_is_under_way, sql

FOLDER = "Entwürfe & Ähnliches"


def utf7(name: str) -> str:
    """Modified UTF-7 (RFC 3501 §5.1.3), a character at a time."""
    def written(character: str) -> str:
        if character == "&":
            return "&-"
        if " " <= character <= "~":
            return character
        return "&" + base64.b64encode(character.encode("utf-16-be")).decode().rstrip("=").replace("/", ",") + "-"
    return "".join(map(written, name))


def drop(client: poplib.POP3) -> dict[str, bytes]:
    """The messages of a maildrop by their unique ids."""
    lines = client.uidl()[1]
    found = {}
    for line in lines:
        number, unique_id = line.decode().split(" ")
        found[unique_id] = b"\r\n".join(client.retr(int(number))[1])
    client.quit()
    if len(found) != len(lines):
        raise AssertionError("a unique id is there twice")
    return found


class Importing(StackTest):
    def import_maildir(self, account: Account, folder: Path, *options: str, status: int = 0) -> dict:
        done = self.stack.mailctl("-o", "json", "import", "maildir", account.address, str(folder), *options)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return json.loads(done.stdout)

    def refused(self, *arguments: str, status: int) -> str:
        done = self.stack.mailctl("import", "maildir", *arguments)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stderr

    def drop(self, account: Account) -> dict[str, bytes]:
        return drop(self.stack.pop3(account))

    def maildir(self, messages: dict[str, bytes]) -> Path:
        """By the names of their files in cur."""
        folder = self.folder() / "Maildir"
        for part in ("cur", "new", "tmp"):
            (folder / part).mkdir(parents=True)
        for name, message in messages.items():
            (folder / "cur" / name).write_bytes(message)
        return folder


class FromDovecot(Importing):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dovecot = Dovecot()
        cls.addClassCleanup(cls.dovecot.remove)
        cls.dovecot.start()

    def fill(self, user: str, count: int = 5) -> None:
        for number in range(count):
            self.dovecot.deliver(user, mail("sender@elsewhere.test", f"{user}@mail.test", f"number {number}", f"{number}\r\n.\r\nend\r\n"))

    def test_unique_ids_are_the_same_then_and_later(self):
        account = self.stack.account("mover")
        user = account.local_part
        self.fill(user)
        known = drop(self.dovecot.pop3(user))
        self.assertEqual(len(known), 5)
        done = self.import_maildir(account, self.dovecot.maildir(user))
        self.assertEqual((done["imported"], done["with_old_unique_id"], done["warning_count"], done["error_count"]), (5, 5, 0, 0))
        self.assertEqual(self.drop(account), known)

        with self.subTest("more mail, here and there, and once more"):
            with self.stack.smtp() as client:
                client.sendmail("other@elsewhere.test", [account.address], mail("other@elsewhere.test", account.address, "here"))
            self.stack.wait_for_mail(account, 6)
            self.fill(user, 2)
            now = drop(self.dovecot.pop3(user))
            self.assertEqual(len(now), 7)
            done = self.import_maildir(account, self.dovecot.maildir(user))
            self.assertEqual((done["imported"], done["present"]), (2, 5))
            ours = self.drop(account)
            self.assertEqual({unique_id: ours[unique_id] for unique_id in now}, now)
            self.assertEqual(len(ours), 8)

        with self.subTest("after a restart of the server, and with messages gone"):
            client = self.stack.pop3(account)
            client.dele(1)
            client.quit()
            before = self.stack.pid("pop3d")
            os.kill(before, signal.SIGKILL)
            left = eventually(lambda: self.drop_if_up(account))
            del ours[next(iter(ours))]
            self.assertEqual(left, ours)

        with self.subTest("what was deleted here does not come back"):
            done = self.import_maildir(account, self.dovecot.maildir(user))
            self.assertEqual((done["imported"], done["present"]), (0, 7))
            self.assertEqual(self.drop(account), ours)

    def drop_if_up(self, account: Account) -> dict[str, bytes]:
        try:
            return self.drop(account)
        except (OSError, poplib.error_proto):
            return {}

    def test_every_format_of_unique_ids(self):
        formats = ("%v.%u", "%08Xv%08Xu", "%f", "%g", "%Uf", "%Xv-%u", "%u", "x%%%Lg")
        for uidl_format in formats:
            with self.subTest(uidl_format):
                account = self.stack.account("format")
                self.dovecot.restart(uidl_format=uidl_format)
                self.fill(account.local_part, 3)
                known = drop(self.dovecot.pop3(account.local_part))
                done = self.import_maildir(account, self.dovecot.maildir(account.local_part), "--uidl-format", uidl_format)
                self.assertEqual(done["with_old_unique_id"], 3)
                self.assertEqual(self.drop(account), known)

    def test_saved_unique_ids_count_more_than_the_format(self):
        account = self.stack.account("saved")
        user = account.local_part
        self.dovecot.restart(uidl_format="old-%u-%v", save_uidl="yes")
        self.fill(user, 3)
        drop(self.dovecot.pop3(user))
        self.dovecot.restart()
        self.fill(user, 1)
        known = drop(self.dovecot.pop3(user))
        self.assertEqual(sum(unique_id.startswith("old-") for unique_id in known), 3)
        self.import_maildir(account, self.dovecot.maildir(user))
        self.assertEqual(self.drop(account), known)

    def test_saved_unique_ids_that_are_the_names_of_files(self):
        account = self.stack.account("names")
        user = account.local_part
        self.dovecot.restart(uidl_format="%f", save_uidl="yes")
        self.addCleanup(self.dovecot.restart)
        self.fill(user, 3)
        known = drop(self.dovecot.pop3(user))
        self.assertIn(" P :", (self.dovecot.maildir(user) / "dovecot-uidlist").read_text())
        self.import_maildir(account, self.dovecot.maildir(user))
        self.assertEqual(self.drop(account), known)

    def test_lists_that_are_elsewhere(self):
        dovecot = Dovecot(layout=":CONTROL=~/control")
        self.addCleanup(dovecot.remove)
        dovecot.start()
        account = self.stack.account("control")
        user = account.local_part
        for number in range(3):
            dovecot.deliver(user, mail("sender@elsewhere.test", account.address, f"number {number}"))
        with dovecot.imap(user) as client:
            client.create("Kept")
            client.create("Other")
            client.subscribe("Kept")
            client.append("Kept", "(Invoice)", imaplib.Time2Internaldate(1_700_000_000), mail(account.address, account.address, "kept"))
        known = drop(dovecot.pop3(user))
        maildir = dovecot.maildir(user)
        without = self.import_maildir(account, maildir, "--dry-run")
        self.assertEqual(without["with_old_unique_id"], 0)
        self.assertEqual(sum("--control" in warning["what"] for warning in without["warnings"]), 2)
        done = self.import_maildir(account, maildir, "--control", str(maildir.parent / "control"))
        self.assertEqual((done["imported"], done["with_old_unique_id"], done["warning_count"]), (4, 4, 0))
        self.assertEqual(self.drop(account), known)
        with self.stack.imap(account) as client:
            client.select("Kept")
            self.assertIn(b"Invoice", client.fetch("1", "(FLAGS)")[1][0])
            self.assertNotIn(b"Other", b"\n".join(client.lsub()[1]))
        self.assertIn("no folder", self.refused(account.address, str(maildir), "--control", str(maildir / "nowhere"), status=1))

    def test_unique_ids_that_come_later(self):
        account = self.stack.account("later")
        user = account.local_part
        self.dovecot.restart()
        self.fill(user, 3)
        before = self.folder() / "Maildir"
        shutil.copytree(self.dovecot.maildir(user), before, ignore=shutil.ignore_patterns("dovecot*"))
        first = self.import_maildir(account, before)
        self.assertEqual((first["imported"], first["with_old_unique_id"]), (3, 0))
        known = drop(self.dovecot.pop3(user))
        again = self.import_maildir(account, self.dovecot.maildir(user))
        self.assertEqual((again["imported"], again["present"], again["warning_count"]), (0, 3, 0))
        self.assertEqual(self.drop(account), known)
        wrong = self.import_maildir(account, self.dovecot.maildir(user), "--uidl-format", "%v-%u")
        self.assertEqual(sum("another --uidl-format" in warning["what"] for warning in wrong["warnings"]), 3)
        self.assertEqual(self.drop(account), known)

    def test_xuidl_fields(self):
        account = self.stack.account("xuidl")
        user = account.local_part
        self.dovecot.restart(reuse_xuidl="yes")
        self.addCleanup(self.dovecot.restart)
        self.fill(user, 1)
        self.dovecot.deliver(user, mail("sender@elsewhere.test", account.address, "named", "A body.\r\n", "X-UIDL: older*than*time"))
        known = drop(self.dovecot.pop3(user))
        self.assertIn("older*than*time", known)
        self.import_maildir(account, self.dovecot.maildir(user), "--reuse-xuidl")
        self.assertEqual(self.drop(account), known)

    def test_flags_dates_folders_and_subscriptions(self):
        account = self.stack.account("folders")
        user = account.local_part
        folder = utf7(FOLDER)
        with self.dovecot.imap(user) as client:
            client.create("Work.Done" if b"." in client.list()[1][0] else "Work/Done")
            self.assertEqual(client.create(f'"{folder}"')[0], "OK")
            self.assertEqual(client.subscribe(f'"{folder}"')[0], "OK")
            for name, flags, date in (("INBOX", r"\Seen", 1), ("INBOX", r"\Flagged \Answered Invoice $Forwarded", 2), (f'"{folder}"', r"\Draft Later", 3)):
                when = imaplib.Time2Internaldate(1_700_000_000 + date)
                self.assertEqual(client.append(name, f"({flags})", when, mail(account.address, account.address, f"{date}"))[0], "OK")
        self.fill(user, 1)
        theirs = {name: self.listed(self.dovecot.imap(user), name) for name in ("INBOX", folder)}
        self.import_maildir(account, self.dovecot.maildir(user))
        for name in theirs:
            self.assertEqual(self.listed(self.stack.imap(account), name), theirs[name])
        self.assertEqual(len(theirs["INBOX"]), 3)
        with self.stack.imap(account) as client:
            self.assertTrue(any(b'"Work/Done"' in line or b"Work/Done" in line for line in client.list()[1]))
            subscribed = b"\n".join(client.lsub()[1])
            self.assertIn(folder.encode(), subscribed)
            self.assertNotIn(b"Work/Done", subscribed)

    def listed(self, client: imaplib.IMAP4, folder: str) -> list[tuple]:
        """Flags, date and octets of every message. Dovecot has P for its own keyword, and ours."""
        with client:
            self.assertEqual(client.select(f'"{folder}"', readonly=True)[0], "OK")
            _, fetched = client.fetch("1:*", "(FLAGS INTERNALDATE BODY.PEEK[])")
        found = []
        for part in fetched:
            if isinstance(part, tuple):
                flags = sorted(flag.decode() for flag in imaplib.ParseFlags(part[0]) if flag != rb"\Recent")
                found.append((flags, imaplib.Internaldate2tuple(part[0]), part[1]))
        return found

    def test_folders_within_folders(self):
        dovecot = Dovecot(layout=":LAYOUT=fs")
        self.addCleanup(dovecot.remove)
        dovecot.start()
        account = self.stack.account("layout")
        user = account.local_part
        with dovecot.imap(user) as client:
            client.create("a/b.c/d")
            client.append("a/b.c/d", "", imaplib.Time2Internaldate(time.time()), mail(account.address, account.address, "deep"))
        done = self.import_maildir(account, dovecot.maildir(user))
        self.assertEqual((done["imported"], done["error_count"]), (1, 0))
        self.assertEqual(len(self.stack.messages(account, "a/b.c/d")), 1)

    def test_a_dry_run_changes_nothing(self):
        account = self.stack.account("dry")
        self.fill(account.local_part, 2)
        drop(self.dovecot.pop3(account.local_part))
        done = self.import_maildir(account, self.dovecot.maildir(account.local_part), "--dry-run")
        self.assertEqual((done["imported"], done["with_old_unique_id"], done["dry_run"]), (2, 2, True))
        self.assertEqual(self.stack.messages(account), [])
        audit = self.stack.mailctl("-o", "json", "audit", "list", "--object", account.address)
        self.assertIn("user.add", audit.stdout)
        self.assertNotIn("mail.import", audit.stdout)


class FromCourier(Importing):
    """As Courier's pop3d writes its list, by its documented versions."""

    MESSAGES = {
        "1700000001.M1P1.old.test,S=20:2,S": b"Subject: one\n\n1\n",
        "1700000002.M2P1.old.test,S=20:2,": b"Subject: two\n\n2\n",
        "1700000003.M3P1.old'test:2,F": b"Subject: three\n\n3\n",
    }

    def check(self, size_list: str, expected: list[str]) -> None:
        account = self.stack.account("courier")
        folder = self.maildir(self.MESSAGES)
        (folder / "courierpop3dsizelist").write_text(size_list)
        done = self.import_maildir(account, folder)
        self.assertEqual((done["imported"], done["with_old_unique_id"]), (3, 3))
        ours = self.drop(account)
        self.assertEqual(list(ours), expected)
        self.assertEqual(list(ours.values()), [message.rstrip(b"\n").replace(b"\n", b"\r\n") for message in self.MESSAGES.values()])

    def lines(self, *rest: str) -> str:
        return "".join(f"{name} 20{each}\n" for name, each in zip(self.MESSAGES, rest))

    def test_version_3(self):
        self.check("/3 12 1600000000\n" + self.lines(" 7:1600000000:0", " 9:0:1", " 0:0:0"),
                   ["UID7-1600000000", "UID9", "1700000003.M3P1.old+27test"])

    def test_version_2(self):
        self.check("/2 12 1600000000\n" + self.lines(" 7:1600000000", " 8:1600000000", " 11:1500000000"),
                   ["UID7-1600000000", "UID8-1600000000", "UID11-1500000000"])

    def test_version_1(self):
        self.check("/1 12\n" + self.lines(" 3", " 4", " 5"), ["UID3", "UID4", "UID5"])

    def test_before_there_were_versions(self):
        self.check(self.lines("", "", ""), ["1700000001.M1P1.old.test,S=20", "1700000002.M2P1.old.test,S=20", "1700000003.M3P1.old+27test"])

    def test_subscriptions(self):
        account = self.stack.account("courier")
        folder = self.maildir(self.MESSAGES)
        for name in (".Old", ".Older.Still"):
            (folder / name / "cur").mkdir(parents=True)
        (folder / "courierimapsubscribed").write_text("INBOX\nINBOX.Older.Still\n")
        self.import_maildir(account, folder)
        with self.stack.imap(account) as client:
            self.assertIn(b"Older/Still", b"\n".join(client.list()[1]))
            subscribed = [line.decode() for line in client.lsub()[1]]
            self.assertTrue(any("Older/Still" in line for line in subscribed))
            self.assertFalse(any(line.endswith(" Old") or line.endswith('"Old"') for line in subscribed))


class Trouble(Importing):
    settings = ("lmtp-delivery.max_message_size=1MiB",)

    def messages(self, count: int) -> dict[str, bytes]:
        return {f"17000{number:05}.M{number}P1.old.test:2,": f"Subject: number {number}\n\nA body.\n".encode() for number in range(count)}

    def test_who_cannot_have_it(self):
        folder = str(self.maildir(self.messages(1)))
        account = self.stack.account("whole")
        self.assertEqual(self.stack.mailctl("alias", "add", "alias@mail.test", account.address).returncode, 0)
        self.assertIn(f"alias@mail.test is an alias of {account.address}", self.refused("alias@mail.test", folder, status=2))
        self.assertIn("there is no user nobody@mail.test", self.refused("nobody@mail.test", folder, status=3))
        self.assertIn("no folder", self.refused(account.address, folder + "/nowhere", status=1))
        self.assertIn(f"did you mean {folder}?", self.refused(account.address, str(Path(folder).parent), status=1))
        self.assertIn("%m is for mbox files", self.refused(account.address, folder, "--uidl-format", "%m", status=2))
        other = self.stack.account("other")
        self.assertEqual(self.stack.mailctl("--as", other.address, "import", "maildir", account.address, folder).returncode, 3)
        self.assertEqual(self.stack.messages(account), [])

    def test_it_is_in_the_audit(self):
        account = self.stack.account("audited")
        folder = self.maildir(self.messages(1))
        self.import_maildir(account, folder)
        entries = json.loads(self.stack.mailctl("-o", "json", "audit", "list", "--object", account.address).stdout)
        entry = next(entry for entry in entries if entry["action"] == "mail.import")
        self.assertEqual((entry["details"], entry["peer"]), ({"source": str(folder)}, f"local:{os.geteuid()}"))

    def test_what_is_wrong_with_a_message_is_told_with_its_file(self):
        account = self.stack.account("trouble")
        folder = self.maildir(self.messages(4))
        (folder / "cur" / "1700010000.large:2,").write_bytes(b"Subject: large\n\n" + b"x" * 70 + b"\n" * 1_100_000)
        (folder / "cur" / "1700010001.nul:2,S").write_bytes(b"Subject: \xff\xfe\x00\n\n\x00\x01\xff\r\nlast\rline")
        (folder / "cur" / "1700010002.empty:2,S").write_bytes(b"")
        (folder / "cur" / "1700010003.folder").mkdir()
        names = [name.partition(":")[0] for name in self.messages(4)]
        long = "x" * 71
        (folder / "dovecot-uidlist").write_text(
            f"3 V1600000000 N9 G0123456789abcdef\n1 Psame :{names[0]}\n2 Psame :{names[1]}\nnonsense\n3 P{long} :{names[2]}\n4 :{names[3]}:2,S\n")
        done = self.import_maildir(account, folder, status=5)
        self.assertEqual((done["imported"], done["refused"], done["with_old_unique_id"]), (6, 2, 2))
        errors = {error["where"].removeprefix(f"{folder}/"): error["what"] for error in done["errors"]}
        self.assertEqual(set(errors), {"cur/1700010000.large:2,", "cur/1700010003.folder", "dovecot-uidlist:4"})
        self.assertIn("max_message_size", errors["cur/1700010000.large:2,"])
        warnings = "\n".join(f"{warning['where']}: {warning['what']}" for warning in done["warnings"])
        self.assertIn(f"{names[1]}:2,: another message has its unique id", warnings)
        self.assertIn(f"{names[2]}:2,: its unique id is not 1 to 70", warnings)
        self.assertIn("3 messages had no unique id", warnings)
        unique_ids = list(self.drop(account))
        self.assertEqual((unique_ids[0], unique_ids[3]), ("same", "000000045f5e1000"))
        stored = self.stack.messages(account)
        self.assertEqual(stored[4], b"Subject: \xff\xfe\x00\r\n\r\n\x00\x01\xff\r\nlast\rline")
        again = self.import_maildir(account, folder, status=5)
        self.assertEqual((again["imported"], again["present"]), (0, 6))

    def test_names_that_are_not_utf_8(self):
        account = self.stack.account("latin")
        folder = self.maildir(self.messages(2))
        latin = os.fsencode(folder / "cur") + b"/1700020000.caf\xe9\x1b[2J:2,Sab"
        Path(os.fsdecode(latin)).write_bytes(b"X-UIDL: caf\xe9\n\nA body.\n")
        (folder / "dovecot-keywords").write_bytes(b"0 gr\xfcn\n1 Invoice\n")
        names = [name.partition(":")[0] for name in self.messages(2)]
        (folder / "dovecot-uidlist").write_bytes(b"3 V1600000000 N9 G0\n1 Pcaf\xe9 :%s\n2 Pgood :%s\n" % tuple(map(str.encode, names)))
        done = self.import_maildir(account, folder, "--reuse-xuidl")
        self.assertEqual((done["imported"], done["with_old_unique_id"], done["error_count"]), (3, 1, 0))
        warnings = {warning["where"].removeprefix(f"{folder}/"): warning["what"] for warning in done["warnings"]}
        for name in (f"{names[0]}:2,", r"1700020000.caf\xE9\x1B[2J:2,Sab"):
            self.assertIn("not 1 to 70", warnings[f"cur/{name}"])
        self.assertIn("no keyword that IMAP could have", warnings["dovecot-keywords:1"])
        with self.stack.imap(account) as client:
            client.select("INBOX")
            self.assertIn(rb"(\Seen Invoice", client.fetch("3", "(FLAGS)")[1][0].replace(rb"\Recent ", b""))
        self.assertEqual(self.import_maildir(account, folder)["present"], 3)

    def test_links_and_what_is_no_mail_are_left_out(self):
        account = self.stack.account("links")
        folder = self.maildir(self.messages(1))
        secret = self.folder() / "secret"
        secret.write_bytes(b"Subject: secret\n\n")
        (folder / "cur" / "1.link").symlink_to(secret)
        (folder / "cur" / "2.gzip").write_bytes(b"\x1f\x8b\x08\x00")
        os.mkfifo(folder / "cur" / "3.pipe")
        (folder / "loop").symlink_to(".")
        other = self.maildir(self.messages(2))
        (folder / ".Theirs").symlink_to(other)
        (folder / ".Zero" / "cur").mkdir(parents=True)
        (folder / ".Zero" / "dovecot-uidlist").symlink_to("/dev/zero")
        for name in ("cur/4.theirs", ".Owned"):
            (folder / name).mkdir() if name.startswith(".") else (folder / name).write_bytes(b"Subject: theirs\n\n")
            if os.geteuid() == 0:
                os.chown(folder / name, 12345, -1)
        done = self.import_maildir(account, folder, status=5)
        self.assertEqual((done["imported"], done["refused"]), (1, 4) if os.geteuid() == 0 else (2, 3))
        errors = {error["where"].removeprefix(f"{folder}/"): error["what"] for error in done["errors"]}
        for name in ("cur/1.link", "loop", ".Theirs"):
            self.assertIn("symbolic link", errors.pop(name))
        self.assertIn("dovecot-uidlist: it is a symbolic link", errors.pop(".Zero"))
        self.assertIn("doveadm", errors.pop("cur/2.gzip"))
        self.assertIn("no regular file", errors.pop("cur/3.pipe"))
        if os.geteuid() == 0:
            for name in ("cur/4.theirs", ".Owned"):
                self.assertIn("the uid 12345", errors.pop(name))
        self.assertEqual(errors, {})

    def test_a_list_that_cannot_be_read_keeps_no_other_folder_out(self):
        account = self.stack.account("unreadable")
        folder = self.maildir(self.messages(1))
        (folder / "subscriptions").mkdir()
        for name, side_file in ((".A", "dovecot-keywords"), (".B", "dovecot-uidlist"), (".C", "courierpop3dsizelist")):
            (folder / name / "cur").mkdir(parents=True)
            (folder / name / "cur" / "1").write_bytes(b"Subject: x\n\n")
            (folder / name / side_file).mkdir()
        done = self.import_maildir(account, folder, status=5)
        self.assertEqual((done["imported"], done["error_count"]), (1, 4))
        errors = {error["where"].removeprefix(f"{folder}/"): error["what"] for error in done["errors"]}
        self.assertEqual(set(errors), {"subscriptions", ".A", ".B", ".C"})
        self.assertIn("dovecot-keywords: it is no regular file", errors[".A"])
        self.assertEqual(sum("--control" in warning["what"] for warning in done["warnings"]), 1)

    def test_a_list_that_is_none_keeps_its_folder_out(self):
        account = self.stack.account("listless")
        folder = self.maildir(self.messages(2))
        (folder / ".Other" / "cur").mkdir(parents=True)
        (folder / ".Other" / "cur" / "1.other").write_bytes(b"Subject: other\n\n")
        (folder / "dovecot-uidlist").write_text("9 what is this\n")
        done = self.import_maildir(account, folder, status=5)
        self.assertEqual(done["imported"], 1)
        self.assertIn("dovecot-uidlist:1: only versions 1 and 3 are known", done["errors"][0]["what"])
        self.assertEqual((len(self.stack.messages(account)), len(self.stack.messages(account, "Other"))), (0, 1))

    def test_a_full_mailbox(self):
        account = self.stack.account("full", "--quota", "100KiB")
        folder = self.maildir({f"17000{number:05}.full": b"Subject: full\n\n" + b"%d" % number + random.randbytes(10_000).hex().encode() + b"\n"
                               for number in range(50)})
        done = self.import_maildir(account, folder, status=5)
        self.assertEqual(done["imported"], 5)
        self.assertIn("the mailbox is full", done["errors"][0]["what"])
        self.assertEqual(self.stack.mailctl("quota", "set", account.address, "unlimited").returncode, 0)
        done = self.import_maildir(account, folder)
        self.assertEqual((done["imported"], done["present"]), (45, 5))

    def test_large_messages_come_whole(self):
        account = self.stack.account("large")
        text = b"Subject: large\n\n" + b"".join(random.randbytes(33).hex().encode() + b"\n" for _ in range(15_000))
        folder = self.maildir({"1.large": text, "2.large": text[::-1]})
        self.import_maildir(account, folder)
        self.assertEqual(self.stack.messages(account), [each.replace(b"\n", b"\r\n") for each in (text, text[::-1])])

    def test_a_kill_in_the_middle_and_once_more_brings_each_message_once(self):
        account = self.stack.account("killed")
        messages = self.messages(4_000)
        folder = self.maildir(messages)
        names = [name.partition(":")[0] for name in messages]
        (folder / "dovecot-uidlist").write_text("1 1600000000 5000\n" + "".join(f"{uid} {name}\n" for uid, name in enumerate(names, start=1)))
        count = f"SELECT count(*) FROM posthouse.login l JOIN posthouse.msg m USING (account_id) WHERE login_norm = '{account.address}'"
       
        running = subprocess.Popen([*shlex.split(self.stack["MAILCTL"]), "import", "maildir", account.address, str(folder)],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        eventually(lambda: int(sql(self.stack, count)) > 0)
        os.kill(self.stack.pid("lmtp-delivery"), signal.SIGKILL)
        said = running.communicate(timeout=60)
        eventually(lambda: nothing_is_under_way(self.stack, "lmtp_delivery"))  # what it had asked for last may yet be done
        stored = int(sql(self.stack, count))
        self.assertLess(stored, 4_000)
        self.assertEqual(running.returncode, 1, said)
        self.assertIn("Run it again", said[1])
        done = eventually(lambda: self.imported_if_up(account, folder))
        self.assertEqual((done["imported"], done["present"]), (4_000 - stored, stored))
        client = self.stack.pop3(account)
        self.assertEqual([line.split()[1].decode() for line in client.uidl()[1]], [f"{uid:08x}{1_600_000_000:08x}" for uid in range(1, 4_001)])
        client.quit()

    def imported_if_up(self, account: Account, folder: Path) -> dict:
        done = self.stack.mailctl("-o", "json", "import", "maildir", account.address, str(folder))
        return json.loads(done.stdout) if done.returncode == 0 else {}


if __name__ == "__main__":
    unittest.main()
