"""Eighteen months of dossiers in believable proportions, told one by one (``life.py``) and written in bulk."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from io import BytesIO

from django.db import connection
from django.utils import timezone

from hienluong.capabilities.payments import matching
from hienluong.capabilities.payments.models import Charge, Notice, Payment, Receipt, Refund
from hienluong.capabilities.signing.papers import render_pdf
from hienluong.capabilities.workflow import library
from hienluong.capabilities.workflow.models import Instance
from hienluong.foundation.actions import Act, action, system
from hienluong.foundation.actions.bulk import copy
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party
from hienluong.foundation.search import vocabulary
from hienluong.services.dossiers.actions.filing import search_text_of
from hienluong.services.dossiers.issuing import SUFFIX
from hienluong.services.dossiers.models import (
    CheckedPaper,
    DeadlineChange,
    Dossier,
    DossierPaper,
    Handover,
    IssuedPaper,
    Opinion,
    Pause,
    Result,
    Supplement,
)
from hienluong.services.dossiers.queries import WORDS
from hienluong.services.oversight import figures
from hienluong.services.oversight.models import Satisfaction
from hienluong.services.procedures.models import ProcedureVersion
from hienluong.services.procedures.spec import ProcedureSpec
from hienluong.services.surveys.models import Rating

from . import Progress, chain, proportions, worktime
from .life import Writer
from .money import notice_of
from .places import Law, Map
from .rows import Fate, Life, Money, day_of

WHO = system("Nạp tỉnh trình diễn")
SEED = 1_978
DAYS = 540
BATCH = 1000


@dataclass(frozen=True)
class _Plan:
    """What is known of a dossier before it is told: when, what, by whom, to which end."""

    day: date
    fate: Fate


def dossiers(progress: Progress) -> None:
    """Write the dossiers, let a few go through the real actions, bring the figures up to date; once."""
    if Dossier.objects.exists():
        return
    _write(WHO, count=progress.dossiers, progress=progress)
    chain.play()
    figures.refresh()


@action("demo.load_history")
def _write(act: Act, *, count: int, progress: Progress) -> int:
    maker = _Maker(random.Random(SEED), timezone.now())  # noqa: S311 - a fixed seed: the demo is the same everywhere
    lives = maker.lives(count)
    starts = range(0, count, BATCH)
    for start in progress.track(starts, len(starts)):
        maker.save(lives[start : start + BATCH])
    maker.suspense()
    maker.numbers.write()
    _set_times()
    act.record(Organization.objects.get(code="H50"), after={"dossiers": count}, note="hồ sơ trình diễn, ghi hàng loạt")
    return count


class _Numbers:
    """The number series of the product, counted here while writing in bulk and brought up to date at the end."""

    def __init__(self) -> None:
        self._last: dict[str, int] = defaultdict(int)

    def next(self, series: str) -> int:
        self._last[series] += 1
        return self._last[series]

    def write(self) -> None:
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO numbering_series (key, last) VALUES (%s, %s) "
                "ON CONFLICT (key) DO UPDATE SET last = excluded.last",
                list(self._last.items()),
            )


class _Maker:
    """Plans the dossiers, has them told, numbers and saves them."""

    def __init__(self, chance: random.Random, now: datetime) -> None:
        self.chance, self.now, self.today = chance, now, timezone.localdate(now)
        self.province = Organization.objects.get(code="H50")
        self.law, self.places, self.numbers = Law(), Map(), _Numbers()
        self.writer = Writer(chance, now, self.places, {code: library.shipped(code) for code in library.SHIPPED})
        known = Party.objects.filter(account__isnull=True).exclude(commune_code="").order_by("pk")
        self.citizens = list(known.filter(kind=Party.Kind.CITIZEN))
        self.enterprises = [
            (row, link.representative)
            # Those of a person with an account live through the actions: the demo's own enterprise is no row of many.
            for row in known.filter(kind=Party.Kind.ENTERPRISE)
            .exclude(representatives__representative__account__isnull=False)
            .prefetch_related("representatives__representative")
            for link in row.representatives.all()[:1]
        ]
        self.late_shares: dict[int, float] = {}
        self.national = 0

    def lives(self, count: int) -> list[Life]:
        """All dossiers in the order in which they were filed, numbered."""
        told = [self._tell(plan) for plan in self._plans(count)]
        told.sort(key=lambda life: life.dossier.submitted_at)
        for life in told:
            self._number(life)
        return told

    def _plans(self, count: int) -> list[_Plan]:
        days = [self.today - timedelta(days=back) for back in range(DAYS, -1, -1)]
        weights = worktime.day_weights(days, self.province)
        if self.today == timezone.localdate():  # the present day has had only part of its dossiers
            local = timezone.localtime(self.now)
            weights[-1] *= min(max((local.hour - 7.5) / 9.5, 0.05), 1)
        fates = self._fates(count)
        filed = self.chance.choices(days, weights, k=len(fates))
        return [
            _Plan(day if fate.end != "stuck" else self._stuck_since(fate.late_days), fate)
            for day, fate in zip(filed, fates, strict=True)
        ]

    def _fates(self, count: int) -> list[Fate]:
        """Exact shares at every size, in an order left to chance."""
        share = self.chance.random
        stuck = [
            Fate(end="stuck", late_days=self.chance.randint(least, most), apologised=number % 3 == 0)
            for least, most, part in proportions.STUCK
            for number in range(max(1, round(part * count)))
        ]
        refused = [Fate(end="refused")] * round(proportions.REFUSED * count)
        withdrawn = [Fate(end="withdrawn")] * round(proportions.WITHDRAWN * count)
        rest = max(count - len(stuck) - len(refused) - len(withdrawn), 0)
        asked = round(proportions.SUPPLEMENT * count)
        served = [
            Fate(supplement=number < asked, denied=share() < proportions.DENIED, apologised=share() < 0.4)
            for number in range(rest)
        ]
        fates = [*stuck, *refused, *withdrawn, *served][:count]
        self.chance.shuffle(fates)
        return fates

    def _stuck_since(self, late_days: int) -> date:
        """A day of filing after which the service of a week or two is that late today."""
        return worktime.working_days_before(self.today, late_days, self.province)

    def _tell(self, plan: _Plan) -> Life:
        while True:
            version = self._service(plan)
            day = self._slow_day(version, plan.day) if plan.fate.end == "stuck" else plan.day
            version = self.law.version(version.procedure.code, day) or version
            spec = version.spec
            subject, filer = self._people(spec)
            home = subject.commune_code if self.chance.random() < 0.9 else self.chance.choice(self.places.communes)
            place = self.places.place(spec, home, day)
            if place:
                break
        channel = self._channel(day, only_counter=spec.form is None)
        online = channel in ("online", "national_portal")
        if not online and not worktime.works_on(day, place.counter):
            day = worktime.working_days_before(day, 1, place.counter)
        late = plan.fate.end == "served" and self.chance.random() < self._late_share(place.competent)
        life = self.writer.tell(
            version=self.law.version(spec.code, day) or version,
            rules=self.law.rules(day),
            place=place,
            subject=subject,
            filer=filer,
            channel=channel,
            filed=worktime.filing_moment(self.chance, day, online=online, now=self.now),
            fate=replace(plan.fate, late=late, apologised=plan.fate.apologised and (late or plan.fate.end == "stuck")),
        )
        if channel == "national_portal":
            self.national += 1
            life.dossier.national_code = f"000.00.00.G22-{day:%y%m%d}-{self.national:06d}"
        return life

    def _service(self, plan: _Plan) -> ProcedureVersion:
        if plan.fate.end == "stuck":
            found = self.law.version(self.chance.choice(proportions.SLOW), plan.day)
            assert found is not None
            return found
        versions, weights = self.law.on(plan.day)
        return self.chance.choices(versions, weights)[0]

    def _slow_day(self, version: ProcedureVersion, due: date) -> date:
        """The day of filing after which the service was due on `due`."""
        rule = version.spec.deadlines_for("counter")[-1]
        if rule.unit == "calendar_day":
            return worktime.working_days_before(due - timedelta(days=rule.amount - 1), 1, self.province)
        return worktime.working_days_before(due, rule.amount, self.province)

    def _people(self, spec: ProcedureSpec) -> tuple[Party, Party]:
        """Whose matter it is, and who files."""
        firm = "enterprise" in spec.applicants and (spec.applicants == ["enterprise"] or self.chance.random() < 0.06)
        if firm and spec.code in proportions.FOR_ENTERPRISES:
            return self.chance.choice(self.enterprises)
        person = self.chance.choice(self.citizens)
        return person, person

    def _channel(self, day: date, *, only_counter: bool) -> str:
        chance = self.chance.random
        if only_counter:
            return "counter"
        share = (day - (self.today - timedelta(days=DAYS))).days / DAYS
        online = proportions.ONLINE_FROM + (proportions.ONLINE_TO - proportions.ONLINE_FROM) * share
        if chance() < online / (1 - proportions.COUNTER_ONLY):
            national = day >= proportions.NATIONAL_SINCE and chance() < proportions.NATIONAL
            return "national_portal" if national else "online"
        return "post" if chance() < proportions.POST / (1 - online) else "counter"

    def _late_share(self, agency: Organization) -> float:
        if agency.pk not in self.late_shares:
            drawn = random.Random(f"{SEED}{agency.code}").gauss(proportions.LATE_MEAN, proportions.LATE_SPREAD)  # noqa: S311
            self.late_shares[agency.pk] = min(max(drawn, proportions.LATE_LEAST), proportions.LATE_MOST)
        return self.late_shares[agency.pk]

    def _number(self, life: Life) -> None:
        """Give the codes and numbers that the product would have given, in the order of the days."""
        dossier, number = life.dossier, self.numbers.next
        counter, yymmdd = dossier.received_at_org.code, day_of(life).strftime("%y%m%d")
        dossier.code = f"{counter}-{yymmdd}-{number(f'dossier:{counter}:{yymmdd}'):04d}"
        dossier.search_text = search_text_of(dossier, dossier.filer.name)
        for paper in life.issued:
            year = timezone.localdate(paper.issued_at).year
            last = number(f"paper:{counter}:{paper.kind}:{year}")
            paper.number = f"{last:02d}/{counter}-{year}/{SUFFIX[paper.kind]}"
        if life.result and life.result.signed_at:
            suffix = dossier.procedure_version.spec.results[0].number_suffix or "KQ"
            year = timezone.localdate(life.result.signed_at).year
            last = number(f"result:{dossier.competent.code}:{year}:{suffix}")
            life.result.number = f"{last:02d}/{suffix.replace('{year}', str(year))}"
        for money in life.money:
            money.charge.subject_ref = f"dossier:{dossier.code}"
            if money.receipt and money.payment:
                year = timezone.localdate(money.payment.paid_at).year
                money.receipt.serial = f"BI-{year % 100:02d}T.{money.charge.organization.code}"[:20]
                money.receipt.number = number(f"receipt:{money.receipt.serial}")

    def save(self, lives: list[Life]) -> None:
        """Write the rows of these dossiers."""
        vocabulary.remember(WORDS, (life.dossier.search_text for life in lives))
        Instance.objects.bulk_create([life.process for life in lives])
        for life in lives:
            life.dossier.process = life.process
        Dossier.objects.bulk_create([life.dossier for life in lives])
        self._attach(life.result for life in lives if life.result and life.result.signed_at)
        copy(Handover, (row for life in lives for row in life.handovers))
        copy(DeadlineChange, (row for life in lives for row in life.changes))
        copy(DossierPaper, (row for life in lives for row in life.papers))
        copy(CheckedPaper, (row for life in lives for row in life.checked))
        copy(IssuedPaper, (row for life in lives for row in life.issued))
        copy(Pause, (row for life in lives for row in life.pauses))
        copy(Supplement, (row for life in lives for row in life.supplements))
        copy(Opinion, (row for life in lives for row in life.opinions))
        copy(Result, (life.result for life in lives if life.result))
        ratings = [life.rating for life in lives if life.rating]
        copy(Rating, ratings)
        Satisfaction.objects.bulk_create([Satisfaction(dossier_id=row.dossier_id, mean=row.mean) for row in ratings])
        self._save_money([money for life in lives for money in life.money])

    @cached_property
    def past_result(self) -> bytes:
        """What the file of a past result says."""
        return render_pdf("house/demo/past_result.html", {}, title="Kết quả trong dữ liệu trình diễn")

    def _attach(self, results: Iterable[Result]) -> None:
        """Each past result has a file of its own that says what it is: a paper of the demo, without signature."""
        rows = list(results)
        if not rows:
            return
        first = store(BytesIO(self.past_result), name="ket-qua-trinh-dien.pdf", owner=None, purpose="dossiers.result")
        files = [
            StoredFile(
                blob_id=first.blob_id,
                name=f"{row.dossier.code}-ket-qua.pdf",
                purpose="dossiers.result",
                scan=first.scan,
            )
            for row in rows
        ]
        first.delete()
        for row, file in zip(rows, StoredFile.objects.bulk_create(files), strict=True):
            row.file = file

    def _save_money(self, rows: list[Money]) -> None:
        Charge.objects.bulk_create([row.charge for row in rows])
        Payment.objects.bulk_create([row.payment for row in rows if row.payment])
        copy(Receipt, (row.receipt for row in rows if row.receipt))
        copy(Refund, (row.refund for row in rows if row.refund))
        copy(Notice, (row.notice for row in rows if row.notice))

    def suspense(self) -> None:
        """Money of the last days that fits no charge: what the accountant has to look at."""
        reasons = ("Không có khoản thu nào mang nội dung này", "Số tiền khác số phải nộp")
        notices = []
        for number in range(4):
            at = self.now - timedelta(hours=5 + 19 * number)
            payment = Payment(
                provider="bank", provider_ref=f"FT{at:%y%j}9900{number:04d}", amount=8000 * (number + 1), paid_at=at
            )
            text = "CHUYEN TIEN LE PHI" if number % 2 == 0 else f"HL{number}2345ABCDE"
            notices.append(notice_of(payment, text, Notice.Verdict.SUSPENSE, reasons[number % 2]))
        for notice in notices:
            at = notice.at
            notice.save()  # writes the present as its time
            Notice.objects.filter(pk=notice.pk).update(at=at)
            matching.wait_for_an_official(notice, timezone.localdate(at), None)


#: Times that a table writes by itself (``auto_now_add``), set back to when the thing happened.
_TIMES = (
    "UPDATE payments_charge c SET created_at = coalesce(d.submitted_at, c.created_at) "
    "FROM dossiers_dossier d WHERE c.subject_ref = 'dossier:' || d.code",
    "UPDATE files_storedfile f SET created_at = r.signed_at FROM dossiers_result r WHERE r.file_id = f.id",
)


def _set_times() -> None:
    with connection.cursor() as cursor:
        for statement in _TIMES:
            cursor.execute(statement)
