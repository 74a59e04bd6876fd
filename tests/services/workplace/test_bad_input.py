"""Anything typed into an official's form: a clear word or accepted and escaped, what was typed kept, never a fault."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from hienluong.foundation.events.dispatcher import dispatch_waiting
from hienluong.foundation.identity.models import SavedView
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Dossier, Enquiry, Opinion, Result, State
from hienluong.services.procedures.models import ProcedureVersion
from hienluong.services.workplace.bulk_forms import VERBS as BULK
from hienluong.services.workplace.verbs import VERBS
from tests.services.adapters import test_in_dossiers as in_dossiers
from tests.services.dossiers.province import Province
from tests.services.workplace.desk import WITH_NUMBER, at, fresh, page, photo, signed, to_signature
from tests.thorough import some

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SCRIPT = "<script>alert('x')</script>"
BAD: dict[str, str] = {
    "empty": "",
    "huge": "Đường làng dài " * 4000,
    "wrong type": "-1e9999",
    "html": SCRIPT,
    "sql": "'; DROP TABLE dossiers_dossier; --",
    "emoji": "🏠👨‍👩‍👧 nhà",
    "nfd": unicodedata.normalize("NFD", "Nguyễn Thị Hường"),
    "nul": "Nguy\x00n",
}


def supplemented(p: Province) -> Dossier:
    dossier = p.file()
    actions.request_supplement(
        p.clerk, dossier=dossier, reason="Thiếu.", items=[{"code": "CC", "name": "Căn cước", "what": "Mờ"}]
    )
    return fresh(dossier)


def inspected(p: Province) -> Dossier:
    return actions.receive(p.clerk, dossier=p.file())


def closed(p: Province) -> Dossier:
    return actions.stop(p.head, dossier=inspected(p), reason="Dừng.")


def on_the_way(p: Province) -> Dossier:
    dossier = fresh(signed(p).dossier)
    actions.return_result(p.clerk, dossier=dossier, by_post=True, carrier="Bưu điện", number="EA123456789VN")
    return fresh(dossier)


def waiting_at(task: str) -> Any:
    """A dossier put at a step that the small province's process has not: the form is judged before the process."""

    def make(p: Province) -> Dossier:
        dossier = inspected(p)
        Dossier.objects.filter(pk=dossier.pk).update(waiting_task=task)
        return fresh(dossier)

    return make


def answered_otherwise(p: Province) -> Dossier:
    """A national system told something else than the person wrote."""
    found = ProcedureVersion.objects.filter(procedure__code="8.000950").first()
    version = found or p.publish("8.000950", form=in_dossiers.FORM, enquiries=[in_dossiers.PERSON])
    dossier = actions.receive(p.clerk, dossier=p.file(version=version, data=in_dossiers.data(p)))
    dispatch_waiting()
    Enquiry.objects.filter(dossier=dossier).update(state=Enquiry.State.DIFFERS)
    return fresh(dossier)


#: Each act: who does it, on what, and its fields that take a text. Fields of a choice are tried with the same words.
ACTS: dict[str, tuple[str, Any, dict[str, str]]] = {
    "receive": (
        "clerk",
        lambda p: p.file(),
        {"verdict-CC": "present", "originals-CC": "1", "copies-CC": "1", "remark-CC": "x", "note": "x"},
    ),
    "review": ("officer", inspected, {"grants": "yes", "conclusion": "Đủ."}),
    "inspect": ("officer", waiting_at("inspect"), {"text": "x"}),
    "conclude": ("officer", waiting_at("conclude"), {"text": "x"}),
    "forward": ("clerk", waiting_at("forward"), {"text": "x"}),
    "upper_review": ("officer", waiting_at("upper_review"), {"text": "x"}),
    "submit_for_signature": (
        "head",
        lambda p: actions.review(p.officer, dossier=inspected(p), grants=True, conclusion="Đủ.").dossier,
        {"note": "x"},
    ),
    "send_draft_back": (
        "head",
        lambda p: actions.review(p.officer, dossier=inspected(p), grants=True, conclusion="Đủ.").dossier,
        {"note": "x"},
    ),
    "sign": ("leader", to_signature, {"note": "x", "seen": ""}),
    "send_back": ("leader", to_signature, {"note": "x"}),
    "return_result": (
        "clerk",
        lambda p: fresh(signed(p).dossier),
        {"how": "post", "recipient": "x", "carrier": "x", "number": "EA123456789VN"},
    ),
    "note_delivered": ("clerk", on_the_way, {"arrived_on": "26/11/2026", "recipient": "x"}),
    "posted_in": (
        "clerk",
        lambda p: p.file(channel="post"),
        {"carrier": "x", "number": "EA123456789VN", "arrived_on": "26/11/2026"},
    ),
    "request_supplement": ("clerk", lambda p: p.file(), {"papers": "CC", "what-CC": "x", "reason": "x"}),
    "refuse": ("clerk", lambda p: p.file(), {"reason": "x"}),
    "answer_supplement": ("clerk", supplemented, {"originals-CC": "1", "copies-CC": "1", "note": "x"}),
    "go_on_by_hand": ("officer", answered_otherwise, {"enquiry": "person", "reason": "x"}),
    "ask_again": ("officer", answered_otherwise, {"enquiry": "person"}),
    "assign": ("head", inspected, {"official": "1", "note": "x"}),
    "transfer": ("head", inspected, {"to": "1", "note": "x"}),
    "apologise": ("head", inspected, {"reason": "x", "due": "30/12/2099"}),
    "stop": ("head", inspected, {"reason": "x"}),
    "withdraw": ("clerk", lambda p: p.file(), {"reason": "x"}),
    "set_helper": ("clerk", lambda p: p.file(), {"helped_at": "1"}),
    "revoke_result": ("leader", lambda p: signed(p).dossier, {"reason": "x", "legal_basis": "x", "confirm": "on"}),
    "reopen": ("leader", closed, {"reason": "x", "due": "30/12/2099"}),
    "note": ("officer", inspected, {"text": "x"}),
}


