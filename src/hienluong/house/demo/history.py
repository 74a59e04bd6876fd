"""Eighteen months of dossiers in believable proportions, written in bulk; a few go through the real actions."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import yaml
from django.db import connection, transaction
from django.utils import timezone

from hienluong.capabilities.workflow import library
from hienluong.capabilities.workflow.models import Instance, ProcessModel
from hienluong.foundation.actions import Act, action, system
from hienluong.foundation.calendars import deadlines
from hienluong.foundation.organisations.models import Official, Organization, Position
from hienluong.foundation.people.models import Party
from hienluong.services.dossiers import actions, steps
from hienluong.services.dossiers.actions.filing import search_text_of
from hienluong.services.dossiers.competence import competent_for, counter_of, division_of
from hienluong.services.dossiers.models import Dossier, Handover, State
from hienluong.services.oversight import figures
from hienluong.services.procedures import packs
from hienluong.services.procedures.models import ProcedureVersion, RuleSet

from . import Progress
from .population import OFFICIAL

WHO = system("Nạp tỉnh trình diễn")
SEED = 1_978
DAYS = 540
#: How the finished, the open and the rest share the dossiers.
SHARES = (
    (State.RETURNED, 0.84),
    (State.COMPLETED, 0.02),
    (State.IN_PROGRESS, 0.06),
    (State.RECEIVED, 0.02),
    (State.SUPPLEMENT, 0.015),
    (State.SUBMITTED, 0.02),
    (State.REFUSED, 0.015),
    (State.WITHDRAWN, 0.01),
)
CHANNELS = (("online", 0.5), ("counter", 0.32), ("national_portal", 0.13), ("post", 0.05))
LATE = 0.06
#: The commune of the demo's officials: phường Đông Hà.
HOME = "19333"
BATCH = 1000


@dataclass(frozen=True)
class _Place:
    competent: Organization
    counter: Organization
    handling: Organization


def dossiers(progress: Progress) -> None:
    """Write the dossiers, bring the figures up to date, file a few through the real actions; once."""
    if Dossier.objects.exists():
        return
    _write(WHO, count=progress.dossiers, progress=progress)
    figures.refresh()
    _fresh()


@action("demo.load_history")
def _write(act: Act, *, count: int, progress: Progress) -> int:
    chance = random.Random(SEED)  # noqa: S311 - a fixed seed, so that the demo is the same everywhere
    maker = _Maker(chance)
    starts = range(0, count, BATCH)
    for start in progress.track(starts, len(starts)):
        maker.batch(min(BATCH, count - start))
    maker.write_numbers()
    act.record(Organization.objects.get(code="H50"), after={"dossiers": count}, note="hồ sơ trình diễn, ghi hàng loạt")
    return count


class _Maker:
    """Makes dossiers in batches; the numbers of each counter and day are kept and written at the end."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.today = timezone.localdate()
        self.versions = list(
            ProcedureVersion.objects.filter(
                procedure__complete=True, state="published", valid__contains=self.today, procedure__state="published"
            ).select_related("procedure")
        )
        self.rules = {row.code: row for row in RuleSet.objects.all()}
        self.parties = list(Party.objects.filter(kind="citizen").exclude(account__isnull=False))
        self.communes = list(
            Organization.objects.filter(kind="commune", valid__contains=self.today)
            .order_by("code")
            .values_list("commune_code", flat=True)
        )
        self.places: dict[tuple[int, str], _Place] = {}
        self.numbers: dict[tuple[str, str], int] = defaultdict(int)
        self.models: dict[str, ProcessModel] = {code: library.shipped(code) for code in library.SHIPPED}
        self.officials: dict[tuple[str, int], list[Official]] = defaultdict(list)
        for position in Position.objects.filter(official__code__startswith=OFFICIAL).select_related("official"):
            self.officials[position.role, position.organization_id].append(position.official)
        self.examples = _examples()

    def batch(self, size: int) -> int:
        rows = [self._one() for _ in range(size)]
        rows.sort(key=lambda row: row[0].submitted_at)
        for dossier, _process, _trail in rows:
            day = timezone.localdate(dossier.submitted_at).strftime("%y%m%d")
            self.numbers[dossier.received_at_org.code, day] += 1
            dossier.code = f"{dossier.received_at_org.code}-{day}-{self.numbers[dossier.received_at_org.code, day]:04d}"
            dossier.search_text = search_text_of(dossier, dossier.filer.name)
        processes = Instance.objects.bulk_create([process for _d, process, _t in rows])
        for (dossier, _process, _trail), process in zip(rows, processes, strict=True):
            dossier.process = process
            steps.place(dossier)
        saved = Dossier.objects.bulk_create([dossier for dossier, _p, _t in rows])
        trails = []
        for (_dossier, _process, trail), dossier in zip(rows, saved, strict=True):
            for verb, at, label, state in trail:
                trails.append(
                    Handover(
                        dossier=dossier,
                        verb=verb,
                        from_label=label,
                        organization=dossier.competent,
                        at=at,
                        state_after=state,
                        to_lane=dossier.waiting_lane,
                    )
                )
        Handover.objects.bulk_create(trails, batch_size=2000)
        return len(saved)

    def _pick(self, shares: tuple[tuple[str, float], ...]) -> str:
        return self.chance.choices([name for name, _ in shares], [share for _, share in shares])[0]

    def _one(self) -> tuple[Dossier, Instance, list[tuple[str, datetime, str, str]]]:
        chance = self.chance
        version = chance.choice(self.versions)
        party = chance.choice(self.parties)
        place = self._place(version, chance.choice(self.communes))
        state = self._pick(SHARES)
        age = (
            chance.randint(0, 9)
            if state in (State.SUBMITTED, State.RECEIVED, State.IN_PROGRESS, State.SUPPLEMENT)
            else chance.randint(4, DAYS)
        )
        filed = self._moment(self.today - timedelta(days=age))
        dossier = Dossier(
            procedure_version=version,
            procedure_name=version.spec.name,
            rule_set=self._rules_on(timezone.localdate(filed)),
            subject=party,
            subject_name=party.name,
            filer=party,
            received_at_org=place.counter,
            competent=place.competent,
            handling=place.handling,
            handling_path=place.handling.path,
            channel=self._pick(CHANNELS),
            delivery=chance.choice(("counter", "online", "post")),
            data=chance.choice(self.examples.get(version.procedure.code, [{}])),
            state=state,
            submitted_at=filed,
        )
        trail = [("file", filed, party.name, State.SUBMITTED.value)]
        history = self._advance(dossier, trail)
        process = Instance(model=self.models[version.spec.process.model], params=_params(version), history=history)
        process._take(process.standing())
        return dossier, process, trail

    def _advance(self, dossier: Dossier, trail: list[tuple[str, datetime, str, str]]) -> list[dict[str, str]]:
        """Fill in the times of what has happened so far; returns the process history that goes with it."""
        chance, state = self.chance, dossier.state
        if state == State.SUBMITTED:
            return []
        received = min(dossier.submitted_at + timedelta(hours=chance.uniform(0.2, 6)), timezone.now())
        clerk = self._official("clerk", dossier.received_at_org_id)
        if state == State.REFUSED:
            trail.append(("refuse", received, clerk, state))
            dossier.closed_at = received
            return [{"task": "receive", "outcome": "refuse"}]
        dossier.received_at = received
        rule = dossier.procedure_version.spec.deadlines_for(dossier.channel)[0]
        due = deadlines.compute(received, rule.amount, rule.unit, dossier.competent).due
        dossier.due_at = dossier.original_due_at = due
        trail.append(("receive", received, clerk, State.RECEIVED.value))
        history = [{"task": "receive", "outcome": "accept"}]
        officers = self.officials.get(("officer", dossier.handling_id)) or []
        if officers and state != State.RECEIVED:
            dossier.assignee = chance.choice(officers)
        if state == State.SUPPLEMENT:
            trail.append(
                ("request_supplement", received + timedelta(hours=3), str(dossier.assignee or "Chuyên viên"), state)
            )
            return [*history, {"task": "review", "outcome": "supplement"}]
        if state == State.WITHDRAWN:
            dossier.closed_at = received + timedelta(hours=5)
            trail.append(("withdraw", dossier.closed_at, dossier.subject_name, state))
            return history
        if state in (State.RECEIVED, State.IN_PROGRESS):
            return history
        late = chance.random() < LATE
        span = due - received
        finished = (
            due + timedelta(hours=chance.uniform(3, 120)) if late else received + span * chance.uniform(0.2, 0.98)
        )
        finished = min(finished, timezone.now())
        dossier.finished_at, dossier.is_late = finished, finished > due
        trail.append(
            (
                "review",
                received + (finished - received) * 0.6,
                str(dossier.assignee or "Chuyên viên"),
                State.IN_PROGRESS.value,
            )
        )
        trail.append(("sign", finished, self._official("leader", dossier.competent_id), State.IN_PROGRESS.value))
        trail.append(("complete", finished, "Ký và phát hành kết quả", State.COMPLETED.value))
        history += _to_signature(dossier.procedure_version)
        dossier.delivery_state = "ready"
        if state == State.RETURNED:
            dossier.returned_at = dossier.closed_at = min(
                finished + timedelta(hours=chance.uniform(1, 40)), timezone.now()
            )
            dossier.delivery_state = "delivered"
            trail.append(("return_result", dossier.returned_at, clerk, state))
            history.append({"task": "return_result", "outcome": "returned"})
        return history

    def _official(self, role: str, organization_id: int) -> str:
        found = self.officials.get((role, organization_id))
        return str(self.chance.choice(found)) if found else "Cán bộ"

    def _moment(self, day: date) -> datetime:
        at = time(self.chance.randint(7, 16), self.chance.randint(0, 59), self.chance.randint(0, 59))
        return min(
            timezone.make_aware(datetime.combine(day, at)),
            timezone.now() - timedelta(minutes=self.chance.randint(5, 90)),
        )

    def _rules_on(self, day: date) -> RuleSet:
        return next(
            row
            for row in self.rules.values()
            if (not row.valid.lower or row.valid.lower <= day) and (not row.valid.upper or day < row.valid.upper)
        )

    def _place(self, version: ProcedureVersion, commune: str) -> _Place:
        key = (version.pk, commune if version.spec.agency.level == "commune" else "")
        if key not in self.places:
            spec = version.spec
            competent = competent_for(spec, on=self.today, commune_code=commune)
            division = spec.agency.key if spec.agency.level == "commune" else ""
            self.places[key] = _Place(
                competent, counter_of(competent, on=self.today), division_of(competent, division, on=self.today)
            )
        return self.places[key]

    def write_numbers(self) -> None:
        """Bring the number series up to what was used."""
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO numbering_series (key, last) VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET last = excluded.last",
                [(f"dossier:{code}:{day}", last) for (code, day), last in self.numbers.items()],
            )


