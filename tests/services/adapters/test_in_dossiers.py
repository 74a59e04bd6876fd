"""National systems in dossiers: asked once filed, waited for honestly, never overwriting what the person wrote."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hienluong.foundation.actions import Actor, InvalidInput, NotAllowed, system
from hienluong.foundation.audit.models import Entry, PersonalDataRead
from hienluong.foundation.events.dispatcher import dispatch_waiting
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.people.models import Party
from hienluong.services.adapters import actions as asked
from hienluong.services.adapters import sending
from hienluong.services.adapters.base import Answer
from hienluong.services.adapters.models import Call, Pending
from hienluong.services.dossiers import actions, enquiring
from hienluong.services.dossiers.models import Dossier, Enquiry, Handover
from hienluong.services.procedures import enquiry_checks
from hienluong.services.procedures.spec import ProcedureSpec
from tests.clock import Clock
from tests.services.adapters.process import MinistriesProcess
from tests.services.dossiers.province import SPEC, Province
from tests.snapshots import ready

pytestmark = pytest.mark.django_db

WHO = system("kiểm thử")
FORM: dict[str, Any] = {
    "code": "don",
    "title": "Đơn",
    "schema": {
        "type": "object",
        "required": ["name", "number"],
        "properties": {
            "name": {"type": "string", "title": "Họ và tên", "minLength": 1, "maxLength": 300},
            "number": {"type": "string", "title": "Số định danh"},
            "born": {"type": "string", "format": "date", "title": "Ngày sinh"},
            "shop": {"type": "string", "title": "Tên quán"},
        },
    },
    "pages": [{"id": "nguoi", "title": "Bạn là ai", "fields": ["name", "number", "born", "shop"]}],
}
PERSON: dict[str, Any] = {
    "code": "person",
    "title": "Đối chiếu người nộp",
    "system": "population",
    "operation": "look_up",
    "question": {"personal_id": "number", "name": "name", "birth_date": "born"},
    "compare": [{"field": "name", "told": "name"}, {"field": "born", "told": "birth_date"}],
}
SHOP: dict[str, Any] = {
    "code": "shop",
    "title": "Tên quán",
    "system": "enterprises",
    "operation": "check_name",
    "when": "shop != null",
    "question": {"name": "shop", "commune_code": "commune_code"},
    "agrees": "!answer.taken",
    "show": {"Tên đã đăng ký": "name"},
    "holds": ["differs"],
}
WAITS = "Đang chờ Cơ sở dữ liệu quốc gia về dân cư trả lời (Đối chiếu người nộp), từ "
TIME_GOES_ON = "Thời hạn giải quyết vẫn tính, ngày hẹn trả không đổi."


@pytest.fixture
def province(db: None) -> Province:
    return ready(Province)


@pytest.fixture(autouse=True)
def _known(request: pytest.FixtureRequest) -> None:
    """The book of the simulator outlives a test: the person is in it as they write themselves."""
    if "ministries" in request.fixturenames:
        province: Province = request.getfixturevalue("province")
        ministries: MinistriesProcess = request.getfixturevalue("ministries")
        ministries.enter(province.party.identifier, "Nguyễn Thị Lành", "1990-05-17")


def data(p: Province, **more: str) -> dict[str, str]:
    return {"name": "Nguyễn Thị Lành", "number": p.party.identifier, "born": "1990-05-17", **more}


def file(p: Province, *enquiries: dict[str, Any], code: str = "8.000950", **more: str) -> Dossier:
    """A dossier at the review, and its questions put."""
    version = p.publish(code, form=FORM, enquiries=list(enquiries or (PERSON,)))
    dossier = actions.receive(p.clerk, dossier=p.file(version=version, data=data(p, **more)))
    dispatch_waiting()
    return fresh(dossier)


def fresh(dossier: Dossier) -> Dossier:
    return Dossier.objects.get(pk=dossier.pk)


def review(p: Province, dossier: Dossier, *, grants: bool = True) -> None:
    actions.review(p.officer, dossier=fresh(dossier), grants=grants, conclusion="Đã xem.")


def seen(who: Actor, url: str) -> str:
    client = Client()
    client.force_login(Account.objects.get(pk=who.account_id))
    answer = client.get(url)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def official(p: Province, dossier: Dossier) -> str:
    return seen(p.officer, f"/lam-viec/ho-so/{dossier.code}")


def own(p: Province, dossier: Dossier) -> str:
    return seen(p.citizen, f"/ho-so/{dossier.code}")


def tracked(p: Province, dossier: Dossier) -> str:
    form = {"ma": dossier.code, "fact": p.party.identifier[-4:]}
    return Client().post("/ho-so/tra-cuu", form).content.decode()


def told(p: Province) -> list[str]:
    dispatch_waiting()
    found = Notification.objects.filter(account_id=p.citizen.account_id, kind__startswith="dossier.enquiry")
    return list(found.order_by("pk").values_list("kind", flat=True))


def test_an_answer_that_agrees_holds_nothing_and_the_look_is_logged(
    ministries: MinistriesProcess, province: Province
) -> None:
    ministries.enter(province.party.identifier, "NGUYỄN  thị lành", "1990-05-17")
    dossier = file(province)
    assert dossier.held
    assert sending.turn("population") == 1
    row = dossier.enquiries.get()
    assert (row.state, fresh(dossier).held, row.told_at) == ("agrees", False, None)
    look = PersonalDataRead.objects.get(subject="Cơ sở dữ liệu quốc gia về dân cư")
    assert (look.party_id, look.fields) == (province.party.pk, ["name", "birth_date"])
    assert look.purpose == f"Đối chiếu hồ sơ {dossier.code}: Đối chiếu người nộp"
    assert list(Handover.objects.filter(dossier=dossier).values_list("verb", flat=True)) == ["file", "receive"]
    assert "Khớp" in official(province, dossier)
    assert told(province) == []
    review(province, dossier)


def test_an_answer_that_differs_stands_beside_what_was_written_and_an_official_decides(
    ministries: MinistriesProcess, province: Province
) -> None:
    ministries.enter(province.party.identifier, "Nguyễn Thị Lanh", "1990-05-17")
    dossier = file(province)
    sending.turn("population")
    assert (dossier.enquiries.get().state, fresh(dossier).data) == ("differs", dossier.data)
    page = official(province, dossier)
    for words in ("Đơn ghi: Nguyễn Thị Lành", "<strong>Nguyễn Thị Lanh</strong>", "Không khớp", "đối chiếu thủ công"):
        assert words in page, words
    with connection.cursor() as cursor:
        cursor.execute("SELECT rows FROM dossiers_enquiry")
        assert "Lanh" not in cursor.fetchone()[0]
    mine = own(province, dossier)
    assert "thông tin khác với đơn của bạn ở: Họ và tên." in mine
    assert "Nguyễn Thị Lanh" not in mine
    assert "khác với đơn" not in tracked(province, dossier)
    with pytest.raises(enquiring.StillHeld) as held:
        review(province, dossier)
    assert "Đối chiếu người nộp (không khớp)" in str(held.value.message)
    for who in (province.clerk, province.other_leader, province.citizen, province.anonymous):
        with pytest.raises(NotAllowed):
            actions.go_on_by_hand(who, dossier=dossier, enquiry="person", reason="Đã xem thẻ căn cước.")
    with pytest.raises(InvalidInput) as refused:
        actions.go_on_by_hand(province.officer, dossier=dossier, enquiry="person", reason=" ")
    assert refused.value.field == "reason"
    client = Client()
    client.force_login(Account.objects.get(pk=province.officer.account_id))
    form = {"go_on_by_hand-enquiry": "person", "go_on_by_hand-reason": "Đã xem thẻ căn cước bản gốc."}
    url = f"/lam-viec/ho-so/{dossier.code}/viec/go_on_by_hand"
    assert client.post(url, {**form, "go_on_by_hand-reason": ""}).status_code == 422
    assert client.post(url, form).status_code == 302
    with pytest.raises(InvalidInput):
        actions.go_on_by_hand(province.officer, dossier=dossier, enquiry="person", reason="Lần nữa")
    row = dossier.enquiries.get()
    assert (row.state, row.by_hand_by_id, fresh(dossier).held) == ("differs", province.officer.official_id, False)
    assert "Đã xem thẻ căn cước bản gốc." not in own(province, dossier), "reasons are among officials"
    review(province, dossier)


def test_it_may_be_denied_without_waiting(ministries: MinistriesProcess, province: Province) -> None:
    dossier = file(province)
    review(province, dossier, grants=False)
    assert fresh(dossier).waiting_task == "approve"


def test_a_system_that_is_down_is_waited_for_and_people_are_told_once(
    ministries: MinistriesProcess, province: Province, at: Clock
) -> None:
    now = timezone.now()
    at(now)
    ministries.switch("population", down=50)
    dossier = file(province)
    due = dossier.due_at
    sending.turn("population")
    assert (dossier.enquiries.get().why, told(province)) == ("down", [])
    for page in (own(province, dossier), tracked(province, dossier)):
        assert f'<div class="govuk-inset-text">{WAITS}{timezone.localtime(now):%H:%M %d/%m/%Y}' in page
        assert "đang mất kết nối" in page
        assert TIME_GOES_ON in page
    assert "Chờ hệ thống quốc gia" in seen(province.officer, "/lam-viec/")
    assert "đang mất kết nối" in official(province, dossier)
    with pytest.raises(enquiring.StillHeld):
        review(province, dossier)
    for minutes in (11, 40):
        at(now + timedelta(minutes=minutes))
        Pending.objects.update(next_try_at=timezone.now())
        sending.turn("population")
        assert told(province) == ["dossier.enquiry_waits"]
    ministries.switch("population", down=0)
    at(now + timedelta(hours=2))
    Pending.objects.update(next_try_at=timezone.now())
    assert sending.turn("population") == 1
    dossier = fresh(dossier)
    assert (dossier.enquiries.get().state, dossier.held, dossier.due_at) == ("agrees", False, due)
    assert told(province) == ["dossier.enquiry_waits", "dossier.enquiry_answered"]
    assert "Chờ hệ thống quốc gia" not in seen(province.officer, "/lam-viec/")
    assert f'<div class="govuk-inset-text">{WAITS}' not in own(province, dossier)
    pending = Pending.objects.get()
    asked.note_answer(WHO, pending=pending, answer=Answer({"name": "Ai đó"}, timezone.now()), fault=None)
    assert sending.turn("population") == 0
    assert (dossier.enquiries.get().state, told(province).count("dossier.enquiry_answered")) == ("agrees", 1)
    review(province, dossier)


@pytest.mark.parametrize(
    ("how", "why", "words"),
    [("slow", "slow", "trả lời quá chậm"), ("wrong_shape", "wrong", "trả lời sai"), ("429", "busy", "đang quá tải")],
)
def test_why_it_waits_is_said(
    ministries: MinistriesProcess, province: Province, settings: Any, how: str, why: str, words: str
) -> None:
    ministries.switch("population", **{f"_{how}": 1})
    dossier = file(province)
    if how == "slow":
        settings.ADAPTERS = ministries.connections(patience=0.3)
    sending.turn("population")
    row = dossier.enquiries.get()
    assert (row.state, row.why) == ("waiting", why)
    assert words in own(province, dossier)


@pytest.mark.parametrize(("how", "state"), [("duplicate", "duplicate"), ("401", "failed")])
def test_what_is_no_answer_needs_a_person(
    ministries: MinistriesProcess, province: Province, how: str, state: str
) -> None:
    ministries.switch("population", **{f"_{how}": 1})
    dossier = file(province)
    sending.turn("population")
    assert (dossier.enquiries.get().state, fresh(dossier).held) == (state, True)
    actions.ask_again(province.officer, dossier=dossier, enquiry="person")
    dispatch_waiting()
    sending.turn("population")
    row = dossier.enquiries.get()
    assert (row.state, row.round, fresh(dossier).held) == ("agrees", 2, False)


def test_who_goes_on_by_hand_still_sees_the_answer_that_comes_later(
    ministries: MinistriesProcess, province: Province
) -> None:
    ministries.enter(province.party.identifier, "Nguyễn Thị Lanh")
    dossier = file(province)
    actions.go_on_by_hand(province.officer, dossier=dossier, enquiry="person", reason="Đã xem thẻ căn cước.")
    assert "cán bộ không chờ nữa và tự đối chiếu" in own(province, dossier)
    assert sending.turn("population") == 1
    row = dossier.enquiries.get()
    assert (row.state, row.is_open, fresh(dossier).held) == ("differs", False, False)
    assert "Nguyễn Thị Lanh" in official(province, dossier)


def test_killed_while_it_takes_the_answer_it_takes_it_again_once(
    ministries: MinistriesProcess, province: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    dossier = file(province)

    def die(*_args: object) -> None:
        raise SystemExit(9)

    with monkeypatch.context() as patch:
        patch.setattr(enquiring, "settle", die)
        with pytest.raises(SystemExit):
            sending.turn("population")
    assert (dossier.enquiries.get().state, Pending.objects.get().state) == ("waiting", "waiting")
    assert sending.turn("population") == 1
    assert dossier.enquiries.get().state == "agrees"
    assert len(set(Call.objects.values_list("number", flat=True))) == 1
    assert Entry.objects.filter(verb="dossiers.take_answer").count() == 1


def test_other_answers_are_asked_about_anew_and_the_old_question_is_dropped(
    ministries: MinistriesProcess, province: Province
) -> None:
    ministries.enter(province.party.identifier, "Nguyễn Thị Lành", "1990-05-18")
    dossier = file(province)
    old = Pending.objects.get()
    mended = {"born": "1990-05-18"}
    actions.correct_answers(province.clerk, dossier=dossier, data=mended, confirmed=True, how="Tại quầy")
    dispatch_waiting()
    dispatch_waiting()
    assert (dossier.enquiries.get().round, Pending.objects.count()) == (2, 2)
    asked.note_answer(WHO, pending=old, answer=Answer({"name": "Người khác"}, timezone.now()), fault=None)
    assert dossier.enquiries.get().state == "waiting", "an answer to what was asked before"
    Pending.objects.filter(pk=old.pk).update(
        state="waiting", question=old.question, next_try_at=timezone.now() - timedelta(seconds=1)
    )
    assert sending.turn("population") == 1
    old.refresh_from_db()
    assert (old.state, old.question, Call.objects.count()) == ("done", "", 1)
    assert dossier.enquiries.get().state == "agrees"


def test_nothing_more_is_asked_of_what_was_withdrawn(ministries: MinistriesProcess, province: Province) -> None:
    dossier = file(province)
    actions.withdraw(province.citizen, dossier=dossier)
    assert sending.turn("population") == 0
    assert (Call.objects.count(), Pending.objects.get().state) == (0, "done")


def test_a_system_that_is_not_connected_holds_nothing(province: Province, settings: Any) -> None:
    settings.ADAPTERS = {}
    dossier = file(province)
    assert (dossier.held, dossier.enquiries.count()) == (False, 0)
    assert "Chưa kết nối, đối chiếu thủ công" in official(province, dossier)
    assert "Cơ sở dữ liệu quốc gia" not in own(province, dossier)
    review(province, dossier)


def test_what_cannot_be_asked_is_said_and_needs_a_person(ministries: MinistriesProcess, province: Province) -> None:
    dossier = file(province, number="12345")
    row = dossier.enquiries.get()
    assert (row.state, row.why, dossier.held, Pending.objects.count()) == ("failed", "question", True, 0)
    assert "Đơn thiếu thông tin để hỏi." in official(province, dossier)


def test_several_systems_hold_by_their_own_rule(ministries: MinistriesProcess, province: Province) -> None:
    dossier = file(province, PERSON, SHOP, shop="tạp hóa MÔ PHỎNG")
    for code in ("population", "enterprises"):
        sending.turn(code)
    assert dict(dossier.enquiries.values_list("code", "state")) == {"person": "agrees", "shop": "differs"}
    assert fresh(dossier).held
    assert "Tạp hóa Mô Phỏng" in official(province, dossier)
    actions.correct_answers(province.clerk, dossier=dossier, data={"shop": "Quán Gió"}, confirmed=True, how="Tại quầy")
    dispatch_waiting()
    assert not fresh(dossier).held, "while it is asked this one holds nothing"
    sending.turn("enterprises")
    assert dict(dossier.enquiries.values_list("code", "state")) == {"person": "agrees", "shop": "agrees"}
    assert not dossier.enquiries.filter(code="shop", round=1).exists()


def test_only_the_process_asks_and_only_once(ministries: MinistriesProcess, province: Province) -> None:
    dossier = file(province)
    for who in (province.clerk, province.citizen, province.anonymous):
        with pytest.raises(NotAllowed):
            actions.enquire(who, dossier=dossier)
    assert actions.enquire(WHO, dossier=dossier) == []
    assert Pending.objects.count() == 1
    Dossier.objects.filter(pk=dossier.pk).update(waiting_task="sign")
    Enquiry.objects.all().update(question="")
    assert actions.enquire(WHO, dossier=dossier) == [], "what is decided is not asked about"


def test_another_person_in_the_form_sees_that_they_were_looked_up(
    ministries: MinistriesProcess, province: Province
) -> None:
    other = Party.objects.create(kind="citizen", name="Trần Văn Bình", identifier="045082004321")
    file(province, number=other.identifier, name=other.name, born="1982-01-01")
    sending.turn("population")
    assert PersonalDataRead.objects.filter(party_id=other.pk).count() == 1


def test_pages_cost_the_same_however_much_is_asked(ministries: MinistriesProcess, province: Province) -> None:
    counts = []
    more = [{**PERSON, "code": f"p{n}", "title": f"Câu {n}"} for n in range(6)]
    for number, enquiries in enumerate(([PERSON], more)):
        dossier = file(province, *enquiries, code=f"8.00096{number}")
        official(province, dossier), own(province, dossier)
        with CaptureQueriesContext(connection) as first:
            official(province, dossier)
        with CaptureQueriesContext(connection) as second:
            own(province, dossier)
        counts.append((len(first), len(second)))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"operation": "guess"}, "không có hệ thống và câu hỏi “population.guess”"),
        ({"question": {"personal_id": "number"}}, "cần trường “name”"),
        ({"question": {**PERSON["question"], "colour": "name"}}, "không nhận trường này"),
        ({"question": {**PERSON["question"], "name": "names"}}, "không có trường names"),
        ({"compare": [{"field": "name", "told": "address"}]}, "không trả lời trường “address”"),
        ({"compare": [{"field": "nobody", "told": "name"}]}, "không có trường “nobody”"),
        ({"compare": []}, "phải nói thế nào là khớp"),
        ({"agrees": "answer.name =="}, "công thức: "),
        ({"when": "answer.name == 'x'"}, "không có trường answer"),
    ],
)
def test_what_a_procedure_may_not_ask(change: dict[str, Any], said: str) -> None:
    spec = ProcedureSpec.model_validate({**SPEC, "form": FORM, "enquiries": [{**PERSON, **change}]})
    found = [message for _place, message in enquiry_checks.problems(spec, FORM["schema"]["properties"])]
    assert any(said in message for message in found), found


def test_what_it_may_ask() -> None:
    spec = ProcedureSpec.model_validate({**SPEC, "form": FORM, "enquiries": [PERSON, SHOP]})
    assert list(enquiry_checks.problems(spec, FORM["schema"]["properties"])) == []
