"""Debian's Apache with mod_auth_openidc before a folder: what an agency does whose own program knows no OpenID Connect."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hienluong.foundation.sso.models import System
from tests.foundation.sso.system import registered

from .running import free_port, running

APACHE, MODULES = "/usr/sbin/apache2", "/usr/lib/apache2/modules"
LOADED = "mpm_event authn_core authz_core authz_user dir auth_openidc"
SETTINGS = """
ServerRoot {folder}
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
DefaultRuntimeDir {folder}
PidFile {folder}/pid
ErrorLog {folder}/error
Mutex file:{folder} default
User www-data
Group www-data
StartServers 1
ThreadsPerChild 8
MaxRequestWorkers 8
DocumentRoot {folder}/www
DirectoryIndex index.html
ForceType "text/html; charset=utf-8"
OIDCProviderMetadataURL {province}/.well-known/openid-configuration
OIDCClientID {id}
OIDCClientSecret {secret}
OIDCRedirectURI http://127.0.0.1:{port}/kin/ve
OIDCCryptoPassphrase {passphrase}
OIDCScope "openid profile offline_access"
OIDCPKCEMethod S256
OIDCRemoteUserClaim sub
OIDCSessionType server-cache
OIDCHTTPTimeoutLong 60
OIDCHTTPTimeoutShort 60
OIDCInfoHook access_token id_token userinfo refresh_token
<Location /kin>
  AuthType openid-connect
  Require valid-user
</Location>
<Location /da-ra>
  Require all granted
</Location>
"""


@contextmanager
def apache(province: str) -> Iterator[str]:
    """The address of an Apache whose folder ``/kin/`` is for people of the province."""
    port = free_port()
    system, secret = registered(
        name="Kho số liệu sau Apache",
        proof=System.Proof.BASIC,
        scopes=["profile", "offline_access"],
        redirect_uris=[f"http://127.0.0.1:{port}/kin/ve"],
        logout_redirects=[f"http://127.0.0.1:{port}/da-ra/"],
        logout_uri=f"http://127.0.0.1:{port}/kin/ve?logout=backchannel",
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)  # when root starts it, it works as another account
        for place, words in (("kin", "Chỉ người của tỉnh"), ("da-ra", "Đã ra")):
            (folder / "www" / place).mkdir(parents=True)
            (folder / "www" / place / "index.html").write_text(f"<h1>{words}</h1>")
        told = {"province": province, "id": system.client_id, "secret": secret, "port": port, "folder": folder}
        modules = "".join(f"LoadModule {each}_module {MODULES}/mod_{each}.so\n" for each in LOADED.split())
        settings = folder / "settings"
        settings.write_text(modules + SETTINGS.format(**told, passphrase=secrets.token_hex(16)))
        settings.chmod(0o600)
        with running([APACHE, "-f", str(settings), "-DFOREGROUND"], port, folder / "said") as address:
            yield address
