"""The web application firewall, where an installation wants one (``hienluong up --waf``): Debian's Apache with ModSecurity
and the OWASP Core Rule Set stands at the web's port and hands on to the web, which then listens inside only.

We write what is ours to decide: limits, what the product's own addresses take, and what its refusal says. The rules are
Debian's (``modsecurity-crs``), with what the operator wrote in ``/etc/modsecurity/crs``.
"""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .passage import let_pass

#: Whom the firewall's processes run as when we are root.
SYSTEM_USER, SYSTEM_GROUP = "www-data", "www-data"
PROGRAM = Path("/usr/sbin/apache2")
MODULES = Path("/usr/lib/apache2/modules")
RULES = Path("/usr/share/modsecurity-crs/rules")
SETUP = Path("/etc/modsecurity/crs")
UNICODE = Path("/etc/modsecurity/unicode.mapping")
#: How to get it.
INSTALL = "apt-get install -y --no-install-recommends libapache2-mod-security2 modsecurity-crs"
#: Bytes of a request without its files, as Django takes (``DATA_UPLOAD_MAX_MEMORY_SIZE``).
PLAIN_BYTES = 5 * 1024 * 1024
#: Files of the largest size that one request may bring together, as Django takes (``MAX_BODY_BYTES``).
FILES = 4

_LOADED = "mpm_event unique_id headers setenvif authz_core reqtimeout proxy proxy_http security2"
_METHODS = "GET HEAD POST PUT PATCH DELETE OPTIONS"
_TYPES = (
    "application/x-www-form-urlencoded multipart/form-data multipart/related text/xml application/xml "
    "application/soap+xml application/json application/problem+json application/scim+json application/geo+json "
    "application/merge-patch+json application/cloudevents+json application/cloudevents-batch+json "
    "application/timestamp-query application/ocsp-request application/pdf application/octet-stream text/plain "
    "application/csp-report application/reports+json"
)
#: Where officials write papers with headings and tables, or rules in a language of their own: what there looks like
#: script is cleaned by the product (documents/layout/body.py) and judged as data.
_RICH = "^/lam-viec/(van-ban/di|thu-tuc|bieu-mau|co-so-du-lieu|bang-quyet-dinh|goi)/"
_WORDS = (
    "<!doctype html><html lang=vi><meta charset=utf-8><meta name=viewport content='width=device-width'>"
    "<title>Yêu cầu bị chặn</title><h1>Yêu cầu này bị tường lửa ứng dụng chặn</h1>"
    "<p>Nội dung gửi lên giống một cách tấn công. Nếu anh/chị chỉ điền thông tin bình thường, hãy bấm Quay lại (nội dung "
    "đã gõ vẫn còn), bỏ ký tự lạ như &lt; &gt; rồi gửi lại, hoặc báo bộ phận một cửa.</p>"
    "<p lang=en>The firewall refused this request: what it carries looks like an attack. Go back, take out unusual "
    "characters, and send it again.</p></html>"
)


class NoFirewall(OSError):
    """Debian's packages for it are not there; the message says how to install them."""


