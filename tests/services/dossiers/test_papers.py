"""The check list of papers, what a supplement brings, and scans made at the counter."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image

from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.files import store
from hienluong.services.dossiers import actions, issuing
from hienluong.services.dossiers.actions import PaperCheck, PaperIn, PapersLacking
from hienluong.services.dossiers.models import Dossier, DossierPaper, IssuedPaper, State, Supplement
from tests.services.dossiers.province import Province

pytestmark = pytest.mark.django_db


def scan(owner: int | None, colour: str = "white") -> UUID:
    out = BytesIO()
    Image.new("RGB", (300, 200), colour).save(out, "PNG")
    out.seek(0)
    return store(out, name="quet.png", owner=owner, purpose="dossiers.paper").pk


def uploaded(p: Province) -> Dossier:
    """A dossier whose paper the person sent as a file."""
    return p.file(papers=(PaperIn(code="CC", name="Bản sao căn cước", file_id=scan(p.account.pk), copies=1),))


def test_receiving_marks_every_paper_as_looked_at(province: Province) -> None:
    dossier = province.file()
    check = PaperCheck("CC", "present", copies=2, remark="Bản sao chứng thực")
    actions.receive(province.clerk, dossier=dossier, checks=(check,))
    paper = dossier.papers.get()
    assert (paper.checked, paper.copies, paper.remark) == (True, 2, "Bản sao chứng thực")
    line = dossier.checked_papers.get()
    assert (line.verdict, line.checked_by_id) == ("present", province.clerk.official_id)


def test_what_nobody_looked_at_stays_unchecked_when_the_dossier_is_received(province: Province) -> None:
    dossier = province.file()
    actions.receive(province.clerk, dossier=dossier)
    assert dossier.papers.get().checked is None
    assert not dossier.checked_papers.exists()
    assert "papers" not in Entry.objects.get(verb="dossiers.receive").after
    receipt = IssuedPaper.objects.get(dossier=dossier, kind="receipt")
    assert [row["code"] for row in receipt.context["papers"]] == ["CC"], "it was handed in all the same"


@pytest.mark.parametrize(("verdict", "remark"), [("missing", ""), ("wrong", "Thiếu mặt sau")])
def test_a_dossier_with_a_paper_missing_or_wrong_is_not_received(province: Province, verdict: str, remark: str) -> None:
    dossier = province.file()
    with pytest.raises(PapersLacking, match="Bản sao căn cước"):
        actions.receive(province.clerk, dossier=dossier, checks=(PaperCheck("CC", verdict, remark=remark),))
    dossier.refresh_from_db()
    assert dossier.state == State.SUBMITTED


def test_a_required_paper_that_never_came_stops_reception_also_in_bulk(province: Province) -> None:
    dossier = province.file(papers=())
    with pytest.raises(PapersLacking):
        actions.receive(province.clerk, dossier=dossier)
    actions.receive(province.clerk, dossier=dossier, checks=(PaperCheck("CC", "present", copies=1),))
    paper = dossier.papers.get()
    assert (paper.code, paper.copies, paper.checked) == ("CC", 1, True)


def test_a_required_paper_is_left_out_only_with_a_reason(province: Province) -> None:
    dossier = province.file(papers=())
    with pytest.raises(InvalidInput, match="vì sao"):
        actions.receive(province.clerk, dossier=dossier, checks=(PaperCheck("CC", "not_needed"),))
    check = PaperCheck("CC", "not_needed", remark="Khai thác được từ Cơ sở dữ liệu quốc gia về dân cư")
    assert actions.receive(province.clerk, dossier=dossier, checks=(check,)).state == State.RECEIVED


def test_wrong_needs_words_and_unknown_papers_are_refused(province: Province) -> None:
    dossier = province.file()
    for check in (PaperCheck("CC", "wrong"), PaperCheck("XX", "present"), PaperCheck("CC", "perhaps")):
        with pytest.raises(InvalidInput):
            actions.check_papers(province.clerk, dossier=dossier, checks=(check,))
    with pytest.raises(InvalidInput):
        actions.check_papers(province.clerk, dossier=dossier, checks=(PaperCheck("CC", "present", copies=10**6),))
    with pytest.raises(NotAllowed):
        actions.check_papers(province.other_clerk, dossier=dossier, checks=(PaperCheck("CC", "present"),))
    assert not dossier.checked_papers.exists()


def test_the_receipt_lists_the_papers_as_they_were_counted(province: Province) -> None:
    dossier = province.file()
    actions.receive(province.clerk, dossier=dossier, checks=(PaperCheck("CC", "present", originals=1, copies=3),))
    receipt = IssuedPaper.objects.get(dossier=dossier, kind="receipt")
    row = receipt.context["papers"][0]
    assert (row["name"], row["originals"], row["copies"], row["electronic"]) == ("Bản sao căn cước", 1, 3, False)
    assert issuing.pdf_of(receipt).startswith(b"%PDF-")


def test_a_supplement_names_each_paper_with_its_fault_and_its_answer_replaces_it(province: Province) -> None:
    dossier = uploaded(province)
    old = dossier.papers.get()
    items = [{"code": "CC", "name": "Bản sao căn cước", "what": "Ảnh mờ, không đọc được số."}]
    actions.request_supplement(province.clerk, dossier=dossier, reason="Chụp lại.", items=items)
    old.refresh_from_db()
    assert (old.checked, old.remark) == (False, "Ảnh mờ, không đọc được số.")
    assert Supplement.objects.get(dossier=dossier).items == items
    brought = PaperIn(code="CC", name="Bản sao căn cước", file_id=scan(province.account.pk, "grey"), copies=1)
    actions.answer_supplement(province.citizen, dossier=dossier, papers=(brought,))
    old.refresh_from_db()
    new = DossierPaper.objects.get(dossier=dossier, replaced_by__isnull=True)
    assert (old.replaced_by_id, new.checked) == (new.pk, None)
    assert not dossier.checked_papers.exists()  # to be looked at again
    check = PaperCheck("CC", "present", copies=1)
    actions.receive(province.clerk, dossier=Dossier.objects.get(pk=dossier.pk), checks=(check,))
    new.refresh_from_db()
    assert new.checked is True


def test_several_files_for_one_paper_do_not_replace_each_other(province: Province) -> None:
    dossier = uploaded(province)
    actions.request_supplement(
        province.clerk, dossier=dossier, reason="Chụp lại.", items=[{"code": "CC", "name": "x", "what": "Mờ"}]
    )
    sides = tuple(
        PaperIn(code="CC", name="Bản sao căn cước", file_id=scan(province.account.pk, colour), copies=1)
        for colour in ("grey", "black")
    )
    actions.answer_supplement(province.citizen, dossier=dossier, papers=sides)
    assert DossierPaper.objects.filter(dossier=dossier, replaced_by__isnull=True).count() == 2


def test_a_scan_is_attached_to_the_paper_that_was_presented(province: Province) -> None:
    dossier = province.file()
    presented = dossier.papers.get()
    first = scan(province.clerk.account_id)
    actions.digitise(province.clerk, dossier=dossier, paper=PaperIn(code="CC", name="", file_id=first))
    presented.refresh_from_db()
    assert (dossier.papers.count(), presented.file_id, presented.copies) == (1, first, 1)
    assert presented.digitised_by_id == province.clerk.official_id
    again = scan(province.clerk.account_id, "grey")
    actions.digitise(province.clerk, dossier=dossier, paper=PaperIn(code="CC", name="", file_id=again))
    current = dossier.papers.get(replaced_by__isnull=True)
    assert (current.file_id, current.copies) == (again, 1)


def test_a_scan_stays_beside_what_the_person_sent(province: Province) -> None:
    dossier = province.file(
        channel="counter",
        papers=(PaperIn(code="CC", name="Bản sao căn cước", file_id=scan(province.account.pk), copies=1),),
    )
    dossier.papers.update(digitised_by=None)  # sent by the person, not scanned by an official
    actions.digitise(
        province.clerk, dossier=dossier, paper=PaperIn(code="CC", name="", file_id=scan(province.clerk.account_id))
    )
    assert dossier.papers.filter(replaced_by__isnull=True).count() == 2


def test_a_scan_of_a_paper_that_the_procedure_does_not_know_is_refused(province: Province) -> None:
    with pytest.raises(InvalidInput):
        actions.digitise(province.clerk, dossier=province.file(), paper=PaperIn(code="ZZ", name="", file_id=scan(None)))