def _params(version: ProcedureVersion) -> dict[str, Any]:
    return {"head_review": True, "opinions": [], **version.spec.process.params}


def _to_signature(version: ProcedureVersion) -> list[dict[str, str]]:
    """The process history from review to the signature, for each model."""
    params = _params(version)
    middle = {
        "field_inspection": [("inspect", "done")],
        "parallel_opinions": [("opinion", "given")] * len(params["opinions"]) + [("conclude", "done")],
        "inter_level": [("forward", "sent"), ("upper_review", "done")],
    }.get(version.spec.process.model, [])
    head = [("approve", "forward")] if params["head_review"] and version.spec.process.model != "same_day" else []
    return [{"task": t, "outcome": o} for t, o in [("review", "propose"), *middle, *head, ("sign", "sign")]]


def _examples() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for folder in packs.shipped_folders():
        for path in sorted((folder / "examples").glob("*.yaml")):
            rows = (yaml.safe_load(path.read_text("utf-8")) or {}).get("dossiers", [])
            found[path.stem] = [_plain(row) for row in rows]
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value.isoformat() if isinstance(value, date) else value


@transaction.atomic
def _fresh() -> None:
    """A few dossiers of the demo's citizen through the real actions, waiting at the demo commune's counter."""
    citizen = Party.objects.get(account__username="nguyenthilanh")
    today = timezone.localdate()
    examples = _examples()
    wanted = [v for v in _fileable(today) if v.spec.agency.level == "commune" and examples.get(v.procedure.code)]
    for version in wanted[:4]:
        competent = competent_for(version.spec, on=today, commune_code=HOME)
        filing = actions.Filing(
            version=version,
            subject=citizen,
            filer=citizen,
            competent=competent,
            channel="national_portal",
            national_code=f"000.00.00.G22-{today:%y%m%d}-{version.pk:06d}",
            data=examples[version.procedure.code][0],
            delivery="online",
        )
        actions.take_from_national_portal(system("Cổng Dịch vụ công quốc gia (mô phỏng)"), filing=filing)


def _fileable(day: date) -> list[ProcedureVersion]:
    return list(
        ProcedureVersion.objects.filter(
            procedure__complete=True, procedure__state="published", state="published", valid__contains=day
        )
        .select_related("procedure")
        .order_by("procedure__code")
    )
