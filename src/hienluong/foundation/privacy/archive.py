"""The copy itself: one ZIP with the data for machines (JSON), the same for people (HTML that needs nothing else), the files."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.backends.postgresql.psycopg_any import Range
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.models import Account
from hienluong.foundation.people.holdings import Holding, Person, all_holdings

CHUNK = 64 * 1024
#: Rows of one kind that the page for people shows; the JSON has all.
SHOWN = 500


@dataclass(frozen=True)
class Part:
    """One kind of thing that is held, as the page for people shows it."""

    title: str
    labels: list[str]
    rows: list[list[str]]
    count: int
    files: list[tuple[str, str]]  # name, path in the archive


class Encoder(DjangoJSONEncoder):
    """Ranges of days as their two ends."""

    def default(self, o: Any) -> Any:
        return [o.lower, o.upper] if isinstance(o, Range) else super().default(o)


def person_of(account: Account) -> Person:
    """Whom an account stands for."""
    return Person(account_id=account.pk, party_id=account.party_id, official_id=account.official_id)


def write(out: IO[bytes], account: Account) -> None:
    """Write the archive of everything that modules hold of this account's owner into a file open for writing."""
    person = person_of(account)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        taken: set[str] = set()
        parts = []
        with archive.open("du-lieu.json", "w", force_zip64=True) as data:
            data.write(b'{"made_at": ' + _json(timezone.now()) + b', "parts": {')
            for index, holding in enumerate(all_holdings()):
                data.write((b"," if index else b"") + b"\n" + _json(holding.code) + b": [")
                parts.append(_rows(holding, person, data))
                data.write(b"]")
            data.write(b"\n}}\n")
        for holding, part in zip(all_holdings(), parts, strict=True):
            for file in holding.files(person):
                part.files.append((file.name, _put(archive, file, taken)))
        page = render_to_string(
            "privacy/archive.html",
            {"parts": [part for part in parts if part.count or part.files], "account": account, "at": timezone.now()},
        )
        archive.writestr("doc-toi.html", page)


def _rows(holding: Holding, person: Person, data: IO[bytes]) -> Part:
    labels = list(holding.labels)
    shown: list[list[str]] = []
    count = 0
    for row in holding.rows(person):
        data.write((b"," if count else b"") + b"\n" + _json(row))
        count += 1
        if len(shown) < SHOWN:
            shown.append([_words(row.get(name)) for name in labels])
    return Part(str(holding.title), [str(holding.labels[name]) for name in labels], shown, count, [])


def _put(archive: zipfile.ZipFile, file: StoredFile, taken: set[str]) -> str:
    """One file under a name that no other has."""
    path = f"tep/{file.pk}/{PurePosixPath(file.name).name or 'tep'}"
    if path not in taken:
        taken.add(path)
        with archive.open(path, "w", force_zip64=True) as out, file.open() as content:
            for chunk in _chunks(content):
                out.write(chunk)
    return path


def _chunks(stream: Any) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def _json(value: Any) -> bytes:
    return json.dumps(value, cls=Encoder, ensure_ascii=False).encode()


def _words(value: Any) -> str:
    """A value as people read it."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return _("có") if value else _("không")
    if hasattr(value, "tzinfo"):
        return f"{timezone.localtime(value):%H:%M %d/%m/%Y}" if value.tzinfo else str(value)
    if hasattr(value, "strftime"):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, Range):
        return f"{_words(value.lower)} – {_words(value.upper)}"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_words(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(_words(each) for each in value)
    return str(value)
