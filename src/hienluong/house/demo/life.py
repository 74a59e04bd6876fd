"""The story of one dossier of the demo, from filing to its end or to today; its rows are written in bulk later."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.utils import timezone

from hienluong.capabilities.workflow import engine
from hienluong.capabilities.workflow.models import Instance, ProcessModel
from hienluong.foundation.calendars import deadlines
from hienluong.foundation.organisations.models import Official
from hienluong.foundation.people.models import Party
from hienluong.services.dossiers import clock
from hienluong.services.dossiers.models import (
    CheckedPaper,
    DeadlineChange,
    DeliveryState,
    Dossier,
    DossierPaper,
    Opinion,
    Pause,
    Result,
    State,
    Supplement,
    SyncState,
)
from hienluong.services.procedures.models import ProcedureVersion, RuleSet
from hienluong.services.surveys.models import QUESTIONS, Rating

from . import formdata, money, proportions, rows, worktime
from .places import Map, Place, label_of
from .rows import Fate, Life


class Writer:
    """Tells the lives; `now` is today's end of the story: what would come later has not happened."""

    def __init__(self, chance: random.Random, now: datetime, places: Map, models: dict[str, ProcessModel]) -> None:
        self.chance, self.now, self.places, self.models = chance, now, places, models
        self._standings: dict[str, engine.Standing] = {}
        self._scores = list(range(1, 6))

    def tell(
        self,
        *,
        version: ProcedureVersion,
        rules: RuleSet,
        place: Place,
        subject: Party,
        filer: Party,
        channel: str,
        filed: datetime,
        fate: Fate,
    ) -> Life:
        """The life of one dossier."""
        spec = version.spec
        online = channel in ("online", "national_portal")
        post = 0.3 if channel == "post" else 0.1
        dossier = Dossier(
            procedure_version=version,
            procedure_name=spec.name,
            rule_set=rules,
            subject=subject,
            subject_name=subject.name,
            filer=filer,
            received_at_org=place.counter,
            competent=place.competent,
            handling=place.handling,
            handling_path=place.handling.path,
            channel=channel,
            delivery="online" if online and self.chance.random() < 0.75 else self._pick("post", "counter", post),
            data=formdata.data_for(spec, subject, timezone.localdate(filed), self.chance),
            state=State.SUBMITTED,
            sync_state=SyncState.SYNCED,
            submitted_at=filed,
        )
        params = {"head_review": True, "opinions": [], **spec.process.params}
        life = Life(dossier, Instance(model=self.models[spec.process.model], params=params, history=[]))
        self._papers(life)
        rows.step(life, "file", filed, label=filer.name)
        money.charge(life, "on_filing", self.chance)
        self._go_on(life, fate)
        self._stand(life)
        return life

    def _pick(self, first: str, other: str, share: float) -> str:
        return first if self.chance.random() < share else other

    def _papers(self, life: Life) -> None:
        for paper in life.dossier.procedure_version.spec.papers:
            if paper.required:
                life.papers.append(
                    DossierPaper(
                        dossier=life.dossier,
                        code=paper.code,
                        name=paper.name,
                        originals=paper.originals,
                        copies=paper.copies,
                        added_at=life.dossier.submitted_at,
                    )
                )

    def _go_on(self, life: Life, fate: Fate) -> None:
        dossier, chance = life.dossier, self.chance
        counter = dossier.received_at_org
        quick = dossier.channel == "counter"
        hours = 0 if quick else chance.choice((0, 0, 1, 1, 2, 3, 5))
        received = max(worktime.working(dossier.submitted_at, hours, counter, chance), dossier.submitted_at)
        if received > self.now:
            return
        money.pay_all(life, received, self.chance)
        clerk = self.places.official("clerk", counter, chance)
        label = label_of("clerk", clerk)
        if fate.end == "refused":
            self._refuse(life, received, clerk, label)
            return
        dossier.received_at, dossier.receiver, dossier.state = received, clerk, State.RECEIVED
        deadline, rule = clock.due_from(dossier, received)
        rows.move(life, DeadlineChange.Kind.SET, deadline.due, received, clock.lines_of(deadline), rule.legal_basis)
        rows.done(life, "receive", "accept")
        rows.step(life, "receive", received, label=label, who=clerk, outcome="accept")
        rows.issue(life, "receipt", received, clerk, label)
        for paper in life.papers:
            paper.checked = True
            life.checked.append(
                CheckedPaper(
                    dossier=dossier,
                    code=paper.code,
                    name=paper.name,
                    verdict=CheckedPaper.Verdict.PRESENT,
                    originals=paper.originals,
                    copies=paper.copies,
                    checked_by=clerk,
                    checked_at=received,
                )
            )
        if fate.end == "withdrawn":
            self._withdraw(life, worktime.working(received, chance.randint(1, 6), counter, chance))
            return
        begun = worktime.working(received, 0 if deadline.due - received < timedelta(days=2) else 2, counter, chance)
        if begun > self.now:
            return
        officer = self._officer(life)
        if officer and not self._at_counter(dossier):
            dossier.assignee, dossier.state = officer, State.IN_PROGRESS
            rows.step(life, "assign", begun, label=label_of("head", self._head(life)), who=self._head(life))
        if fate.supplement and not self._supplement(life, begun, officer, rule.unit):
            return
        self._finish(life, fate)

    def _at_counter(self, dossier: Dossier) -> bool:
        return dossier.procedure_version.spec.process.model == "same_day"

    def _officer(self, life: Life) -> Official | None:
        dossier = life.dossier
        if self._at_counter(dossier):
            return dossier.receiver
        return dossier.assignee or self.places.official("officer", dossier.handling, self.chance)

    def _head(self, life: Life) -> Official | None:
        return self.places.official("head", life.dossier.handling, self.chance)

    def _refuse(self, life: Life, at: datetime, clerk: Official | None, label: str) -> None:
        reason = self.chance.choice(proportions.REFUSALS)
        life.dossier.state, life.dossier.closed_at = State.REFUSED, at
        rows.done(life, "receive", "refuse")
        rows.step(life, "refuse", at, label=label, who=clerk, outcome="refuse", public_note=reason)
        rows.issue(life, "refusal", at, clerk, label, reason=reason)
        money.give_back(life, at, "Hồ sơ không được tiếp nhận")

    def _withdraw(self, life: Life, at: datetime) -> None:
        if at > self.now:
            return
        life.dossier.state, life.dossier.closed_at = State.WITHDRAWN, at
        rows.step(life, "withdraw", at, label=life.dossier.filer.name, public_note="Tôi không còn nhu cầu.")
        money.give_back(life, at, "Người dân rút hồ sơ")

    def _supplement(self, life: Life, at: datetime, who: Official | None, unit: str) -> bool:
        """Ask for a supplement; False when it is still being waited for."""
        dossier, reason = life.dossier, self.chance.choice(proportions.SUPPLEMENTS)
        label = label_of("officer", who)
        items = [{"code": life.papers[0].code, "name": life.papers[0].name, "what": reason}] if life.papers else []
        asked = Supplement(
            dossier=dossier, stage="review", items=items, reason=reason, requested_by=who, requested_at=at
        )
        waits = Pause(dossier=dossier, reason="supplement", started_at=at)
        life.supplements.append(asked)
        life.pauses.append(waits)
        dossier.state = State.SUPPLEMENT
        rows.done(life, "review", "supplement")
        rows.step(life, "request_supplement", at, label=label, who=who, outcome="supplement", public_note=reason)
        rows.issue(life, "supplement", at, who, label, reason=reason, items=items)
        answered = at + timedelta(days=self.chance.choice((1, 1, 2, 2, 3, 4, 6, 9)), hours=self.chance.uniform(0, 5))
        if answered > self.now:
            return False
        asked.answered_at, asked.answer_note = answered, "Tôi đã bổ sung theo hướng dẫn."
        waits.ended_at = answered
        dossier.state = State.IN_PROGRESS
        assert dossier.due_at is not None
        longer = deadlines.extend(dossier.due_at, at, answered, dossier.competent, unit)  # type: ignore[arg-type]
        rows.move(life, DeadlineChange.Kind.SUPPLEMENT, longer.due, answered, clock.lines_of(longer), "")
        rows.done(life, "await_review", "answered")
        rows.step(life, "answer_supplement", answered, label=dossier.filer.name, outcome="answered")
        return True

    def _finish(self, life: Life, fate: Fate) -> None:
        dossier, chance, place = life.dossier, self.chance, life.dossier.competent
        begun = life.handovers[-1].at
        due = dossier.due_at
        assert due is not None
        if fate.end == "stuck":
            end = self.now + timedelta(days=1)
        elif fate.late:
            late = min(chance.expovariate(1 / 30), 300) + 2
            end = worktime.working(max(due, begun), int(late), place, chance)
        else:
            latest = max(due - timedelta(minutes=chance.randint(5, 40)), begun)
            end = worktime.between(begun, latest, chance.betavariate(2.2, 1.8), place, chance)
        self._apologise(life, fate, due, end)
        reviewed = worktime.between(begun, min(end, due), 0.6, place, chance)
        if reviewed > self.now or (fate.end == "stuck" and chance.random() < 0.5):
            return
        self._review(life, reviewed, fate)
        if end > self.now:
            return
        self._sign(life, reviewed, end, due, fate)
        self._hand_over(life, end)

    def _apologise(self, life: Life, fate: Fate, due: datetime, end: datetime) -> None:
        dossier = life.dossier
        if not fate.apologised or due > self.now:
            return
        at = due - timedelta(hours=2)
        if fate.end == "stuck":  # the new day has passed too, but not long ago
            new = worktime.working(due, 16, dossier.competent, self.chance)
            if new > self.now - timedelta(days=1):
                return
        else:
            new = worktime.working(end, 8, dossier.competent, self.chance)
        at = max(at, life.handovers[-1].at)
        reason = self.chance.choice(proportions.APOLOGIES)
        who = self._officer(life)
        label = label_of("officer", who)
        rows.move(life, DeadlineChange.Kind.APOLOGY, new, at, [], dossier.rule_set.spec.overdue_apology_legal_basis)
        rows.step(life, "apologise", at, label=label, who=who, public_note=reason)
        rows.issue(life, "apology", at, who, label, reason=reason, old_due=due.isoformat(), new_due=new.isoformat())

    def _review(self, life: Life, at: datetime, fate: Fate) -> None:
        dossier = life.dossier
        officer = self._officer(life)
        kind = dossier.procedure_version.spec.results[0]
        dossier.state = State.IN_PROGRESS
        life.result = Result(
            dossier=dossier,
            kind=kind.code,
            name="Văn bản từ chối giải quyết" if fate.denied else kind.name,
            grants=not fate.denied,
            conclusion="Không đủ điều kiện theo quy định." if fate.denied else "Hồ sơ đủ điều kiện giải quyết.",
            fields={} if fate.denied else formdata.officer_fields(dossier.procedure_version.spec, self.chance),
            state=Result.State.DRAFT,
            drafted_by=officer,
        )
        outcome = "deny" if fate.denied else "propose"
        rows.done(life, "review", outcome)
        rows.step(life, "review", at, label=label_of("officer", officer), who=officer, outcome=outcome)
        if dossier.procedure_version.spec.process.model == "parallel_opinions":
            self._ask(life, at)

    def _ask(self, life: Life, at: datetime) -> None:
        for place, asked in enumerate(life.process.params["opinions"]):
            agency = self.places.asked(str(asked["key"]), timezone.localdate(at))
            due = deadlines.compute(at, int(asked["working_days"]), "working_day", agency).due
            tacit = bool(asked.get("tacit", False))
            life.opinions.append(
                Opinion(
                    dossier=life.dossier,
                    organization=agency,
                    place=place,
                    asked_at=at,
                    due_at=due,
                    tacit_allowed=tacit,
                )
            )

    def _between_review_and_signature(self, life: Life, at: datetime) -> None:
        """Whatever the model of the process asks for before the signature, in its own order."""
        given = iter(life.opinions)
        while (task := self._standing(life.process).ready[0].task) != "sign":
            outcome, verb, role = _MIDDLE[task]
            who = self._head(life) if role == "head" else self._officer(life)
            label = label_of(role, who)
            if task == "opinion":
                opinion = next(given)
                opinion.given_at, opinion.agrees, opinion.text = min(at, opinion.due_at), True, "Thống nhất."
                who, label = None, opinion.organization.name
            rows.done(life, task, outcome)
            rows.step(life, verb, at, label=label, who=who, outcome=outcome)

    def _sign(self, life: Life, reviewed: datetime, at: datetime, due: datetime, fate: Fate) -> None:
        dossier, result = life.dossier, life.result
        assert result is not None
        self._between_review_and_signature(life, reviewed + (at - reviewed) / 2)
        leader = self.places.official("leader", dossier.competent, self.chance)
        kind = dossier.procedure_version.spec.results[0]
        result.state, result.signed_by, result.signed_at = Result.State.SIGNED, leader, at
        result.signer_title = "Lãnh đạo"
        if result.grants:
            result.valid_until = kind.last_day(timezone.localdate(at))
        rows.done(life, "sign", "sign")
        rows.step(life, "sign", at, label=label_of("leader", leader), who=leader, outcome="sign")
        dossier.state, dossier.delivery_state = State.COMPLETED, DeliveryState.READY
        dossier.finished_at, dossier.is_late = at, at > due
        rows.step(life, "complete", at, label="Ký và phát hành kết quả")
        money.charge(life, "on_result", self.chance)

    def _hand_over(self, life: Life, signed: datetime) -> None:
        dossier, chance = life.dossier, self.chance
        hours = 0 if dossier.delivery == "online" else chance.choice((1, 2, 3, 4, 8, 16, 30))
        at = signed + timedelta(minutes=1)
        if hours:
            at = worktime.working(signed, hours, dossier.received_at_org, chance)
        if at > self.now:
            return
        money.pay_all(life, at, self.chance)
        clerk = self.places.official("clerk", dossier.received_at_org, chance)
        label = label_of("clerk", clerk) if hours else "Ký và phát hành kết quả"
        dossier.state, dossier.returned_at, dossier.closed_at = State.RETURNED, at, at
        dossier.delivery_state = DeliveryState.DELIVERED
        rows.done(life, "return_result", "returned")
        rows.step(life, "return_result", at, label=label, who=clerk if hours else None, outcome=dossier.delivery)
        if chance.random() < proportions.RATED:
            self._rate(life, at + timedelta(hours=chance.uniform(0.2, 60)))

    def _rate(self, life: Life, at: datetime) -> None:
        if at > self.now:
            return
        late = life.dossier.is_late
        shares = proportions.SCORES_LATE if late else proportions.SCORES
        base = self.chance.choices(self._scores, shares)[0]
        scores = {key: min(5, max(1, base + self.chance.choice((-1, 0, 0, 0, 0, 0, 1)))) for key, _label in QUESTIONS}
        words = proportions.BAD_WORDS if base <= 2 else proportions.GOOD_WORDS if base >= 4 else ()
        comment = self.chance.choice(words) if words and self.chance.random() < proportions.COMMENTED else ""
        life.rating = Rating(dossier=life.dossier, comment=comment, at=at, **scores)

    def _stand(self, life: Life) -> None:
        """Put the process and the dossier where the history has brought them."""
        process, dossier = life.process, life.dossier
        standing = self._standing(process)
        process._take(standing)
        dossier.process = process
        closed = dossier.state in (State.REFUSED, State.WITHDRAWN, State.RETURNED)
        first = None if closed or not standing.ready else standing.ready[0]
        if first is None:
            return
        dossier.waiting_task, dossier.waiting_lane = first.task, first.lane
        dossier.waiting_path = {
            "applicant": "",
            "clerk": dossier.received_at_org.path,
            "leader": dossier.competent.path,
            "upper": str(process.params.get("upper_path", "") or dossier.competent.path),
        }.get(first.lane, dossier.handling_path)

    def _standing(self, process: Instance) -> engine.Standing:
        """Where the process stands; replayed once for each kind of history."""
        key = f"{process.model_id}{process.params}{process.history}"
        if key not in self._standings:
            self._standings[key] = process.standing()
        return self._standings[key]


#: Between review and signature: how each task ends, under which verb it is written down, and who does it.
_MIDDLE = {
    "inspect": ("done", "inspect", "officer"),
    "opinion": ("given", "give_opinion", "officer"),
    "conclude": ("done", "conclude_opinions", "officer"),
    "forward": ("sent", "forward", "officer"),
    "upper_review": ("done", "upper_review", "officer"),
    "approve": ("forward", "submit_for_signature", "head"),
}
