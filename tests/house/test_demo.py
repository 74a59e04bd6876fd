"""The demo on a small size: proportions, whose data stands in which form, whole rows, the law of each day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any
from urllib.parse import quote, urljoin

import lxml.html
import pytest
from django.db import connection, transaction
from django.db.models import Count, F, Q
from django.test import Client
from django.utils import timezone

from hienluong.capabilities.forms import engine
from hienluong.capabilities.forms.prefill import prefilled_fields
from hienluong.capabilities.payments.models import Charge, Discrepancy, Notice, Payment, Receipt, Refund
from hienluong.capabilities.signing.models import IssuedFile
from hienluong.foundation.audit import chain
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.people.models import Party
from hienluong.foundation.transparency.models import LogEntry
from hienluong.house import demo
from hienluong.house.demo import formdata, proportions
from hienluong.house.demo import guide as demo_guide
from hienluong.house.demo.accounts import ACCOUNTS
from hienluong.services.dossiers.models import (
    OPEN_STATES,
    DeadlineChange,
    Dossier,
    Draft,
    Handover,
    IssuedPaper,
    Pause,
    Result,
    State,
    Supplement,
)
from hienluong.services.oversight.models import Satisfaction
from hienluong.services.portal import tour
from hienluong.services.procedures.models import ProcedureVersion
from hienluong.services.surveys.models import Rating
from tests.house.test_every_page_browser import STARTS, Crawl, local_links

SIZE = 900
MERGED = date(2025, 7, 1)
ONLINE = ("online", "national_portal")


@pytest.fixture(scope="module")
def province(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo loaded once for this module, and undone at its end."""
    with django_db_blocker.unblock(), transaction.atomic():
        for step in demo.STEPS:
            if step.function == "catalogue:trial_entries":
                continue  # nobody files what is marked as trial
            step.run(demo.Progress(SIZE, lambda items, total: iter(items)))
        with connection.cursor() as cursor:  # once here, so that not every test checks all these rows at its end
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _loaded(province: None, db: None) -> None:
    return None


def bulk() -> Any:
    """The dossiers written in bulk: those of people without an account."""
    return Dossier.objects.filter(filer__account__isnull=True)


def share(part: int, whole: int) -> float:
    return part / whole


def test_the_wanted_number_is_there_and_audit_holds() -> None:
    assert bulk().count() == SIZE
    assert not list(chain.verify())


def test_copies_and_civil_status_are_most_of_the_work() -> None:
    codes = Counter(bulk().values_list("procedure_version__procedure__code", flat=True))
    assert codes.most_common(1)[0][0] == "2.000815"
    civil = ("2.000815", "2.000635", "1.004873", "1.001193", "2.000884", "3.000722", "1.000894", "1.000656")
    assert 0.6 < share(sum(codes[code] for code in civil), SIZE) < 0.8
    assert len(codes) >= 12


def test_refused_withdrawn_and_supplements_are_few() -> None:
    states = Counter(bulk().values_list("state", flat=True))
    assert states[State.REFUSED] == round(0.03 * SIZE)
    assert states[State.WITHDRAWN] == round(0.01 * SIZE)
    assert 0.05 < share(Supplement.objects.filter(dossier__in=bulk()).count(), SIZE) <= 0.085


def test_more_than_nine_of_ten_are_on_time_and_agencies_differ() -> None:
    finished = bulk().filter(finished_at__isnull=False)
    assert 0.92 <= share(finished.filter(is_late=False).count(), finished.count()) <= 0.965
    by_agency = finished.values("competent").annotate(n=Count("pk"), late=Count("pk", filter=Q(is_late=True)))
    rates = {round(row["late"] / row["n"], 2) for row in by_agency if row["n"] >= 8}
    assert len(rates) > 2


def test_two_of_three_are_filed_online_and_more_every_month() -> None:
    days = list(bulk().values_list("submitted_at", "channel"))
    assert 0.58 <= share(sum(c in ONLINE for _, c in days), SIZE) <= 0.73
    middle = timezone.now() - timedelta(days=270)
    first = [c in ONLINE for at, c in days if at < middle]
    second = [c in ONLINE for at, c in days if at >= middle]
    assert sum(second) / len(second) > sum(first) / len(first)


def test_offices_receive_in_working_hours_on_working_days() -> None:
    for received in bulk().filter(received_at__isnull=False).values_list("received_at", flat=True):
        local = timezone.localtime(received)
        assert 7 <= local.hour <= 17, local
        assert local.weekday() < 6, local


def test_the_last_month_is_a_month_like_others() -> None:
    now = timezone.now()
    months = [
        bulk().filter(
            submitted_at__gte=now - timedelta(days=30 * (n + 1)), submitted_at__lt=now - timedelta(days=30 * n)
        )
        for n in range(12)
    ]
    counts = [month.count() for month in months]
    assert counts[0] < 1.6 * sum(counts[1:]) / 11


