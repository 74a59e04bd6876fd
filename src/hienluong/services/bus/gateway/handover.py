"""What the gateway says to the mediator beside the request itself: names of fields, all in small letters.

Envoy writes each of these itself and takes away what came from outside under the same name. Without the secret the mediator
takes nothing, so nobody gets past the gateway's checks by calling it directly.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

#: Proves that the call comes from our gateway: see :func:`secret`.
SECRET = "x-gateway-secret"  # noqa: S105 - the name of a header
#: The name of the route that the gateway chose (:func:`.accesslog.route_name`).
ROUTE = "x-bus-route"
#: The name of the way by which the agent node comes in.
NODE = "agent-node"
#: ``client_id`` of the access token that the gateway has verified.
CLIENT = "x-client-id"
#: Code of the agreement, as the consumer named it and the gateway matched it.
AGREEMENT = "x-agreement"
#: SHA-256 of the certificate that the token is bound to (RFC 8705, ``x5t#S256``); there only while nobody showed it.
BOUND = "x-token-certificate"
#: Tells our own web that a call came through the gateway, which has seen the certificate: see :func:`web_secret`.
FROM_GATEWAY = "x-gateway-proof"
#: Why the consumer calls, in its words.
PURPOSE = "x-purpose"
#: Where the call came from; of several the last is the one that the gateway saw itself.
ADDRESS = "x-forwarded-for"
#: What Envoy puts there: the address that agreements are held against.
CALLER = "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"
#: http or https, as the consumer called.
SCHEME = "x-forwarded-proto"
#: The name of the call in every log.
REQUEST_ID = "x-request-id"
#: Most characters of a purpose.
MOST_PURPOSE = 200
#: Bodies up to here are taken in whole before the provider hears of the call, so nobody's slowness holds a provider; of
#: larger ones the length has to be told beforehand. Bytes.
TAKEN_IN = 4 * 1024 * 1024
_FILE = "mediator.secret"
_WEB_FILE = "web.secret"


def secret(folder: Path) -> str:
    """What the gateway and the mediator have in common: a file beside the snapshot (mode 600), made at first use, once."""
    return _common(folder, _FILE)


def web_secret(folder: Path) -> str:
    """The same between the gateway and our own web, which takes tokens that are bound to a certificate from it."""
    return _common(folder, _WEB_FILE)


def _common(folder: Path, name: str) -> str:
    file = folder / name
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        beside = folder / f".{name}.{os.getpid()}.{secrets.token_hex(4)}"
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(48))
        try:
            os.link(beside, file)  # whole or not at all; the first one stays
        except FileExistsError:
            pass
        finally:
            beside.unlink()
    return file.read_text().strip()
