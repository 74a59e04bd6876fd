"""Work files, the exchange and the pages of signing: who has no business with a thing never sees a page of it.

The lists are held against the URL maps: a new address of one thing without a line here fails. Names without a part of one's
own (lists, forms that begin something) are tried by ``tests/attacks``.
"""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver, reverse

from hienluong.foundation.actions import Actor
from hienluong.foundation.identity.models import Account
from hienluong.services.documents.models import Document
from hienluong.services.workfiles import actions
from hienluong.services.workfiles.models import WorkFile
from tests.services.workfiles.matter import Matter, aged

pytestmark = pytest.mark.django_db
REFUSED = (302, 403, 404, 405)

#: Of one work file; of one hand-over; of one destruction list.
OF_FILES = ("file", "change", "contents", "add_document", "add_file", "members", "close", "reopen")
OF_HANDOVERS = ("handover", "receive", "withdraw", "complete")
OF_DESTRUCTIONS = ("destruction", "decide", "carry_out")
WORK_FILES = {*OF_FILES, *OF_HANDOVERS, *OF_DESTRUCTIONS, "item", "judge", "place"}
EXCHANGE = {"retry", "give_up", "hold", "read_again", "let_in", "turn_away", "raw", "update"}
SIGNING = {"document", "document_page", "document_file", "retire_key", "seal_picture", "withdraw_anchor"}
#: What anybody may ask: lists of revoked certificates and the like, and a paper by its code.
OPEN = {"issued", "crl", "ocsp", "ocsp_get", "certificate"}


def with_parts(app: str) -> set[str]:
    """The names of an app whose address names a thing."""
    found = get_resolver().namespace_dict[app][1].reverse_dict
    return {
        str(name)
        for name in found
        if isinstance(name, str) and any(parts for _pattern, parts in found.getlist(name)[0][0])
    }


def test_the_lists_are_complete() -> None:
    assert with_parts("workfiles") == WORK_FILES
    assert with_parts("exchange") == EXCHANGE
    assert with_parts("signing") == SIGNING | OPEN


def browser_of(actor: Actor) -> Client:
    client = Client(raise_request_exception=False)
    if actor.account_id:
        client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def addresses(matter: Matter) -> dict[str, str]:
    """One address of each name, of things that are there."""
    work_file, document = matter.file(), matter.document("8/TTr-SYT", matter.keeper)
    item = actions.add_document(matter.keeper, work_file=work_file, document=document)
    handover = actions.hand_over(matter.keeper, agency=matter.agency, work_files=[matter.closed()])
    judged = handover.lines.get().work_file.code
    old = matter.closed(retention="06")
    matter.kept(old)
    listed = actions.propose(matter.archivist, agency=matter.agency, work_files=[aged(old, 12)], council="Họp")
    found: dict[str, Any] = {
        **{f"workfiles:{name}": {"code": work_file.code} for name in OF_FILES},
        **{f"workfiles:{name}": {"number": handover.pk} for name in OF_HANDOVERS},
        **{f"workfiles:{name}": {"number": listed.pk} for name in OF_DESTRUCTIONS},
        "workfiles:item": {"code": work_file.code, "item_id": item.pk},
        "workfiles:judge": {"number": handover.pk, "code": judged},
        "workfiles:place": {"uid": document.uid},
        **{f"exchange:{name}": {"number": 1} for name in EXCHANGE},
        **{f"signing:{name}": {"request_id": uuid.uuid4()} for name in ("document", "document_file")},
        "signing:document_page": {"request_id": uuid.uuid4(), "number": 1},
        "signing:retire_key": {"number": 1},
        "signing:seal_picture": {"code": matter.agency.code},
        "signing:withdraw_anchor": {"fingerprint": "ab" * 32},
    }
    return {name: _reversed(name, parts) for name, parts in found.items()}


def _reversed(name: str, parts: dict[str, Any]) -> str:
    """The address; by position where the map calls the part otherwise."""
    try:
        return reverse(name, kwargs=parts)
    except Exception:
        return reverse(name, args=list(parts.values()))


def test_strangers_are_refused_and_change_nothing() -> None:
    matter = Matter()
    urls = addresses(matter)

    def state() -> tuple[Any, ...]:
        return (
            list(WorkFile.objects.order_by("pk").values_list("state", "title", "keeper")),
            [each.items.count() for each in WorkFile.objects.order_by("pk")],
            list(Document.objects.order_by("pk").values_list("state", "subject")),
        )

    before = state()
    strangers = {name: actor for name, actor in matter.strangers.items() if name != "administrator"}
    for who, actor in strangers.items():
        client = browser_of(actor)
        for name, url in urls.items():
            for answer in (client.get(url), client.post(url, {"title": "x", "reason": "x", "verb": "remove"})):
                assert answer.status_code in REFUSED, (who, name, answer.status_code)
                assert "Hồ sơ lập dự toán năm 2027" not in answer.content.decode(errors="replace"), (who, name)
    assert state() == before
