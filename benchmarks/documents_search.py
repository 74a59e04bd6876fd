"""Two hundred thousand official documents with attachments: finding them within rights. For ``make bench NAME=documents``.

Texts are made of syllables drawn as language draws them (a few very common, many rare), some 350 a document. Their words
are indexed by the product's own code; as the same texts belong to many documents, the database joins them to each one's
own words. A third are the province's, the rest 20 departments' and 78 communes'.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from datetime import date, timedelta
from typing import Any

from benchmarks.reporting import Report

SIZE = int(os.environ.get("DOCUMENTS_ROWS", "200000"))
TEXTS = 2_000
OPENINGS = 12
_ONSETS = "b c ch d đ g gh gi h k kh l m n ng nh ph qu r s t th tr v x".split()
_RHYMES = (
    "a ai an ang anh ao ap at au ay ăn ăng âm ân âng âp ât âu ây e em en êch ên êu i ia iêm iên iêt iêu im in inh o oa oai oan"
    " oang oc oi om on ong ô ôc ôi ôn ông ơ ơi ơn u ua uc ui um un ung uôc uôi uôn uông ư ưa ưc ưng ươc ươi ương ưu y yên"
).split()
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")

_INSERT = """
INSERT INTO documents_document (uid, direction, agency_id, type, code, notation, subject, author_code, author_name, place,
    issued_on, urgency, restricted, competence, signer_name, signer_title, state, created_at, changed_at)
SELECT gen_random_uuid(), 'incoming', a.id, 'CV', n || '/UBND-TH' || (n %% 97), 'UBND-TH', s.subject, 'H50', 'UBND tỉnh', '',
    %(last)s::date - (n %% 1825), 0, false, '', '', '', 'registered', now(), now()
FROM generate_series(1, %(size)s) AS n
JOIN bench_agencies a ON a.place = CASE WHEN n %% 3 = 0 THEN 0 ELSE 1 + (n %% (SELECT count(*) - 1 FROM bench_agencies)) END
JOIN bench_subjects s ON s.id = n %% (SELECT count(*) FROM bench_subjects)
"""
_READERS = """
INSERT INTO documents_reader (document_id, agency_id, official_id, why, since, by_label)
SELECT d.id, d.agency_id, NULL, 'agency', now(), '' FROM documents_document d
UNION ALL
SELECT d.id, d.agency_id, o.official_id, 'assigned', now(), ''
FROM documents_document d JOIN bench_officials o ON o.agency_id = d.agency_id AND o.place = d.id % o.among
"""
_TEXTS = """
INSERT INTO documents_documenttext (document_id, text, day, vector, readers, read_at)
SELECT d.id, t.text, d.issued_on,
    t.vector || s.vector || array_to_tsvector(ARRAY[
        '~' || extract(year FROM d.issued_on)::text, lower(d.code), split_part(d.code, '/', 1), 'h50', 'cong', 'van'
    ]), documents_readers_of(d.id), now()