def test_every_act_is_tried() -> None:
    assert set(ACTS) == {verb.key for verb in VERBS}


def judged(answer: Any, typed: str, *, kept: bool = True) -> None:
    """A page that says what is wrong and shows what was typed, or a step onward."""
    assert answer.status_code in (302, 422), answer.status_code
    if answer.status_code == 302:
        return
    html = answer.content.decode()
    assert SCRIPT not in html
    assert "govuk-error-summary" in html
    if kept and typed.strip() and "\x00" not in typed and len(typed) < 1000:
        from django.utils.html import escape

        assert unicodedata.normalize("NFC", escape(typed)) in unicodedata.normalize("NFC", html)


def browser(actor: Any) -> Client:
    client = at(actor)
    client.raise_request_exception = False
    return client


@pytest.mark.thorough
@pytest.mark.parametrize("verb", ACTS)
def test_anything_typed_into_an_act_is_answered(province: Province, verb: str) -> None:
    who, make, fields = ACTS[verb]
    client = browser(getattr(province, who))
    dossier = make(province)
    for place, name in enumerate(fields):
        for kind, value in some(list(BAD.items()), 3, place + len(verb)):
            typed = {f"{verb}-{key}": (value if key == name else good) for key, good in fields.items()}
            answer = client.post(f"{page(dossier)}/viec/{verb}", typed)
            shown = name not in (
                "verdict-CC",
                "grants",
                "how",
                "papers",
                "official",
                "to",
                "helped_at",
                "enquiry",
            )
            shown = shown and name not in ("confirm", "seen")
            if answer.status_code == 302:
                dossier = make(province)  # it was done: the next is tried on another
            else:
                assert f'id="viec-{verb}"' in answer.content.decode(), (verb, name, kind)
            try:
                judged(answer, value, kept=shown)
            except AssertionError as fault:
                raise AssertionError(f"{verb} {name} {kind}: {fault}") from fault


def received_meanwhile(p: Province, dossier: Dossier) -> None:
    actions.receive(p.clerk, dossier=dossier)


def stopped_meanwhile(p: Province, dossier: Dossier) -> None:
    actions.stop(p.head, dossier=dossier, reason="Dừng.")


def delivered_meanwhile(p: Province, dossier: Dossier) -> None:
    actions.note_delivered(p.clerk, dossier=dossier, arrived_on=timezone.localdate(), recipient="Bà Lành")


@pytest.mark.parametrize(
    ("verb", "field", "meanwhile"),
    [
        ("refuse", "reason", received_meanwhile),
        ("receive", "note", received_meanwhile),
        ("request_supplement", "what-CC", stopped_meanwhile),
        ("review", "conclusion", stopped_meanwhile),
        ("transfer", "note", stopped_meanwhile),
        ("note_delivered", "recipient", delivered_meanwhile),
    ],
)
@pytest.mark.parametrize("kind", ["html", "nfd"])
def test_what_was_typed_stays_when_a_colleague_was_faster(
    province: Province, verb: str, field: str, meanwhile: Any, kind: str
) -> None:
    who, make, good = ACTS[verb]
    if verb == "request_supplement":  # the officer's: a stopped dossier has been received
        who, make = "officer", inspected
    dossier = make(province)
    meanwhile(province, dossier)
    state = fresh(dossier).state
    typed = {f"{verb}-{name}": (BAD[kind] if name == field else value) for name, value in good.items()}
    answer = browser(getattr(province, who)).post(f"{page(dossier)}/viec/{verb}", typed)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "không còn làm được với hồ sơ ở bước hiện nay" in html
    assert f'action="{page(dossier)}/viec/{verb}"' not in html
    judged(answer, BAD[kind])
    assert fresh(dossier).state == state


