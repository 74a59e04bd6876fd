"""Finding documents by words: with and without marks, in their fields and in the text of their files, within rights.

One index answers both questions, who may read and what was asked for, so that a rare word of a clerk with a hundred
thousand documents and a common word of an officer with fifty are both quick. What is found is newest first, looked for
year by year: a common word of ten years is not gathered whole for one page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from django.db import connection
from django.utils import timezone

from hienluong.foundation.actions import Actor
from hienluong.foundation.search.text import exact, fold

from . import types
from .access import agencies_with
from .models import Document

#: Words of a text that are kept: the first ones; what comes later in a long annex is not found.
MOST_WORDS = 20_000
#: Letters of a word that are kept.
LONGEST = 40
#: Documents that are looked at for one page, at most; the count says "more than" beyond it.
MOST_FOUND = 500

#: Bytes of the words of one document: what PostgreSQL takes in one vector is a little more (1 MB).
MOST_BYTES = 900_000

_TOKEN = re.compile(r"[^\W_]+(?:[./-][^\W_]+)*")
_PART = re.compile(r"[./-]")
_QUOTED = re.compile(r"[\"“”„]([^\"“”„]+)[\"“”„]")


def lexemes(*texts: str) -> set[str]:
    """What texts are found by: each word without marks, with them (``=…``) when it has any, whole codes and their parts,
    and each two words that follow one another (``a+b``), for what is asked for in quotes."""
    found: set[str] = set()
    for text in texts:
        words = [match.group() for match in _TOKEN.finditer(unicodedata.normalize("NFC", text))][:MOST_WORDS]
        plain = [fold(word)[:LONGEST] for word in words]
        found.update(plain)
        found.update("+".join(pair) for pair in pairwise(plain))
        for word, bare in zip(words, plain, strict=True):
            if _PART.search(bare):
                found.update(part for part in _PART.split(bare) if part)
            if word.lower() != bare:
                found.add("=" + exact(word)[:LONGEST])
    found.discard("")
    return found


def within_limit(own: set[str], more: set[str]) -> list[str]:
    """The words of a document's own fields, and of its files as many as one vector takes: short ones before long ones."""
    left = MOST_BYTES - sum(len(word.encode()) for word in own)
    found = set(own)
    for word in sorted(more - own, key=lambda word: (len(word), word)):
        left -= len(word.encode())
        if left < 0:
            break
        found.add(word)
    return sorted(found)


def own_words(document: Document) -> list[str]:
    """The texts of a document's own fields."""
    return [
        document.code,
        document.subject,
        document.author_name,
        document.author_code,
        document.signer_name,
        types.ALL[document.type].name if document.type in types.ALL else "",
    ]


def index(document: Document, *, text: str | None = None) -> None:
    """Bring what a document is found by up to date, inside the caller's transaction.

    `text` is what its files say, as far as it was read; None keeps what is known of them.
    """
    day = document.issued_on or timezone.localdate(document.created_at)
    with connection.cursor() as cursor:
        # with the trigger on readers: whoever comes second sees what the first wrote
        cursor.execute("SELECT 1 FROM documents_document WHERE id = %s FOR NO KEY UPDATE", [document.pk])
        if text is None:
            cursor.execute("SELECT text FROM documents_documenttext WHERE document_id = %s", [document.pk])
            row = cursor.fetchone()
            known, read_at = (row[0] if row else ""), None
        else:
            known, read_at = text.replace("\0", " "), timezone.now()
        words = within_limit(lexemes(*own_words(document)) | {_year(day.year)}, lexemes(known))
        cursor.execute(
            "INSERT INTO documents_documenttext (document_id, text, day, vector, readers, read_at)"
            " VALUES (%(id)s, %(text)s, %(day)s, array_to_tsvector(%(words)s::text[]), documents_readers_of(%(id)s), %(at)s)"
            " ON CONFLICT (document_id) DO UPDATE SET text = excluded.text, day = excluded.day,"
            " vector = excluded.vector, readers = excluded.readers,"
            " read_at = coalesce(excluded.read_at, documents_documenttext.read_at)",
            {"id": document.pk, "text": known, "day": day, "words": words, "at": read_at},
        )


def _year(year: int) -> str:
    return f"~{year}"


