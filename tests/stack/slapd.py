"""OpenLDAP's slapd with an empty directory, as long as a test needs it: on a loopback port and a socket, stopped by its pid."""

import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.parse
from pathlib import Path

from .harness import eventually
from .ports import free_ports

SLAPD = "/usr/sbin/slapd"
BASE = "dc=example,dc=org"
ROOT = f"cn=root,{BASE}"
READER = f"cn=reader,ou=services,{BASE}"
SECRET = "the reader's secret"

CONFIGURATION = """\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
attributetype ( 1.3.6.1.4.1.99999.1 NAME 'mailAlternateAddress' EQUALITY caseIgnoreIA5Match SUBSTR caseIgnoreIA5SubstringsMatch
  SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )
attributetype ( 1.3.6.1.4.1.99999.2 NAME 'mailQuota' EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 SINGLE-VALUE )
attributetype ( 1.3.6.1.4.1.99999.3 NAME 'mailEnabled' EQUALITY booleanMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.7 SINGLE-VALUE )
objectclass ( 1.3.6.1.4.1.99999.4 NAME 'mailThing' SUP top AUXILIARY MAY ( mail $ mailAlternateAddress $ mailQuota $ mailEnabled ) )
pidfile {folder}/pid
argsfile {folder}/args
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCACertificateFile {folder}/ca.pem
TLSCertificateFile {folder}/server.pem
TLSCertificateKeyFile {folder}/server.key
disallow bind_anon
database mdb
suffix "{base}"
rootdn "{root}"
rootpw rootpw
directory {folder}/data
dbnosync
index objectClass,mail,mailAlternateAddress eq
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{reader}" read by * none
"""

ENTRIES = f"""\
dn: {BASE}
objectClass: domain
dc: example

dn: ou=people,{BASE}
objectClass: organizationalUnit
ou: people

dn: ou=services,{BASE}
objectClass: organizationalUnit
ou: services

dn: {READER}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: {SECRET}
"""


class Slapd:
    """Speaks StartTLS on port, TLS on tls_port, and neither on a socket. Its certificate, by an authority of its own, is good for 127.0.0.1."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="posthouse-slapd-"))
        self.folder.chmod(0o755)
        (self.folder / "data").mkdir()
        self.port, self.tls_port = free_ports(2)
        self.ca_file = self.folder / "ca.pem"
        self.process: subprocess.Popen | None = None
        self.issue_certificate()
        (self.folder / "slapd.conf").write_text(CONFIGURATION.format(folder=self.folder, base=BASE, root=ROOT, reader=READER))
        self.start()
        self.add(ENTRIES)

    @property
    def socket_url(self) -> str:
        return "ldapi://" + urllib.parse.quote(str(self.folder / "ldapi"), safe="")

    def issue_certificate(self) -> None:
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
        self.openssl("req", "-x509", *key, "-subj", "/CN=directory authority", "-addext", "keyUsage=critical,keyCertSign", "-keyout", "ca.key",
                     "-out", "ca.pem")
        self.openssl("req", *key[:-2], "-subj", "/CN=directory", "-keyout", "server.key", "-out", "server.csr")
        (self.folder / "extensions").write_text("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
        self.openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "extensions",
                     "-out", "server.pem")

    def openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, timeout=60)

    def start(self) -> None:
        urls = f"ldap://127.0.0.1:{self.port} ldaps://127.0.0.1:{self.tls_port} {self.socket_url}"
        self.log = (self.folder / "log").open("ab")
        self.process = subprocess.Popen([SLAPD, "-h", urls, "-f", self.folder / "slapd.conf", "-d", "none"], stdout=self.log, stderr=self.log,
                                        stdin=subprocess.DEVNULL)
        eventually(self.answers)

    def answers(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"slapd ended:\n{(self.folder / 'log').read_text()}")
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait(timeout=30)
            self.log.close()
            self.process = None

    def hang(self, hangs: bool = True) -> None:
        self.process.send_signal(signal.SIGSTOP if hangs else signal.SIGCONT)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def tool(self, name: str, ldif: str, *arguments: str) -> None:
        done = subprocess.run([name, "-x", "-H", self.socket_url, "-D", ROOT, "-w", "rootpw", *arguments], input=ldif, capture_output=True,
                              text=True, timeout=30)
        if done.returncode != 0:
            raise AssertionError(f"{name}: {done.stderr}")

    def add(self, ldif: str) -> None:
        self.tool("ldapadd", ldif)

    def person(self, uid: str, password: str, *lines: str) -> str:
        """The name of the new entry. lines: more of it, as "attribute: value"."""
        name = f"uid={uid},ou=people,{BASE}"
        self.add("\n".join([f"dn: {name}", "objectClass: inetOrgPerson", "objectClass: mailThing", f"uid: {uid}", f"cn: {uid}", f"sn: {uid}",
                            *lines, ""]))
        self.set_password(name, password)
        return name

    def modify(self, name: str, *lines: str) -> None:
        self.tool("ldapmodify", "\n".join([f"dn: {name}", "changetype: modify", *lines, ""]))

    def set_password(self, name: str, password: str) -> None:
        self.tool("ldappasswd", "", "-s", password, name)

    def delete(self, name: str) -> None:
        self.tool("ldapdelete", "", name)
