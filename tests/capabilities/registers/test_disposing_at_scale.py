"""What is due is found without going through all records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from hienluong.capabilities.registers import actions, disposing, storage, tasks
from hienluong.capabilities.registers.models import Register

from .sample import wells
from .test_records import Wells

ROWS, DUE = 20_000, 40
KEPT: dict[str, Any] = {"years": 5, "clears": ["note"], "legal_basis": "QĐ thử"}
_RECORDS = (
    "INSERT INTO registers_record (register_id, key) SELECT %(register)s, 'K' || n FROM generate_series(1, %(rows)s) n"
)
_CHANGES = """
INSERT INTO registers_change (register_id, record_id, kind, at, source, source_ref, label, reason)
SELECT register_id, id, 'create', %(at)s, 'import', '', 'thử', '' FROM registers_record WHERE register_id = %(register)s
"""
# One in 500 ended long ago; all others go on.
_VERSIONS = """
INSERT INTO registers_version (register_id, record_id, key, definition_id, organization_id, valid, known, data, search_text, opened_by_id)
SELECT change.register_id, record_id, 'K', %(definition)s, %(organization)s,
       tstzrange(%(at)s, CASE WHEN change.id %% 500 = 0 THEN %(at)s + interval '1 day' END), tstzrange(%(at)s, NULL),
       '{"code": "K", "name": "Giếng", "note": "x"}', '', change.id
  FROM registers_change change WHERE change.register_id = %(register)s
"""


def _filled(well: Wells) -> Register:
    about = {
        "register": well.register.pk,
        "rows": ROWS,
        "at": timezone.now() - timedelta(days=8 * 365),
        "definition": well.definition.pk,
        "organization": well.owner.pk,
    }
    with connection.cursor() as cursor:
        for statement in (_RECORDS, _CHANGES, _VERSIONS):
            cursor.execute(statement, about)
    return well.register


def _scans(plan: dict[str, Any]) -> Iterator[tuple[str, str, int]]:
    """Each scan of a plan that was run: the table, the index, and how many rows it gave in all."""
    if "Relation Name" in plan:
        rows = int(plan["Actual Rows"] * plan["Actual Loops"])
        yield plan["Relation Name"], plan.get("Index Name", ""), rows + int(plan.get("Rows Removed by Filter", 0))
    for part in plan.get("Plans", ()):
        if part["Node Type"] == "Bitmap Index Scan":
            yield plan["Relation Name"], part["Index Name"], int(part["Actual Rows"] * part["Actual Loops"])
        yield from _scans(part)


@pytest.mark.django_db(transaction=True)  # an index is built beside the register, in no transaction
def test_the_nightly_question_looks_at_what_ended_only() -> None:
    well = Wells()
    later = wells(version=2, effective_from=date(2026, 2, 1), retention=KEPT)
    actions.install(well.chief, spec=later, owner=well.owner)
    register, today = _filled(well), timezone.localdate()
    assert not storage.has_finished(register)
    tasks.build_indexes(register_id=register.pk)
    assert storage.has_finished(register)
    terms = disposing.terms_of(register, today)
    assert terms is not None
    asked = disposing._asked(register, "record.id") + disposing._in_order()
    with connection.cursor() as cursor:
        explain = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) " + asked.as_string(cursor.connection)
        cursor.execute(explain, disposing._given(register, terms, today))
        found = cursor.fetchone()[0]
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    looked = list(_scans(plan))
    assert storage.finished_name(register) in {index for _table, index, _rows in looked}
    assert sum(rows for _table, _index, rows in looked) <= DUE * 5, looked
    assert len(disposing.due(register, today)) == disposing.count(register, terms, today) == DUE
    assert tasks.dispose(register_id=register.pk) == DUE
    assert disposing.due(register, today) == []