@dataclass(frozen=True)
class Firewall:
    """One firewall: where it listens, what is behind it, how large a file may be (bytes), whose word on addresses counts.

    `folder` is its own; `trusted` are the proxies before it, which alone may say over what the client came.
    """

    folder: Path
    host: str
    port: int
    behind: int
    most: int
    trusted: Sequence[str] = ()

    @staticmethod
    def missing() -> list[str]:
        """What of it this machine lacks, as paths."""
        wanted = [PROGRAM, MODULES / "mod_security2.so", RULES / "REQUEST-949-BLOCKING-EVALUATION.conf", UNICODE]
        return [str(path) for path in wanted if not path.exists()]

    def argv(self) -> list[str]:
        """The command, for the supervisor."""
        return [str(PROGRAM), "-D", "FOREGROUND", "-f", str(self.folder / "apache.conf")]

    def write(self) -> None:
        """Write its files, and make the folder it keeps large requests in. Raises NoFirewall, NoPassage."""
        if lacking := self.missing():
            raise NoFirewall(f"Thiếu tường lửa ứng dụng ({lacking[0]}). Cài: {INSTALL}")
        kept = self.folder / "requests"
        kept.mkdir(parents=True, exist_ok=True)
        kept.chmod(0o700)
        if os.geteuid() == 0:
            owner = pwd.getpwnam(SYSTEM_USER)
            shutil.chown(kept, owner.pw_uid, owner.pw_gid)
            let_pass(kept, owner.pw_uid, SYSTEM_USER, (self.folder.parent,))
        (self.folder / "apache.conf").write_text(self._apache())
        (self.folder / "rules.conf").write_text(self._rules())

    def _apache(self) -> str:
        listen = f"[{self.host}]" if ":" in self.host else self.host
        loads = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in _LOADED.split())
        as_whom = f"User {SYSTEM_USER}\nGroup {SYSTEM_GROUP}" if os.geteuid() == 0 else ""
        # A stranger may not say that he came over https; a proxy before us may.
        known = " || ".join(f"-R '{network}'" for network in self.trusted) or "false"
        words = _WORDS.encode("ascii", "xmlcharrefreplace").decode()  # whatever character set Apache says it is in
        return f"""{loads}
{as_whom}
ServerRoot {self.folder}
DefaultRuntimeDir {self.folder}
PidFile {self.folder}/pid
Mutex file:{self.folder} default
ServerName hienluong
ServerTokens Prod
ServerSignature Off
TraceEnable Off
Listen {listen}:{self.port}
ErrorLog /dev/stderr
LogLevel warn
StartServers 1
ServerLimit 4
ThreadsPerChild 32
MaxRequestWorkers 128
Timeout 65
RequestReadTimeout handshake=10 header=10-20,MinRate=500 body=10,MinRate=500
LimitRequestLine 8190
LimitRequestFieldSize 16384
LimitRequestBody {self.most * FILES + PLAIN_BYTES}
AllowEncodedSlashes NoDecode
ErrorDocument 403 "{words}"
RequestHeader unset X-Forwarded-Proto "expr=!({known})"
RequestHeader unset X-Forwarded-Host "expr=!({known})"
Header always set X-Refused-By firewall env=REFUSED_BY_FIREWALL
ProxyPreserveHost On
ProxyRequests Off
ProxyTimeout 65
ProxyPass / http://127.0.0.1:{self.behind}/ nocanon retry=0
Include {self.folder}/rules.conf
"""

    def _rules(self) -> str:
        # XML is left to the product: this ModSecurity answers 500 to XML that cannot be read, and no page of ours takes it.
        kept = self.folder / "requests"
        return f"""SecRuleEngine On
SecRequestBodyAccess On
SecRequestBodyLimit {self.most * FILES + PLAIN_BYTES}
SecRequestBodyNoFilesLimit {PLAIN_BYTES}
SecRequestBodyLimitAction Reject
SecRequestBodyJsonDepthLimit 64
SecArgumentsLimit 2000
SecResponseBodyAccess Off
SecPcreMatchLimit 100000
SecPcreMatchLimitRecursion 100000
SecTmpDir {kept}
SecDataDir {kept}
SecUploadDir {kept}
SecUploadKeepFiles Off
SecAuditEngine Off
SecUnicodeMapFile {UNICODE} 20127
SecStatusEngine Off
SecDefaultAction "phase:1,log,noauditlog,pass"
SecDefaultAction "phase:2,log,noauditlog,pass"
SecRule REQUEST_HEADERS:Content-Type "^application/(?:[a-z0-9.-]+\\+)?json" \
"id:200001,phase:1,t:none,t:lowercase,pass,nolog,ctl:requestBodyProcessor=JSON"
SecRule REQBODY_ERROR "!@eq 0" \
"id:200002,phase:2,t:none,log,deny,status:400,msg:'Request body cannot be read',setenv:REFUSED_BY_FIREWALL=1"
SecRule MULTIPART_STRICT_ERROR "!@eq 0" \
"id:200003,phase:2,t:none,log,deny,status:400,msg:'Multipart body is not strict',setenv:REFUSED_BY_FIREWALL=1"
Include {SETUP}/crs-setup.conf
SecAction "id:10100,phase:1,nolog,pass,t:none,setvar:'tx.allowed_methods={_METHODS}',\
setvar:'tx.allowed_request_content_type={" ".join(f"|{kind}|" for kind in _TYPES.split())}',\
setvar:'tx.max_num_args=2000'"
SecRule REQUEST_URI "@rx {_RICH}" "id:10101,phase:1,nolog,pass,t:none,t:normalizePath,\
ctl:ruleRemoveTargetByTag=attack-xss;ARGS,ctl:ruleRemoveTargetByTag=attack-xss;ARGS_NAMES"
IncludeOptional {SETUP}/REQUEST-900-EXCLUSION-RULES-BEFORE-CRS.conf
Include {RULES}/*.conf
IncludeOptional {SETUP}/RESPONSE-999-EXCLUSION-RULES-AFTER-CRS.conf
SecRuleUpdateActionById 949110 "setenv:REFUSED_BY_FIREWALL=1"
"""
