"""The people of a province, loaded in bulk: what the tables hold that a sign-in asks, without half a million actions.

Runs in the settings of the installation whose people they are. All have the same password, so one hash of it, and all
officials the same seed for their codes; nothing that a sign-in does is quicker or slower for that. Names, numbers and
browsers are each person's own.
"""

from __future__ import annotations

import hashlib
import json
import random
import uuid
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from benchmarks.sign_ins.driving import BACK

PASSWORD = "Cau-Hien-Luong-1954"
#: Of the codes of officials (RFC 6238), base 32.
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SCOPES = ["openid", "profile", "organisation", "represent", "offline_access"]
#: Rows get these numbers and those after; what the installation brings has smaller ones. Officials come after all citizens.
CITIZENS, OFFICIALS = 1_000_000, 9_000_000
#: Of so many citizens one represents an enterprise.
CITIZENS_AN_ENTERPRISE = 20
FAMILIES = "Nguyễn Trần Lê Phạm Hoàng Huỳnh Võ Đặng Bùi Đỗ Hồ Ngô Dương Cao Thái".split()
MIDDLES = "Văn Thị Hữu Minh Ngọc Đức Thanh Quang Thu Xuân".split()
NAMES = "An Bình Cường Dung Giang Hà Hiền Hòa Khánh Lan Lộc Minh Nam Phước Quý Sơn Thảo Tuấn Vân Yến".split()


def username(number: int) -> str:
    """The name that this person signs in with."""
    return f"nguoi{number}"


def browser(number: int) -> str:
    """The cookie of the browser that this person has signed in with before."""
    return hashlib.sha256(f"trình duyệt {number}".encode()).hexdigest()[:32]


def load(citizens: int, officials: int) -> str:
    """Load so many; gives, as JSON, the system that they let know their names: its id and its password.

    Each has an account, a browser that it knows, an open session, a try that went well, a name at systems and a consent;
    officials a post and an app for codes. The tables are analysed afterwards.
    """
    from django.db import connection

    from hienluong.foundation.identity import roles
    from hienluong.foundation.organisations.seed import load_quang_tri

    load_quang_tri()
    roles.seed()
    client, secret = _system()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    _load_citizens(range(CITIZENS, CITIZENS + citizens))
    _load_officials(range(OFFICIALS, OFFICIALS + officials))
    _load_accounts(range(CITIZENS, CITIZENS + citizens), "party", client)
    _load_accounts(range(OFFICIALS, OFFICIALS + officials), "official", client)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    return json.dumps([client, secret])


def _system() -> tuple[str, str]:
    """A system of the province that people sign in to."""
    from hienluong.foundation.actions import Actor
    from hienluong.foundation.organisations import queries
    from hienluong.foundation.sso import actions

    system, secret = actions.register(
        Actor(kind="system", label="đo tốc độ"),
        owner=queries.province(),
        name="Hệ thống đo",
        purpose="Đo tốc độ đăng nhập.",
        contact_name="Người đo",
        contact_email="do@tinh.example",
        proof="client_secret_basic",
        scopes=[scope for scope in SCOPES if scope != "openid"],
        redirect_uris=[BACK],
    )
    return system.client_id, secret


def _name(number: int) -> str:
    return f"{FAMILIES[number % 15]} {MIDDLES[number // 15 % 10]} {NAMES[number // 150 % 20]}"


def _load_citizens(numbers: range) -> None:
    from django.db.backends.postgresql.psycopg_any import DateRange
    from django.utils import timezone

    from hienluong.foundation.people.models import Party, Representation
    from hienluong.foundation.people.protected import blind_index

    now = timezone.now()

    def party(pk: int, kind: str, name: str, identifier: str) -> dict[str, Any]:
        told = {"id": pk, "kind": kind, "name": name, "identifier": identifier, "created_at": now}
        return {**told, "identifier_hash": blind_index(identifier), "phone": f"09{pk % 100_000_000:08d}"}

    _copy(Party, (party(each, "citizen", _name(each), f"045{each:09d}") for each in numbers))
    directors = numbers[::CITIZENS_AN_ENTERPRISE]
    firm = OFFICIALS  # enterprises have no accounts, so their numbers may be those of officials
    names = ((firm + n, "enterprise", f"Công ty TNHH {_name(n)}", f"32{n:08d}") for n in range(len(directors)))
    _copy(Party, (party(*each) for each in names))
    _copy(
        Representation,
        (
            {
                "representative": each,
                "represented": firm + n,
                "role": "Giám đốc",
                "valid": DateRange(now.date() - timedelta(days=400), None),
            }
            for n, each in enumerate(directors)
        ),
    )


