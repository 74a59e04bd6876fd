"""What the exchange brings with a stamp of secrecy: its sender is told the rule, and nothing of it stays here."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hienluong.foundation.files.models import StoredFile
from hienluong.services.documents.models import Document
from hienluong.services.exchange import edxml, receiving
from hienluong.services.exchange.line import Listed
from hienluong.services.exchange.models import Incoming
from tests.services.documents.offices import Agency
from tests.services.exchange.conftest import PEER
from tests.services.exchange.process import AxisProcess
from tests.services.exchange.test_receiving import send, sent_to, told, turn
from tests.services.stamped import NEAR, docx, pdf, xlsx

pytestmark = [pytest.mark.django_db, pytest.mark.once]
_PAPER = edxml.Attachment("cong-van.pdf", pdf("Công văn", "Kính gửi: Sở Y tế"), "application/pdf")
STAMPED = {
    "the paper": (edxml.Attachment("cong-van.pdf", pdf("Số: 1", "MẬT", "Kính gửi"), "application/pdf"),),
    "an annex in PDF": (_PAPER, edxml.Attachment("phu-luc.pdf", pdf("Phụ lục", "TỐI MẬT"), "application/pdf")),
    "an annex in Word": (_PAPER, edxml.Attachment("phu-luc.docx", docx("TUYỆT MẬT", "Phụ lục"))),
    "an annex in Excel": (_PAPER, edxml.Attachment("phu-luc.xlsx", xlsx("MẬT", "Phụ lục"))),
}


@pytest.mark.parametrize("attachments", STAMPED.values(), ids=STAMPED.keys())
def test_a_stamp_is_answered_with_the_rule_and_nothing_is_kept(
    health: Agency, axis: AxisProcess, attachments: tuple[edxml.Attachment, ...]
) -> None:
    send(axis, sent_to(health, attachments=attachments), health.place.code)
    turn()
    row = Incoming.objects.get()
    assert (row.verdict, row.raw) == ("refused", None)
    assert not Document.objects.exists()
    assert not StoredFile.objects.exists()
    ((code, said),) = told(axis)
    assert code == "02"
    assert "117/2025/QH15" in said
    assert axis.waiting("H50") == []


def test_an_update_with_a_stamp_leaves_the_document_as_it_was(health: Agency, axis: AxisProcess) -> None:
    package = sent_to(health)
    send(axis, package, health.place.code)
    turn()
    files = list(Document.objects.get().files.values_list("pk", "replaced_at"))
    business = replace(package.business, kind=edxml.BusinessKind.UPDATE, document_id=package.document_id, reason="Sửa")
    send(axis, replace(package, business=business, attachments=STAMPED["the paper"]), health.place.code)
    turn()
    assert list(Document.objects.get().files.values_list("pk", "replaced_at")) == files
    assert sorted(Incoming.objects.values_list("verdict", flat=True)) == ["refused", "taken"]


def test_one_that_could_not_be_read_and_turns_out_secret_is_kept_no_longer(health: Agency) -> None:
    listed = Listed("ngoai-3", "edoc", PEER, health.place.code)
    row = receiving.take_in(listed, b"<khong-phai", None)
    assert row is not None
    assert row.raw is not None
    content = edxml.write(sent_to(health, attachments=STAMPED["an annex in Word"]))
    again = receiving.take_in(listed, content, row)
    assert again is not None
    again.refresh_from_db()
    assert (again.pk, again.verdict, again.raw) == (row.pk, "refused", None)


def test_papers_about_secrets_are_taken_in(health: Agency, axis: AxisProcess) -> None:
    annex = edxml.Attachment("quy-che.docx", docx(*NEAR))
    send(axis, sent_to(health, attachments=(_PAPER, annex)), health.place.code)
    turn()
    assert Document.objects.get().files.count() == 2