def test_the_field_of_a_result_takes_anything(db: None) -> None:
    province = Province(results=[WITH_NUMBER])
    client = browser(province.officer)
    dossier = inspected(province)
    for then in ("", "draft"):
        for kind, value in BAD.items():
            typed = {
                "review-grants": "yes",
                "review-conclusion": "Đủ.",
                "granted_personal_id": value,
                **({"tiep": then} if then else {}),
            }
            answer = client.post(f"{page(dossier)}/viec/review", typed)
            assert answer.status_code == (302 if then and kind == "empty" else 422), (then, kind)
            judged(answer, value)
    assert fresh(dossier).waiting_task == "review"


@pytest.mark.parametrize("verb", [verb.key for verb in BULK])
def test_anything_sent_in_bulk_is_answered(province: Province, verb: str) -> None:
    client = browser(province.leader)
    dossier = to_signature(province)
    for kind, value in BAD.items():
        for sent in (
            {"verb": value, "code": dossier.code},
            {"verb": verb, "code": value},
            {"verb": verb, "code": [dossier.code, value]},
            {
                "verb": verb,
                "code": dossier.code,
                "xac-nhan": "1",
                **dict.fromkeys(
                    ("official", "to", "note", "how", f"recipient-{dossier.pk}", f"seen-{dossier.pk}"), value
                ),
            },
        ):
            answer = client.post("/lam-viec/nhieu-ho-so", sent)
            assert answer.status_code in (200, 302, 422), (kind, answer.status_code)
            assert SCRIPT not in answer.content.decode()
    assert not Result.objects.exclude(state=Result.State.DRAFT).exists()


@pytest.mark.thorough
def test_any_name_of_a_saved_view_is_answered(province: Province) -> None:
    client = browser(province.clerk)
    for kind, value in BAD.items():
        for sent in ({"name": value, "query": "due=overdue"}, {"name": f"Bộ lọc {kind}", "query": value}):
            answer = client.post("/lam-viec/bo-loc", sent, follow=True)
            assert answer.status_code == 200, kind
            assert SCRIPT not in answer.content.decode()
            assert answer.context["messages"]
    for place, view in enumerate(SavedView.objects.order_by("pk")):
        for value in some(list(BAD.values()), 4, place):
            for what in ("rename", value):
                answer = client.post(f"/lam-viec/bo-loc/{view.pk}", {"viec": what, "name": value}, follow=True)
                assert answer.status_code == 200
                assert SCRIPT not in answer.content.decode()


def test_any_file_and_paper_to_digitise_is_answered(province: Province) -> None:
    client, dossier = browser(province.clerk), province.file()
    files = [
        None,
        SimpleUploadedFile("rong.pdf", b""),
        SimpleUploadedFile("gia.pdf", b"MZ not a pdf"),
        SimpleUploadedFile(f"{SCRIPT}.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
        SimpleUploadedFile("ten\x00la.jpg", b"\xff\xd8\xff"),
        [photo(), SimpleUploadedFile("gia.png", b"x" * 100)],
    ]
    for file in files:
        sent = {"scan-paper": "CC", **({"scan-scan": file} if file else {})}
        judged(client.post(f"{page(dossier)}/so-hoa", sent), "", kept=False)
    for value in BAD.values():
        judged(client.post(f"{page(dossier)}/so-hoa", {"scan-paper": value, "scan-photo": photo()}), "", kept=False)
    paper = dossier.papers.get()
    assert paper.file is None
    assert fresh(dossier).state == State.SUBMITTED


def test_any_opinion_and_correction_is_answered(province: Province) -> None:
    dossier = actions.receive(province.clerk, dossier=province.file(model="parallel_opinions"))
    actions.review(province.officer, dossier=dossier, grants=True, conclusion="Xin ý kiến.")
    opinion = Opinion.objects.get(dossier=dossier, organization=province.agency_one)
    agency, clerk, filed = browser(province.asked), browser(province.clerk), province.file()
    for kind, value in BAD.items():
        judged(agency.post(f"/lam-viec/y-kien/{opinion.pk}", {"agrees": value, "text": value}), value)
        sent = {"reason": value, "xac-nhan-how": value}
        answer = clerk.post(f"{page(filed)}/sua-don", sent)
        assert answer.status_code == 422, kind
        judged(answer, value)
    assert fresh(filed).data == {"reason": "Bổ túc hồ sơ"}
