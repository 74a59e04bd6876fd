"""The acts of a certificate, its papers and what becomes of them; who may, and what a dossier may."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hienluong.capabilities.forms import signatures
from hienluong.capabilities.registers import actions, attached, queries
from hienluong.capabilities.registers.certificates import actions as certificates
from hienluong.capabilities.registers.certificates import course, finding
from hienluong.capabilities.registers.models import CertificateAct, CertificateNumber, Change, Version
from hienluong.capabilities.signing.models import IssuedFile
from hienluong.capabilities.signing.service import sign_result
from hienluong.capabilities.signing.verification import verify_pdf
from hienluong.foundation.actions import Actor, InvalidInput, NotAllowed, system
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.events.models import Event
from hienluong.foundation.files import store
from hienluong.foundation.files.access import may_open
from hienluong.foundation.notifications.models import Notification
from hienluong.services.certificates import notices, papers, tasks
from tests.capabilities.registers.certified import GOOD, PREMISES, premises
from tests.capabilities.registers.sample import official
from tests.printed import carries, words_of
from tests.snapshots import ready

from .sample import WHY, Food, paper_says

pytestmark = pytest.mark.django_db
TODAY_AND_MORE = timedelta(days=30)


@pytest.fixture
def food(db: None) -> Food:
    return ready(Food)


def test_a_certificate_is_issued_signed_and_told(food: Food) -> None:
    today = timezone.localdate()
    done = food.issued()
    assert food.data()["number"] == f"01/{today.year}/ATTP" == done.number
    assert food.data()["expires_on"] == course.Validity(36).last_day(today).isoformat()
    assert food.stands() == "valid"
    assert done.file is not None
    with done.file.open() as stream:
        found = verify_pdf(stream.read())
    assert found.verdict == "valid"
    assert found.issued is not None
    assert found.issued.valid_until == done.expires
    facts = {fact["code"]: fact["value"] for fact in found.issued.facts}
    assert facts["granted_to"] == "Q. C. T."
    assert Event.objects.filter(type="register.thu.co_so.certificate_issue").exists()
    assert Entry.objects.filter(verb="registers.issue_certificate").exists()
    assert papers.produce(CertificateAct.objects.get(pk=done.pk)).token == done.token, "again changes nothing"


def test_a_slow_signature_holds_no_transaction_and_two_runs_make_one_paper(
    food: Food, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, real = certificates.perform(food.leader, kind="issue", record=food.shop), sign_result
    within: list[int] = []

    def slow(*given: Any, **more: Any) -> bytes:
        within.append(len(connection.savepoint_ids))
        if len(within) == 1:  # another worker comes meanwhile, and is quicker
            tasks.make_paper(act_id=done.pk)
        return real(*given, **more)

    monkeypatch.setattr("hienluong.capabilities.signing.service.sign_result", slow)
    outside = len(connection.savepoint_ids)
    tasks.make_paper(act_id=done.pk)
    assert within == [outside, outside]
    done.refresh_from_db()
    assert [paper.pk for paper in IssuedFile.objects.all()] == [done.token]


def test_a_certificate_carries_the_signature_and_names_the_file_of_its_record(food: Food) -> None:
    p, began = food.province, timezone.localdate() - timedelta(days=1)
    schema = {
        **PREMISES["schema"],
        "properties": {
            **PREMISES["schema"]["properties"],
            "plan": {"x-kind": "file", "title": "Sơ đồ mặt bằng"},
            "signed": {"x-kind": "signature", "title": "Chủ cơ sở ký"},
        },
    }
    section = {**PREMISES["certificate"], "shows": ["code", "plan", "signed"]}
    spec = premises(owner=p.agency_one.code, version=2, effective_from=began, schema=schema, certificate=section)
    actions.install(official(p.agency_one, "define", "read", "write"), spec=spec, owner=p.agency_one)
    signed, plan = (
        store(BytesIO(signatures.written(name).read()), name=f"{name}.png", owner=None, purpose=attached.PURPOSE)
        for name in ("Trần Thị Bưởi", "Sơ Đồ Mặt Bằng")
    )
    files = {"signed": str(signed.pk), "plan": str(plan.pk)}
    data = {**GOOD, "code": "C009", "agency": p.division.code, **files}
    shop = actions.create(system("Nhập từ sổ"), register=food.register, data=data, since=began)
    done = food.issued(shop)
    assert done.file is not None
    with done.file.open() as stream:
        printed = stream.read()
    assert carries(printed, signed)
    assert not carries(printed, plan)
    words = words_of(printed)
    assert f"SHA-256 {plan.blob_id[:12]}" in " ".join(words.split())
    assert str(plan.pk)[:8] not in words


def test_a_number_stands_on_one_certificate_of_a_register(food: Food) -> None:
    year, other = timezone.localdate().year, food.add("C002")
    first, second = f"01/{year}/ATTP", f"02/{year}/ATTP"
    certificates.perform(food.leader, kind="issue", record=food.shop, number=second)
    with pytest.raises(InvalidInput, match="đã có ở một bản ghi khác") as refused:
        certificates.perform(food.leader, kind="issue", record=other, number=second)
    assert refused.value.field == "number"
    assert certificates.perform(food.leader, kind="issue", record=other).number == first
    third = food.add("C003")
    assert certificates.perform(food.leader, kind="issue", record=third).number == f"03/{year}/ATTP", (
        "02 is passed over"
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        CertificateNumber.objects.create(register=food.register, number=first, record=food.shop)
    written = Change.objects.filter(record=food.shop).latest("pk")
    actions.revert(food.officer, record=food.shop, change=written)
    fourth = food.add("C004")
    again = certificates.perform(food.leader, kind="issue", record=fourth, number=second)
    assert again.number == second, "what was taken back is free"
    actions.change(food.officer, record=fourth, data={"address": "9 Lê Lợi"})


def test_each_paper_says_what_became_of_it(food: Food) -> None:
    today = timezone.localdate()
    first = food.issued(on=today - timedelta(days=40))
    renewed = papers.produce(
        certificates.perform(food.leader, kind="renew", record=food.shop, on=today - timedelta(days=30))
    )
    assert (paper_says(first), paper_says(renewed)) == ("superseded", "in_force")
    assert "ĐÃ ĐƯỢC THAY bằng giấy số 02/" in Client().get(f"/xac-minh/{first.token}").content.decode()
    certificates.perform(food.leader, kind="suspend", record=food.shop, until=today + timedelta(days=9), provenance=WHY)
    assert (food.stands(), paper_says(renewed)) == ("suspended", "suspended")
    assert "ĐANG BỊ ĐÌNH CHỈ" in Client().get(f"/xac-minh/{renewed.token}").content.decode()
    certificates.perform(food.leader, kind="resume", record=food.shop)
    assert (food.stands(), paper_says(renewed)) == ("valid", "in_force")
    again = certificates.perform(food.leader, kind="reissue", record=food.shop, provenance=WHY)
    assert (again.number, again.expires) == (renewed.number, renewed.expires)
    assert paper_says(renewed) == "superseded", "before the new paper is signed"
    certificates.perform(food.leader, kind="revoke", record=food.shop, provenance=WHY)
    tasks.make_paper(act_id=again.pk)
    assert paper_says(again) == "revoked", "signed after it was revoked"
    assert food.stands() == "revoked"


def test_what_is_taken_back_lets_the_earlier_paper_hold_again(food: Food) -> None:
    first = food.issued(on=timezone.localdate() - timedelta(days=4))
    renewed = papers.produce(certificates.perform(food.leader, kind="renew", record=food.shop))
    actions.revert(system("Hoàn tác"), record=food.shop, change=renewed.change)
    assert (paper_says(first), paper_says(renewed)) == ("in_force", "revoked")
    assert food.data()["number"] == first.number
    actions.end(food.officer, record=food.shop)
    assert paper_says(first) == "revoked"


def test_who_may_not_certify_is_refused(food: Food) -> None:
    p = food.province
    for stranger in (p.officer, p.clerk, p.other_leader, p.citizen, Actor()):
        with pytest.raises(NotAllowed):
            certificates.perform(stranger, kind="issue", record=food.shop)
    done = food.issued()
    assert done.file is not None
    for actor, may in ((p.leader, True), (p.officer, True), (p.other_leader, False), (p.stranger, False)):
        assert may_open(actor, done.file) is may, actor.label
    for stranger in (p.officer, p.other_leader):
        with pytest.raises(NotAllowed):
            certificates.perform(stranger, kind="revoke", record=food.shop, provenance=WHY)
    with pytest.raises(NotAllowed, match="khóa ký số"):
        certificates.perform(system("Máy"), kind="renew", record=food.shop)


def test_an_ordinary_change_leaves_the_certificate_alone(food: Food) -> None:
    food.issued()
    actions.change(food.officer, record=food.shop, data={"address": "13 Lê Lợi"})
    whole = {**GOOD, "address": "14 Lê Lợi", "agency": food.province.division.code}
    with pytest.raises(InvalidInput, match="thuộc về giấy"):
        actions.change(food.officer, record=food.shop, data={"status": "revoked"})
    actions.change(food.officer, record=food.shop, data=whole, whole=True)
    assert food.stands() == "valid", "what is not said of the certificate stays"
    with pytest.raises(NotAllowed):
        actions.create(food.province.clerk, register=food.register, data={**GOOD, "code": "C002", "status": "active"})


def test_days_and_reasons_that_cannot_be_are_refused(food: Food) -> None:
    today = timezone.localdate()
    with pytest.raises(InvalidInput, match="chưa tới"):
        certificates.perform(food.leader, kind="issue", record=food.shop, on=today + timedelta(days=1))
    food.issued(on=today - timedelta(days=3))
    with pytest.raises(InvalidInput, match="lý do"):
        certificates.perform(food.leader, kind="revoke", record=food.shop)
    with pytest.raises(course.OutOfOrder, match="không thể trước ngày đó"):
        certificates.perform(food.leader, kind="revoke", record=food.shop, on=today - timedelta(days=4), provenance=WHY)
    with pytest.raises(InvalidInput, match="Người khác vừa thay đổi"):
        certificates.perform(food.leader, kind="revoke", record=food.shop, expected=1, provenance=WHY)
    assert CertificateAct.objects.count() == 1


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(sorted(course.ACTS)), st.integers(0, 40)), min_size=1, max_size=6))
def test_the_register_keeps_the_course(food: Food, drawn: list[tuple[str, int]]) -> None:
    """As it was on any day, the record says what the pure course of the acts that were granted says."""
    record = food.add(f"C{100 + Change.objects.count() % 900}")
    section = premises().certificate
    assert section is not None
    on, terms, kept = timezone.localdate() - timedelta(days=260), course.Terms(), []
    for kind, later in drawn:
        on += timedelta(days=later)
        days: dict[str, date | None] = {"expires": on + TODAY_AND_MORE} if kind in ("issue", "renew") else {}
        if kind == "suspend":
            days = {"since": on, "until": on + timedelta(days=7)}
        try:
            terms = course.after(terms, course.Step(kind, on, **days))
        except InvalidInput:
            continue
        certificates.perform(food.leader, kind=kind, record=record, on=on, **days, provenance=WHY)
        kept.append((on, terms))
    start = timezone.localdate() - timedelta(days=262)
    for number in range(0, 262, 3):
        day = start + timedelta(days=number)
        noon = timezone.make_aware(datetime(day.year, day.month, day.day, 12))
        data = Version.objects.get(record=record, known__upper_inf=True, valid__contains=noon).data
        said = [what for begins, what in kept if begins <= day]
        assert section.terms(data) == (said[-1] if said else course.Terms()), (day, kept)


def test_ends_are_announced_once_and_run_out_suspensions_lifted(food: Food) -> None:
    today = timezone.localdate()
    p = food.province
    actions.change(food.officer, record=food.shop, data={"owner_number": p.party.identifier})
    food.issued(on=today - timedelta(days=50), expires=today + timedelta(days=29))
    far = food.add("C002")
    certificates.perform(food.leader, kind="issue", record=far)
    certificates.perform(food.leader, kind="suspend", record=far, on=today, until=today, provenance=WHY)
    assert (notices.announce_ends(), notices.announce_ends(), notices.lift_what_ran_out()) == (1, 0, 0)
    told = Notification.objects.filter(kind="certificate.expiring")
    assert set(told.values_list("account_id", flat=True)) >= {p.account.pk, p.officer.account_id}
    assert Event.objects.filter(type="register.thu.co_so.certificate_expiring").count() == 1


def test_a_record_whose_end_is_known_does_not_keep_others_suspended(food: Food) -> None:
    today = timezone.localdate()
    other = food.add("C000")
    for record in (food.shop, other):
        certificates.perform(food.leader, kind="issue", record=record, on=today - timedelta(days=50))
        until = today - timedelta(days=1)
        on = today - timedelta(days=9)
        certificates.perform(food.leader, kind="suspend", record=record, on=on, until=until, provenance=WHY)
    actions.end(food.officer, record=food.shop, at=today + timedelta(days=9))
    assert notices.lift_what_ran_out() == 1
    assert food.data(other)["status"] == "active"


def test_a_list_finds_certificates_by_their_standing(food: Food) -> None:
    today = timezone.localdate()
    whole = queries.Scope(Q(), frozenset(premises().fields))
    stands = {"valid": {}, "suspended": {}, "revoked": {}, "ended": {}, "expiring": {"expires": today}, "expired": {}}
    for number, (wanted, how) in enumerate(stands.items()):
        record = food.add(f"C1{number:02}")
        on = today - timedelta(days=20)
        if wanted == "expired":
            how = {"expires": today - timedelta(days=1)}
        certificates.perform(food.leader, kind="issue", record=record, on=on, **how)
        verb = {"suspended": "suspend", "revoked": "revoke", "ended": "close"}.get(wanted)
        if verb:
            certificates.perform(food.leader, kind=verb, record=record, provenance=WHY)
    section = premises().certificate
    assert section is not None
    for asked in finding.ASKED:
        page = queries.find(food.register, premises(), whole, queries.Wish(standing=asked))
        everything = queries.find(food.register, premises(), whole, queries.Wish()).rows
        terms = {row.key: section.terms(row.data) for row in everything}
        if asked == "expiring":
            soon = today + timedelta(days=60)
            wanted = {key for key, one in terms.items() if one.expires and today <= one.expires <= soon}
        else:
            wanted = {key for key, one in terms.items() if course.standing_on(one, today) == asked}
        assert {row.key for row in page.rows} == wanted, asked
        assert wanted, asked
