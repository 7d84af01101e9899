"""What the programs tell of themselves: every series that dashboards and alerts rest on, with its labels and nothing beyond."""

import re
import unittest
import urllib.request

from .harness import StackTest, eventually, mail
from .troubles import metric

PROCESS = {"process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes", "process_open_fds",
           "process_max_fds", "process_start_time_seconds"}
EVERY = {name: () for name in PROCESS} | {
    "posthouse_build_info": ("revision", "service", "version"),
    "posthouse_ready": (),
    "posthouse_draining": (),
    "posthouse_config_last_reload_successful": (),
    "posthouse_config_last_reload_success_timestamp_seconds": (),
    "posthouse_log_events_total": ("level",),
    "posthouse_log_dropped_total": (),
    "posthouse_log_suppressed_total": (),
    "posthouse_event_loop_lag_seconds": ("loop",),
    "posthouse_tls_certificate_not_after_timestamp_seconds": ("name",),
    "posthouse_tls_last_reload_successful": (),
}
LISTENS = {
    "posthouse_connections_active": ("listener", "tls"),
    "posthouse_connections_total": ("listener",),
    "posthouse_connections_rejected_total": ("listener", "reason"),
    "posthouse_connection_duration_seconds": ("listener",),
    "posthouse_client_address_private_total": ("listener",),
    "posthouse_accept_failures_total": ("listener",),
    "posthouse_bytes_total": ("direction", "listener"),
}
DATABASE = {
    "posthouse_db_pool_connections": ("state",),
    "posthouse_db_pool_wait_seconds": (),
    "posthouse_db_errors_total": ("class", "retryable"),
    "posthouse_db_query_duration_seconds": ("query", "result"),
    "posthouse_worker_queue_depth": ("pool",),
}
SCHEMA = {"posthouse_db_schema_version": ()}
CALLS = {"grpc_client_handled_total": ("grpc_code", "grpc_method", "grpc_service"),
         "grpc_client_handling_seconds": ("grpc_method", "grpc_service")}
ANSWERS = {"grpc_server_handled_total": ("grpc_code", "grpc_method", "grpc_service"),
           "grpc_server_handling_seconds": ("grpc_method", "grpc_service")}
