"""What the mediator writes down of each call before it answers, and what it looks up: tables of :mod:`services.bus.models`.

If it cannot be written, the call is not answered. Quantities are exact: they are added up in the database.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from psycopg import AsyncConnection, AsyncCursor
from psycopg_pool import AsyncConnectionPool

from . import signatures
from .nodes import Exchange
from .signatures import Key

#: Connections to the database, and seconds to wait for one.
MOST_CONNECTIONS, PATIENCE = 4, 5.0
#: Seconds for which the keys of a consumer are believed to be unchanged.
KEYS_FRESH = 10.0
#: Seconds between two removals of what is over.
CLEANING = 300.0

_ADD = """
INSERT INTO bus_volume (agreement, day, records)
VALUES (%(agreement)s, (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, %(records)s)
ON CONFLICT (agreement, day) DO UPDATE SET records = bus_volume.records + EXCLUDED.records
    WHERE %(most)s::bigint IS NULL OR bus_volume.records::bigint + EXCLUDED.records <= %(most)s
RETURNING records
"""
_USED = """
SELECT records FROM bus_volume
WHERE agreement = %s AND day = (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date
"""
_CALL = """
INSERT INTO bus_call (uid, at, agreement, operation, client, purpose, address, status, records, fields, persons,
                      request_digest, answer_digest, signature, request_id, evidence)
VALUES (%(uid)s, %(at)s, %(agreement)s, %(operation)s, %(client)s, %(purpose)s, %(address)s, %(status)s, %(records)s,
        %(fields)s, %(persons)s, %(request_digest)s, %(answer_digest)s, %(signature)s, %(request_id)s, %(evidence)s)
"""
_EXCHANGE = """
INSERT INTO agentnode_exchange (call, at, operation, incoming, client, service, message, request, hash, user_code, error)
VALUES (%(call)s, %(at)s, %(operation)s, %(incoming)s, %(client)s, %(service)s, %(message)s, %(request)s, %(hash)s, %(user)s,
        %(error)s)
"""
_TURNED = """
INSERT INTO bus_codetally (day, operation, agreement, name, how, codes)
VALUES ((now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, %s, %s, %s, %s, %s)
ON CONFLICT (day, operation, agreement, name, how) DO UPDATE SET codes = bus_codetally.codes + EXCLUDED.codes
"""
_NONCE = """
INSERT INTO bus_usednonce (client, nonce, until) VALUES (%s, %s, to_timestamp(%s)) ON CONFLICT DO NOTHING RETURNING id
"""


class VolumeUsedUp(Exception):
    """The agreement's records of the day do not suffice for this answer."""


@dataclass
class Entry:
    """One call as it is written down. `persons` are blind indexes."""

    agreement: str
    operation: str
    client: str
    purpose: str
    address: str = ""
    status: int = 0
    records: int = 0
    fields: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)
    request_digest: str = ""
    answer_digest: str = ""
    signature: str = ""
    request_id: str = ""
    evidence: str = ""  # sealed
    turned: dict[tuple[str, str], int] = field(
        default_factory=dict
    )  # codes not one to one: place, what was done; how many
    node: Exchange | None = None  # where it went, or came from, through the agent node
    uid: UUID = field(default_factory=uuid4)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


class Books:
    """The connections, opened with :meth:`open`. Faults of the database come out as :class:`psycopg.Error`
    (a pool that has none free in time: ``PoolTimeout``, which is one)."""

    def __init__(self, url: str) -> None:
        self._pool = AsyncConnectionPool(
            url,
            min_size=1,
            max_size=MOST_CONNECTIONS,
            timeout=PATIENCE,
            open=False,
            kwargs={"autocommit": True, "application_name": "hienluong-mediator", "connect_timeout": 5},
            check=AsyncConnectionPool.check_connection,
        )
        self._keys: dict[str, tuple[float, dict[str, Key], list[dict[str, Any]]]] = {}
        self._cleaned = time.monotonic()

    async def open(self) -> None:
        """Begin to connect; the database need not be there yet."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Give the connections back."""
        await self._pool.close()

    async def write(self, entry: Entry, *, most_records: int | None = None) -> None:
        """Write a call and add its records to those of the day, in one transaction.

        Raises :class:`VolumeUsedUp` when more than `most_records` would have gone out today; nothing is written then.
        """
        async with self._pool.connection() as connection, connection.transaction(), connection.cursor() as cursor:
            if entry.records:
                if most_records is not None and entry.records > most_records:
                    raise VolumeUsedUp
                added = {"agreement": entry.agreement, "records": entry.records, "most": most_records}
                if (await _row(cursor, _ADD, added)) is None:
                    raise VolumeUsedUp
            if entry.operation:
                await cursor.execute(_CALL, entry.__dict__)
            if entry.turned:  # in one order, so that two calls never wait for each other
                counts = sorted((entry.operation, entry.agreement, *key, n) for key, n in entry.turned.items())
                await cursor.executemany(_TURNED, counts)
            if entry.node is not None:
                about = {"call": entry.uid, "at": entry.at, "operation": entry.operation}
                await cursor.execute(_EXCHANGE, {**entry.node.__dict__, **about})

    async def used_today(self, agreement: str) -> int:
        """Records that went out today, in Việt Nam."""
        async with self._pool.connection() as connection, connection.cursor() as cursor:
            row = await _row(cursor, _USED, (agreement,))
        return row[0] if row else 0

    async def is_new(self, client: str, nonce: str, until: float) -> bool:
        """Note the nonce of a signed request until this moment (Unix time); whether it was not used before."""
        async with self._pool.connection() as connection, connection.cursor() as cursor:
            row = await _row(cursor, _NONCE, (client, nonce, until))
            await self._clean(connection)
        return row is not None

    async def keys_of(self, client: str) -> dict[str, Key]:
        """The public keys that a system signs its requests with, by name; weak and unknown ones are left out."""
        known = self._keys.get(client)
        if known is None or time.monotonic() - known[0] > KEYS_FRESH:
            async with self._pool.connection() as connection, connection.cursor() as cursor:
                asked = "SELECT keys FROM sso_system WHERE client_id = %s AND disabled_at IS NULL"
                row = await _row(cursor, asked, (client,))
            listed = _listed(row[0] if row else None)
            if len(self._keys) > 1000:
                self._keys.clear()
            known = self._keys[client] = (time.monotonic(), dict(_usable(listed)), listed)
        return known[1]

    def jwk_of(self, client: str, keyid: str) -> Mapping[str, Any]:
        """The key as it was when :meth:`keys_of` read it."""
        for jwk in self._keys[client][2]:
            if (jwk.get("kid") or signatures.thumbprint(jwk)) == keyid:
                return jwk
        return {}

    async def _clean(self, connection: AsyncConnection[Any]) -> None:
        if time.monotonic() - self._cleaned > CLEANING:
            self._cleaned = time.monotonic()
            await connection.execute("DELETE FROM bus_usednonce WHERE until < now() - interval '1 minute'")


def blind_index(value: str, key: str) -> str:
    """As :func:`foundation.people.protected.blind_index`, which needs Django; a test keeps the two alike."""
    letters = "".join(letter for letter in value if letter.isalnum()).upper()
    return hmac.new(key.encode(), letters.encode(), hashlib.sha256).hexdigest() if letters else ""


async def _row(cursor: AsyncCursor[Any], statement: str, values: Any) -> Any:
    await cursor.execute(statement, values)
    return await cursor.fetchone()


def _listed(keys: Any) -> list[dict[str, Any]]:
    keys = json.loads(keys) if isinstance(keys, str) else keys
    listed = keys.get("keys") if isinstance(keys, dict) else None
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _usable(listed: Iterable[dict[str, Any]]) -> Iterable[tuple[str, Key]]:
    for jwk in listed:
        try:
            key = signatures.key_from_jwk(jwk)
        except (ValueError, KeyError, TypeError):
            continue
        if jwk.get("use", "sig") == "sig":
            yield key.keyid, key