FROM documents_document d
JOIN bench_texts t ON t.id = d.id %% %(texts)s
JOIN bench_subjects s ON s.subject = d.subject
"""


def measure(report: Report) -> None:
    """Write the documents, then search as a clerk of the province, of a department, and as an officer."""
    people = _write(report)
    _settle()
    for who, actor in people.items():
        for name, typed in _questions().items():
            found, times = _search(actor, typed)
            p95 = statistics.quantiles(times, n=20)[-1]
            report.at_most(f"search, {who}, {name} ({found} found): p95 of {SIZE}", p95, "ms", goal=250)


def _questions() -> dict[str, str]:
    chance = random.Random(7)
    words = _words(chance)
    common, middling, rare = words[0], words[120], words[1400]
    return {
        "a common word": common,
        "three words with marks": f"{words[3]} {words[11]} {middling}",
        "words without marks": _bare(f"{words[5]} {words[40]}"),
        "a rare word": rare,
        "a code": "777/UBND",
        "words in quotes": f'"{words[0]} {words[1]}"',
        "nothing like it": "zzkhôngcó",
    }


def _bare(text: str) -> str:
    from hienluong.foundation.search.text import fold

    return fold(text)


def _words(chance: random.Random) -> list[str]:
    """Syllables, the commonest first."""
    import unicodedata

    made: dict[str, None] = {}
    while len(made) < 1_600:
        syllable = chance.choice(_ONSETS) + chance.choice(_RHYMES)
        vowel = max(i for i, c in enumerate(syllable) if c in "aăâeêioôơuưy")
        toned = syllable[: vowel + 1] + chance.choice(_TONES) + syllable[vowel + 1 :]
        made.setdefault(unicodedata.normalize("NFC", toned))
    return list(made)


def _write(report: Report) -> dict[str, Any]:
    from django.db import connection

    from hienluong.services.documents.finding import lexemes
    from tests.factories import actor_for_role, make_org, make_roles

    began = time.monotonic()
    chance = random.Random(7)
    words = _words(chance)
    weights = [1 / (rank + 3) for rank in range(len(words))]
    make_roles()
    province = make_org("UBND tỉnh", code="H50", kind="province")
    departments = [make_org(f"Sở {n}", parent=province) for n in range(20)]
    communes = [make_org(f"UBND xã {n}", kind="commune", parent=province) for n in range(78)]
    agencies = [province, *departments, *communes]
    officers = {agency.pk: [actor_for_role("officer", agency) for _ in range(6)] for agency in agencies[:25]}
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
        cursor.execute("CREATE TEMP TABLE bench_agencies (id bigint, place int)")
        cursor.execute("CREATE TEMP TABLE bench_officials (official_id bigint, agency_id bigint, place int, among int)")
        cursor.execute("CREATE TEMP TABLE bench_texts (id int PRIMARY KEY, text text, vector tsvector)")
        cursor.execute("CREATE TEMP TABLE bench_subjects (id int PRIMARY KEY, subject text UNIQUE, vector tsvector)")
        for place, agency in enumerate(agencies):
            cursor.execute("INSERT INTO bench_agencies VALUES (%s, %s)", [agency.pk, place])
        for agency_id, actors in officers.items():
            for place, actor in enumerate(actors):
                row = [actor.official_id, agency_id, place, 8 * len(actors)]
                cursor.execute("INSERT INTO bench_officials VALUES (%s, %s, %s, %s)", row)
        for number in range(TEXTS):
            text = " ".join(chance.choices(words, weights, k=chance.randint(200, 500)))
            row = [number, text, sorted(lexemes(text))]
            cursor.execute("INSERT INTO bench_texts VALUES (%s, %s, array_to_tsvector(%s::text[]))", row)
        for number in range(3 * TEXTS + 1):
            subject = f"Về việc {' '.join(chance.choices(words, weights, k=12))} {number}"
            row = [number, subject, sorted(lexemes(subject))]
            cursor.execute("INSERT INTO bench_subjects VALUES (%s, %s, array_to_tsvector(%s::text[]))", row)
        cursor.execute("ALTER TABLE documents_reader DISABLE TRIGGER documents_readers_changed")
        cursor.execute(_INSERT, {"size": SIZE, "last": date.today() - timedelta(days=1)})
        cursor.execute(_READERS)
        cursor.execute("DROP INDEX document_words")  # made again when all is there: ten times as quick
        cursor.execute(_TEXTS, {"texts": TEXTS})
        cursor.execute("SET maintenance_work_mem = '1GB'")
        cursor.execute("CREATE INDEX document_words ON documents_documenttext USING gin (vector, readers)")
        cursor.execute("ALTER TABLE documents_reader ENABLE TRIGGER documents_readers_changed")
    report.note(f"seconds to write {SIZE} documents", time.monotonic() - began, "s")
    return {
        "clerk of the province": actor_for_role("document_clerk", province),
        "clerk of a department": actor_for_role("document_clerk", departments[3]),
        "officer": officers[province.pk][0],
    }


def _settle() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _search(actor: Any, typed: str) -> tuple[str, list[float]]:
    """How many were found, and the milliseconds of each search with the page's own limits."""
    from hienluong.services.documents import finding

    times = []
    found = finding.search(actor, typed)
    for _ in range(OPENINGS):
        began = time.perf_counter()
        found = finding.search(actor, typed)
        found.documents(most=30)
        times.append((time.perf_counter() - began) * 1000)
    return f"{len(found.ids)}{'+' * found.more}", times