def test_some_are_overdue_of_every_age_and_some_of_those_with_an_apology() -> None:
    now = timezone.now()
    overdue = bulk().filter(state__in=OPEN_STATES, due_at__lt=now)
    assert overdue.filter(due_at__lt=now - timedelta(days=42)).exists()
    assert overdue.filter(due_at__gte=now - timedelta(days=42), due_at__lt=now - timedelta(days=9)).exists()
    assert overdue.filter(due_at__gte=now - timedelta(days=9)).exists()
    assert DeadlineChange.objects.filter(kind="apology", dossier__in=bulk()).exists()
    assert IssuedPaper.objects.filter(kind="apology").exists()


def test_ratings_are_good_and_some_have_words() -> None:
    means = [rating.mean for rating in Rating.objects.all()]
    assert len(means) > 0.15 * SIZE
    assert 4.2 <= sum(means) / len(means) <= 4.6
    assert min(means) < 3
    assert Rating.objects.exclude(comment="").exists()
    rated = {rating.dossier_id: rating.mean for rating in Rating.objects.filter(dossier__in=bulk())}
    known = dict(Satisfaction.objects.filter(dossier_id__in=rated).values_list("dossier_id", "mean"))
    assert known == pytest.approx(rated)


def test_every_form_holds_the_data_of_its_own_person() -> None:
    for dossier in Dossier.objects.select_related("procedure_version", "subject"):
        form = dossier.procedure_version.spec.form
        if form is None:
            assert dossier.data == {}
            continue
        names = {name for name, source in prefilled_fields(form).items() if source == "party.name"}
        numbers = {name for name, source in prefilled_fields(form).items() if source == "party.identifier"}
        for name in names - {"representative"}:
            assert dossier.data[name] == dossier.subject.name, (dossier.code, name)
        for name in numbers:
            assert dossier.data[name] == dossier.subject.identifier, (dossier.code, name)


def test_no_personal_number_of_the_examples_is_left_in_a_form() -> None:
    told = " ".join(str(data) for data in Dossier.objects.values_list("data", flat=True))
    numbers = {
        value
        for rows in formdata.examples().values()
        for row in rows
        for value in row.values()
        if isinstance(value, str) and len(value) == 12 and value.isdigit()
    }
    assert len(numbers) > 30
    assert not [number for number in numbers if number in told]


def test_every_form_is_filled_in_as_the_form_asks() -> None:
    sample: dict[int, list[Dossier]] = {}
    for dossier in Dossier.objects.select_related("procedure_version").order_by("-submitted_at"):
        sample.setdefault(dossier.procedure_version_id, []).append(dossier)
    for dossiers in sample.values():
        for dossier in dossiers[:4]:
            form = dossier.procedure_version.spec.form
            if form:
                assert not engine.validate(form, dossier.data).errors, (dossier.code, dossier.procedure_name)


def test_each_dossier_has_the_version_the_rules_and_the_agencies_of_its_day() -> None:
    for dossier in Dossier.objects.select_related(
        "procedure_version", "rule_set", "competent", "received_at_org", "handling"
    ):
        day = timezone.localdate(dossier.submitted_at)
        assert day in dossier.procedure_version.valid, dossier.code
        assert day in dossier.rule_set.valid, dossier.code
        for place in (dossier.competent, dossier.received_at_org, dossier.handling):
            assert day in place.valid, (dossier.code, place)
    before = bulk().filter(submitted_at__date__lt=MERGED)
    assert before.exists()
    assert set(before.values_list("rule_set_id", flat=True)) == {"2022"} or before.filter(
        rule_set_id__startswith="2022"
    )
    assert not before.filter(channel="national_portal").exists()


def test_nothing_is_missing_beside_a_dossier() -> None:
    received = bulk().filter(received_at__isnull=False)
    assert received.filter(deadline_changes__isnull=True).count() == 0
    assert received.exclude(issued_papers__kind="receipt").count() == 0
    assert bulk().filter(handovers__isnull=True).count() == 0
    finished = bulk().filter(finished_at__isnull=False)
    assert finished.count() == Result.objects.filter(dossier__in=bulk(), state="signed").count()
    assert bulk().filter(state=State.REFUSED).exclude(issued_papers__kind="refusal").count() == 0
    assert Supplement.objects.count() == Pause.objects.count()
    waiting = Dossier.objects.filter(state=State.SUPPLEMENT)
    assert waiting.exists()
    assert waiting.filter(pauses__ended_at__isnull=True).count() == waiting.count()
    assert Handover.objects.filter(at__gt=timezone.now()).count() == 0


def test_the_process_stands_where_the_dossier_says() -> None:
    for dossier in bulk().select_related("process__model").order_by("-pk")[:150]:
        standing = dossier.process.standing()
        assert dossier.process.ready == [ready.task for ready in standing.ready]
        if dossier.waiting_task:
            assert dossier.waiting_task == standing.ready[0].task