_OF_A_YEAR = """
    SELECT document_id FROM documents_documenttext AS found
    WHERE vector @@ %(query)s::tsquery AND readers && %(marks)s::varchar[]
      AND (%(since)s::date IS NULL OR day >= %(since)s) AND (%(until)s::date IS NULL OR day <= %(until)s)
      AND (%(direction)s = '' OR EXISTS (
          SELECT FROM documents_document WHERE id = found.document_id AND direction = %(direction)s
      ))
    ORDER BY day DESC, document_id DESC LIMIT %(most)s
"""


@dataclass(frozen=True)
class Found:
    """The ids of what was found, newest first (:data:`MOST_FOUND` at most), and whether there is more."""

    ids: list[int]
    more: bool = False

    def documents(self, first: int = 0, most: int = MOST_FOUND) -> list[Document]:
        """The documents from the `first` on, in order; one query."""
        wanted = self.ids[first : first + most]
        rows = Document.objects.select_related("agency").in_bulk(wanted)
        return [rows[pk] for pk in wanted if pk in rows]


def query_of(typed: str) -> list[str]:
    """The parts of the question, each as a quoted ``tsquery`` operand; all of them must hold.

    A word with marks is looked for with them, one without in either form; words in quotes must follow one another; a
    code is found by its beginning (``125/ubnd``).
    """
    asked: list[str] = []
    rest = typed.replace("\0", " ")[:300]
    for phrase in _QUOTED.findall(rest):
        words = [fold(match.group())[:LONGEST] for match in _TOKEN.finditer(unicodedata.normalize("NFC", phrase))]
        asked += [_operand("+".join(pair)) for pair in pairwise(words)] or [_operand(word) for word in words]
    rest = _QUOTED.sub(" ", rest)
    for match in _TOKEN.finditer(unicodedata.normalize("NFC", rest)):
        word, bare = match.group(), fold(match.group())[:LONGEST]
        if _PART.search(bare):
            asked.append(_operand(bare) + ":*")
        elif word.lower() != bare:
            asked.append(_operand("=" + exact(word)[:LONGEST]))
        elif bare:
            asked.append(_operand(bare))
    return list(dict.fromkeys(asked))[:16]


def _operand(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def marks_of(actor: Actor) -> list[str]:
    """The marks of readers (column ``readers``) that let this actor in."""
    marks = [f"a{pk}" for pk in sorted(agencies_with(actor, "documents.clerk"))]
    if actor.official_id:
        marks += [f"o{actor.official_id}.{pk}" for pk in sorted(agencies_with(actor, "documents.read"))]
    return marks


def search(
    actor: Actor, typed: str, *, direction: str = "", since: date | None = None, until: date | None = None
) -> Found:
    """The documents that have every word that was typed and that this actor may read; nothing for no words."""
    asked, marks = query_of(typed), marks_of(actor)
    if not asked or not marks:
        return Found([])
    first, last = _years(since, until)
    found: list[int] = []
    with connection.cursor() as cursor:
        for year in range(last, first - 1, -1):
            cursor.execute(
                _OF_A_YEAR,
                {
                    "query": " & ".join([*asked, _operand(_year(year))]),
                    "marks": marks,
                    "direction": direction,
                    "since": since,
                    "until": until,
                    "most": MOST_FOUND + 1 - len(found),
                },
            )
            found += [row[0] for row in cursor.fetchall()]
            if len(found) > MOST_FOUND:
                break
    return Found(found[:MOST_FOUND], len(found) > MOST_FOUND)


def _years(since: date | None, until: date | None) -> tuple[int, int]:
    """The first and the last year to look in: those there are, cut to what was asked for; one query."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(day), max(day) FROM documents_documenttext")
        row = cursor.fetchone()
    low, high = row if row and row[0] else (timezone.localdate(), timezone.localdate())
    return max(low, since or low).year, min(high, until or high).year


def snippet(text: str, typed: str, *, around: int = 90) -> str:
    """The piece of a text where the first of the words stands, about 2 × `around` characters; empty when none does."""
    wanted = {fold(match.group()) for match in _TOKEN.finditer(typed)}
    for match in _TOKEN.finditer(text):
        if fold(match.group()) in wanted:
            start, end = max(0, match.start() - around), min(len(text), match.end() + around)
            piece = " ".join(text[start:end].split())
            return ("… " if start else "") + piece + (" …" if end < len(text) else "")
    return ""


def indexed(documents: Iterable[Document]) -> int:
    """Index several documents anew; returns how many."""
    count = 0
    for document in documents:
        index(document)
        count += 1
    return count
