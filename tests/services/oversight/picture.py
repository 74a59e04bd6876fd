"""A small province with work of every kind: on time and late, rated, online, in hand, waiting, overdue of every age."""

from __future__ import annotations

import itertools
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from hienluong.foundation.actions import Actor
from hienluong.foundation.calendars import deadlines
from hienluong.foundation.organisations.models import Official, Organization, Succession
from hienluong.services.dossiers.models import Dossier, State
from hienluong.services.oversight import figures
from hienluong.services.procedures.models import Field, Procedure, ProcedureVersion
from tests.factories import actor_for_role, make_official, make_org
from tests.services.dossiers.province import SPEC, Province

_count = itertools.count(1)


class Picture:
    """The province, its overseer, and a way to put dossiers into it."""

    def __init__(self) -> None:
        self.province = Province()
        self.overseer = actor_for_role("oversight", self.province.root)
        self.one = make_official("Trần Văn Trễ", org=self.province.division)
        self.two = make_official("Lê Thị Chậm", org=self.province.other_division)
        self.first = self.province.file()
        self.other_version = self._version()

    def _version(self) -> ProcedureVersion:
        field = Field.objects.create(code="KT-KHAC", name="Lĩnh vực khác")
        procedure = Procedure.objects.create(
            code="8.000909",
            name="Thủ tục lĩnh vực khác",
            field=field,
            online_level="full",
            level_2022=4,
            agency_level="commune",
            state=Procedure.State.PUBLISHED,
            complete=True,
        )
        return ProcedureVersion.objects.create(
            procedure=procedure,
            number=1,
            state="published",
            valid=DateRange(date(2022, 1, 1), None),
            spec_json={**SPEC, "code": "8.000909", "field": {"code": "KT-KHAC", "name": "Lĩnh vực khác"}},
            digest="",
        )

    def dossier(self, days_ago: int, *, other: bool = False, **more: Any) -> Dossier:
        """A copy of the first dossier filed some days ago at noon, with other values."""
        number = next(_count)
        copy = Dossier.objects.get(pk=self.first.pk)
        process = copy.process
        process.pk = None
        process.save()
        copy.pk = None
        copy._state.adding = True
        copy.process = process
        copy.code = f"H50.31.01-260101-{number:05d}"
        copy.submitted_at = copy.received_at = self.noon(days_ago)
        if other:
            place = self.province
            copy.competent, copy.handling = place.other_commune, place.other_division
            copy.received_at_org, copy.handling_path = place.other_counter, place.other_division.path
        for name, value in more.items():
            setattr(copy, name, value)
        copy.save()
        return copy

    def noon(self, days_ago: int) -> datetime:
        """Noon of a day."""
        return timezone.make_aware(datetime.combine(timezone.localdate() - timedelta(days=days_ago), time(12)))

    def late_by(self, working_days: int) -> datetime:
        """A due moment that lies this many working days back in the calendar of the commune."""
        day = timezone.localdate()
        while deadlines.working_days_between(day, timezone.localdate(), self.province.commune) < working_days:
            day -= timedelta(days=1)
        return timezone.make_aware(datetime.combine(day, time(8)))

    def finished(self, days_ago: int, *, late: bool = False, score: float = 0, **more: Any) -> Dossier:
        """A dossier that has its result, maybe rated."""
        done = self.dossier(
            days_ago,
            state=State.RETURNED,
            due_at=self.noon(days_ago),
            finished_at=self.noon(days_ago),
            is_late=late,
            waiting_lane="",
            waiting_task="",
            waiting_path="",
            **more,
        )
        if score:
            figures.remember_rating(done.pk, score)
        return done

    def overdue(self, working_days: int, official: Official | None = None, **more: Any) -> Dossier:
        """A dossier in hand that is late."""
        return self.dossier(
            more.pop("days_ago", 120),
            state=more.pop("state", State.IN_PROGRESS),
            due_at=self.late_by(working_days),
            assignee=official or self.one,
            **more,
        )

    def everything(self) -> Picture:
        """Something for every number of the page, in two agencies and two fields."""
        for days in (3, 3, 33, 40, 64, 65, 100):
            self.finished(days, channel="online", score=5)
        for days in (5, 35, 66):
            self.finished(days, late=True, score=2)
            self.finished(days, other=True, channel="national_portal")
        self.finished(20, other=True, late=True, procedure_version=self.other_version)
        for working_days in (1, 5, 6, 30, 31, 70):
            self.overdue(working_days)
        self.overdue(3, self.two, other=True)
        self.overdue(12, self.two, other=True, procedure_version=self.other_version, days_ago=30)
        self.overdue(20, state=State.SUPPLEMENT)
        self.dossier(2, state=State.IN_PROGRESS, due_at=timezone.now() + timedelta(days=3), channel="post")
        self.dossier(1)
        figures.refresh()
        return self

    def former_district(self) -> Organization:
        """A district of before with a commune of before; the other commune took both over."""
        place = self.province
        district = make_org("UBND huyện Cũ", code="H50.60", kind="district", parent=place.root)
        old = make_org("UBND xã Cũ", code="H50.60.01", kind="commune", parent=district, commune_code="99999")
        for gone in (district, old):
            Succession.objects.create(
                kind="merge", predecessor=gone, successor=place.other_commune, effective_on=date(2025, 7, 1)
            )
        self.old_commune = old
        return district

    def actor_of_commune(self) -> Actor:
        """The leader of the first commune: oversees and may see its dossiers."""
        return self.province.leader


def client_of(actor: Actor) -> Any:
    """A browser in which this actor is signed in."""
    from django.test import Client

    from hienluong.foundation.identity.models import Account

    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client