def test_money_adds_up() -> None:
    assert Charge.objects.filter(state="paid").count() > 0.2 * SIZE
    assert Payment.objects.filter(receipt__isnull=True).count() == 0
    assert Payment.objects.exclude(amount=F("charge__amount")).count() == 0
    assert Notice.objects.filter(verdict="applied").count() == Payment.objects.filter(provider="bank").count()
    assert Notice.objects.filter(verdict="suspense").count() == 4
    assert Discrepancy.objects.filter(kind="suspense", state="open").count() == 4
    assert 0 < Refund.objects.count() < 0.03 * SIZE
    for series in Receipt.objects.values_list("serial", flat=True).distinct():
        numbers = sorted(Receipt.objects.filter(serial=series).values_list("number", flat=True))
        assert numbers == list(range(1, len(numbers) + 1))


def test_codes_have_no_gap_and_follow_the_time_of_filing() -> None:
    last: dict[str, int] = {}
    for code in bulk().order_by("submitted_at", "pk").values_list("code", flat=True):
        head, number = code.rsplit("-", 1)
        assert int(number) == last.get(head, 0) + 1
        last[head] = int(number)


def test_the_demo_accounts_have_the_whole_chain() -> None:
    lanh = Account.objects.get(username="nguyenthilanh")
    signed = Result.objects.filter(dossier__filer=lanh.party, state="signed", token__isnull=False)
    assert signed.count() >= 3
    for result in signed.select_related("file", "dossier"):
        issued = IssuedFile.objects.get(token=result.token)
        assert LogEntry.objects.filter(index=issued.log_index).exists()
        assert result.file
        assert result.file.blob_id == issued.sha256
        assert result.dossier.state == State.RETURNED
    assert Receipt.objects.filter(payment__charge__payer_id=lanh.party_id).exists()
    assert Rating.objects.filter(dossier__filer=lanh.party).exists()
    assert Draft.objects.filter(account=lanh, filed_as__isnull=True).exists()


@pytest.mark.parametrize("code", ["2.002041", "1.013831", "2.001827", "3.000347"])
def test_what_departments_decide_can_be_played_to_the_end_with_demo_accounts(code: str) -> None:
    from hienluong.house.demo.chain import Cast

    version = ProcedureVersion.objects.get(procedure__code=code, valid__contains=timezone.localdate())
    dossier = Dossier.objects.filter(procedure_version=version, filer__account__isnull=False).get()
    cast = Cast()
    for role, permission, path in (
        ("clerk", "dossiers.receive", dossier.received_at_org.path),
        ("officer", "dossiers.review", dossier.handling_path),
        ("head", "dossiers.submit_for_signature", dossier.handling_path),
        ("leader", "dossiers.sign", dossier.competent.path),
    ):
        assert cast.official(role, dossier).can(permission, path), (code, role)


def test_enterprises_have_tax_codes_that_hold_and_somebody_who_acts_for_them() -> None:
    from stdnum.vn import mst

    enterprises = Party.objects.filter(kind="enterprise")
    assert enterprises.count() > 80
    for party in enterprises:
        assert mst.is_valid(party.identifier), party.identifier
        assert party.representatives.exists()


def test_late_shares_stay_between_their_bounds() -> None:
    assert proportions.LATE_LEAST < proportions.LATE_MEAN < proportions.LATE_MOST
    assert sum(proportions.SCORES) == pytest.approx(1)
    assert actor_of(Account.objects.get(username="dieuhanh")).paths_with("oversight.view")


@pytest.mark.once
def test_every_page_is_reached_by_links(settings: Any) -> None:
    """As tests/house/test_every_page_browser.py does in the browser."""
    settings.DEMO = True
    demo_guide.register()
    crawl = Crawl()
    for username in ("", *(account.username for account in ACCOUNTS)):
        client = Client(HTTP_HOST="localhost")
        if username:
            client.force_login(Account.objects.get(username=username))
        for start in STARTS if username else STARTS[:1]:
            crawl.walk(partial(_links, crawl, client), start)
    tour._guides.clear()
    crawl.assert_complete("eid:enter", "eid:link", "bus_tour")  # neither identity provider nor gateway runs beside


def _links(crawl: Crawl, client: Client, path: str, _first: bool) -> list[str] | None:
    answer = client.get(path, follow=True)
    if answer.status_code == 403:
        return None
    if not crawl.is_page(path, answer.status_code, answer["Content-Type"]):
        return []
    here = "http://localhost" + quote(answer.request["PATH_INFO"].encode("latin-1"))
    found = lxml.html.fromstring(answer.content.decode()).iterfind(".//a[@href]")
    return local_links((urljoin(here, link.get("href")) for link in found), "http://localhost/")