SESSIONS = {"posthouse_sessions_attached": (), "posthouse_sessions_ended_total": ("protocol", "reason")}
PUBLISHES = {"posthouse_events_published_total": ("kind",)}
EXPECTED = {
    "smtpd": EVERY | LISTENS | DATABASE | SCHEMA | CALLS | SESSIONS | {
        "posthouse_tls_handshakes_total": ("resumed", "result", "role", "version"),
        "posthouse_auth_attempts_total": ("mechanism", "protocol", "result"),
        "posthouse_smtp_commands_total": ("code", "command", "listener"),
        "posthouse_smtp_command_duration_seconds": ("command", "listener"),
        "posthouse_smtp_messages_total": ("direction", "result"),
        "posthouse_smtp_recipients_total": ("direction", "result"),
        "posthouse_smtp_rejections_total": ("reason", "stage"),
        "posthouse_smtp_message_size_bytes": ("direction",),
        "posthouse_queue_enqueued_total": ("source",),
    },
    "lmtp-delivery": EVERY | LISTENS | DATABASE | SCHEMA | CALLS | PUBLISHES | {
        "posthouse_lmtp_recipients_total": ("result",),
        "posthouse_lmtp_delivery_duration_seconds": ("phase",),
        "posthouse_lmtp_imports": (),
        "posthouse_lmtp_import_messages_total": ("result",),
        "posthouse_store_messages_appended_total": ("source",),
        "posthouse_store_dedup_total": ("result",),
        "posthouse_quota_exceeded_total": (),
    },
    "imapd": EVERY | LISTENS | DATABASE | SCHEMA | CALLS | ANSWERS | SESSIONS | {
        "posthouse_events_received_total": ("kind",),
        "posthouse_event_delivery_seconds": ("kind",),
        "posthouse_imap_commands_total": ("command", "result"),
        "posthouse_imap_command_duration_seconds": ("command",),
        "posthouse_imap_sessions_active": ("state",),
        "posthouse_imap_idle_notifications_total": (),
        "posthouse_imap_fetch_bytes_total": (),
        "posthouse_imap_literal_rejected_total": (),
        "posthouse_imap_bye_total": ("reason",),
        "posthouse_imap_search_duration_seconds": ("backend",),
        "posthouse_store_messages_appended_total": ("source",),
        "posthouse_quota_exceeded_total": (),
        "posthouse_auth_attempts_total": ("mechanism", "protocol", "result"),
    },
    "pop3d": EVERY | LISTENS | DATABASE | SCHEMA | CALLS | PUBLISHES | SESSIONS | {
        "posthouse_pop3_commands_total": ("command", "result"),
        "posthouse_pop3_command_duration_seconds": ("command",),
        "posthouse_pop3_sessions_total": ("end",),
        "posthouse_pop3_messages_retrieved_total": (),
        "posthouse_pop3_messages_deleted_total": (),
        "posthouse_pop3_messages_expired_total": (),
        "posthouse_pop3_maildrops_refused_total": ("reason",),
        "posthouse_auth_attempts_total": ("mechanism", "protocol", "result"),
    },
    "filterd": EVERY | ANSWERS | {
        "posthouse_filter_scans_total": ("verdict",),
        "posthouse_filter_duration_seconds": ("stage",),
        "posthouse_filter_score": (),
        "posthouse_filter_rule_hits_total": ("rule",),
        "posthouse_filter_failopen_total": (),
    },
    "accountd": EVERY | DATABASE | SCHEMA | ANSWERS | {
        "posthouse_accountd_authentications_total": ("protocol", "result"),
        "posthouse_resolve_total": ("result",),
        "posthouse_accountd_attachments": (),
        "posthouse_accountd_session_endings_total": (),
    },
    "relayd": EVERY | DATABASE | SCHEMA | CALLS | {
        "posthouse_queue_messages": ("state",),
        "posthouse_queue_oldest_message_age_seconds": ("state",),
        "posthouse_queue_message_age_seconds": ("result",),
        "posthouse_queue_enqueued_total": ("source",),
        "posthouse_queue_lease_expired_total": (),
        "posthouse_delivery_attempts_total": ("provider", "result", "transport"),
        "posthouse_delivery_duration_seconds": ("phase", "transport"),
        "posthouse_delivery_connections_active": ("transport",),
        "posthouse_delivery_tls_total": ("policy", "result"),
        "posthouse_delivery_replies_total": ("code_class", "enhanced_class", "transport"),
        "posthouse_dns_lookup_duration_seconds": ("result", "type"),
        "posthouse_tls_handshakes_total": ("resumed", "result", "role", "version"),
        "posthouse_dsn_sent_total": ("kind",),
    },
}
SAMPLE = re.compile(r'([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? \S+$')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


class Scrape:
    def __init__(self, text: str):
        self.help, self.type = {}, {}
        self.labels: dict[str, set[tuple[str, ...]]] = {}
        self.values: dict[str, set[str]] = {}  # of labels, by label
        self.series = 0
        for line in text.splitlines():
            if line.startswith("# HELP "):
                name, _, said = line[7:].partition(" ")
                self.help[name] = said
            elif line.startswith("# TYPE "):
                name, _, kind = line[7:].partition(" ")
                assert name not in self.type, f"{name} is told twice"
                self.type[name] = kind
            else:
                self.sample(line)

    def sample(self, line: str) -> None:
        found = SAMPLE.match(line)
        assert found, line
        name, labels = found[1], dict(LABEL.findall(found[2] or ""))
        if name not in self.type:
            name = re.sub(r"_(bucket|sum|count)$", "", name)
        labels.pop("le", None)
        self.series += 1
        self.labels.setdefault(name, set()).add(tuple(sorted(labels)))
        for label, value in labels.items():
            self.values.setdefault(label, set()).add(value)