def _load_officials(numbers: range) -> None:
    from django.db.backends.postgresql.psycopg_any import DateRange
    from django.utils import timezone

    from hienluong.foundation.organisations.models import Official, Organization, Position
    from hienluong.foundation.organisations.naming import person_key

    places = list(Organization.objects.filter(valid__contains=timezone.localdate()).values_list("pk", flat=True))
    held = DateRange(timezone.localdate() - timedelta(days=400), None)
    _copy(
        Official,
        (
            {"id": each, "code": f"CB{each}", "full_name": _name(each), "sort_name": person_key(_name(each))}
            for each in numbers
        ),
    )
    _copy(
        Position,
        (
            {
                "official": each,
                "organization": places[each % len(places)],
                "title": "Chuyên viên",
                "role": ("officer", "officer", "officer", "clerk", "leader")[each // len(places) % 5],
                "valid": held,
            }
            for each in numbers
        ),
    )


def _load_accounts(numbers: range, owner: str, client: str) -> None:
    """Their accounts, and what these have gathered; `owner` is the field that says whose an account is."""
    from allauth.mfa.adapter import get_adapter
    from allauth.mfa.models import Authenticator
    from allauth.usersessions.models import UserSession
    from django.contrib.auth.hashers import make_password
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from hienluong.foundation.identity.models import Account, SignInAttempt
    from hienluong.foundation.people.protected import blind_index
    from hienluong.foundation.signin.models import KnownBrowser
    from hienluong.foundation.sso.models import Consent, Subject

    now, chance = timezone.now(), random.Random(owner)
    password, empty = make_password(PASSWORD), SessionStore().encode({})
    seed = get_adapter().encrypt(SEED)

    def before() -> Any:
        return now - timedelta(seconds=chance.randrange(30 * 86_400))

    def rows(model: Any, row: Callable[[int], dict[str, Any]]) -> None:
        _copy(model, map(row, numbers))

    rows(
        Account,
        lambda each: {
            "id": each,
            "username": username(each),
            "display_name": _name(each),
            "password": password,
            owner: each,
            "created_at": now,
        },
    )
    if owner == "official":
        rows(Authenticator, lambda each: {"user": each, "type": "totp", "data": {"secret": seed}, "created_at": now})
    rows(
        KnownBrowser,
        lambda each: {
            "account": each,
            "mark": blind_index(browser(each).encode().hex()),
            "first_at": now - timedelta(days=60),
            "last_at": before(),
            "ip": "127.0.0.1",
        },
    )
    rows(
        Session,
        lambda each: {
            "session_key": f"{each:032d}",
            "session_data": empty,
            "expire_date": now + timedelta(hours=chance.randrange(1, 12)),
        },
    )
    rows(
        UserSession,
        lambda each: {
            "user": each,
            "session_key": f"{each:032d}",
            "created_at": now,
            "last_seen_at": now,
            "ip": "127.0.0.1",
            "user_agent": "",
            "data": {},
        },
    )
    rows(
        SignInAttempt,
        lambda each: {
            "pair": hashlib.sha256(f"{each}".encode()).hexdigest(),
            "address": hashlib.sha256(f"{each % 5000}".encode()).hexdigest(),
            "at": before(),
            "failed": False,
        },
    )
    rows(Subject, lambda each: {"account": each, "name": uuid.UUID(int=chance.getrandbits(128), version=4)})
    rows(
        Consent,
        lambda each: {"account": each, "client": client, "scopes": SCOPES, "purpose": "Đo.", "given_at": before()},
    )


def _copy(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows by COPY. They name fields; what they leave out has the default of the model, numbers that of the table."""
    from django.db import connection

    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    blank = model()
    fields = [field for field in model._meta.concrete_fields if field.name in first or not field.primary_key]
    rest = {
        field.name: field.get_db_prep_save(getattr(blank, field.attname), connection)
        for field in fields
        if field.name not in first
    }

    def values(row: dict[str, Any]) -> list[Any]:
        return [
            rest[field.name] if field.name in rest else field.get_db_prep_save(row[field.name], connection)
            for field in fields
        ]

    columns = ", ".join(f'"{field.column}"' for field in fields)
    statement = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write_row(values(first))
        for row in rows:
            copy.write_row(values(row))
