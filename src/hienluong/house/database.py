"""Turning a PostgreSQL URL into Django's settings; no other engine is accepted."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper

from hienluong.foundation.composed import plans


def database_from_url(url: str) -> dict[str, Any]:
    """Settings for ``postgresql://user:password@host:port/name?host=/socket/folder``.

    Raises ValueError for another scheme: Hiền Lương runs on PostgreSQL only.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"DATABASE_URL must be a postgresql:// URL, not {parts.scheme}://")
    # Statements are prepared at their second use on a connection: the server need not read them again.
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "hienluong",
        "USER": unquote(parts.username or "postgres"),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", "") or parts.hostname or "",
        "PORT": str(parts.port or query.pop("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"application_name": "hienluong", "server_side_binding": True, "prepare_threshold": 1, **query},
    }


def plan_for_each_value(connection: BaseDatabaseWrapper, **signal: object) -> None:
    """Receiver of ``connection_created``: a prepared statement is still planned for the values it is run with.

    A plan for any value cannot use our partial indexes, and reads a million rows for a name that is rare. Where all is
    found by unique keys (:func:`composed.planned_once`) plans are kept; that is said again before each request.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET plan_cache_mode = {plans()}")
    connection.is_usable = partial(_lives, connection)  # type: ignore[method-assign]


def _lives(connection: BaseDatabaseWrapper) -> bool:
    """Whether a connection still lives, which Django asks before the first statement of a request (``SELECT 1``); what is
    asked says along how the statements that follow are planned."""
    if connection.connection is None:
        return False
    try:
        with connection.connection.cursor() as cursor:
            cursor.execute(f"SET plan_cache_mode = {plans()}")
    except psycopg.Error:
        return False
    return True