class Metrics(StackTest):
    def scrape(self, program: str) -> Scrape:
        port = self.stack.port(f"{program.replace('-', '_')}_admin")
        with urllib.request.urlopen(f"http://{self.stack['HOST']}:{port}/metrics", timeout=10) as answer:
            self.assertIn("version=0.0.4", answer.headers["Content-Type"])
            return Scrape(answer.read().decode())

    def traffic(self) -> list[str]:
        """A little of everything; gives back what must never be seen in a label."""
        reader = self.stack.account("reader")
        sender = self.stack.account("sender")
        body = mail(sender.address, reader.address, "Unmistakable")
        with self.stack.smtp() as client:
            client.sendmail("someone@elsewhere.test", [reader.address], body)
            client.docmd("MAIL FROM:<someone@elsewhere.test>")
            client.docmd("RCPT TO:<nobody@mail.test>")
            client.docmd("X-SOMETHING unheard of")
        with self.stack.smtp(sender) as client:
            client.sendmail(sender.address, [reader.address, "postmaster@elsewhere.invalid"], body)
        self.stack.wait_for_mail(reader, 2)
        client = self.stack.pop3(reader)
        client.retr(1)
        client.dele(1)
        client.quit()
        return [reader.address, sender.address, reader.local_part, "nobody", "elsewhere", "SOMETHING", "Unmistakable", "127.0.0.1"]

    def test_before_anything_happens(self):
        """A series that is absent until its first event never sets off an alert."""
        for program, names in {
            "smtpd": ("posthouse_smtp_rejections_total", "posthouse_auth_attempts_total", "posthouse_db_schema_version"),
            "imapd": ("posthouse_imap_commands_total", "posthouse_imap_bye_total", "posthouse_auth_attempts_total"),
            "pop3d": ("posthouse_auth_attempts_total",),
            "accountd": ("posthouse_accountd_authentications_total",),
            "relayd": ("posthouse_delivery_replies_total",),
        }.items():
            with self.subTest(program):
                calls = {name for name in EXPECTED[program] if name.startswith("grpc_")}
                self.assertLessEqual({*names, *calls, "grpc_server_handled_total"}, self.scrape(program).labels.keys())

    def test_the_catalogue(self):
        never = self.traffic()
        # The mail to elsewhere is looked at by relayd when its turn comes.
        eventually(lambda: metric(self.stack, "relayd", "posthouse_dns_lookup_duration_seconds_count") > 0)
        for program, expected in EXPECTED.items():
            scrape = self.scrape(program)
            for name, labels in expected.items():
                with self.subTest(f"{program} {name}"):
                    self.assertIn(name, scrape.labels)
                    self.assertEqual(scrape.labels[name], {tuple(sorted(labels))})
            with self.subTest(program):
                for name in scrape.labels:
                    self.assertIn(scrape.type.get(name), ("counter", "gauge", "histogram"), name)
                    self.assertRegex(scrape.help.get(name, ""), r"^(gRPC|[A-Z0-9]).*\.$", name)
                    self.assertRegex(name, r"^(posthouse|process|grpc)_")
                    if scrape.type[name] == "counter":
                        self.assertTrue(name.endswith("_total"), name)
                    if scrape.type[name] == "histogram":
                        self.assertRegex(name, r"_(seconds|bytes|score|deliveries)$")
                self.assertLess(scrape.series, 3000)
                for label, values in scrape.values.items():
                    self.assertLess(len(values), 120, label)  # accountd has so many calls
                    for secret in never:
                        self.assertFalse([value for value in values if secret in value], f"{label} tells of {secret}")


if __name__ == "__main__":
    unittest.main()
