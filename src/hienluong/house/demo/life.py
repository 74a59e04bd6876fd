"""One dossier of the demo from filing to its end (or to today), as rows that are written in bulk later."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from hienluong.capabilities.payments.models import Charge, Notice, Payment, Receipt, Refund
from hienluong.capabilities.workflow import engine
from hienluong.capabilities.workflow.models import Instance, ProcessModel
from hienluong.foundation.calendars import deadlines
from hienluong.foundation.organisations.models import Official
from hienluong.foundation.people.models import Party
from hienluong.services.dossiers import charging, clock
from hienluong.services.dossiers.models import (
    CheckedPaper,
    DeadlineChange,
    DeliveryState,
    Dossier,
    DossierPaper,
    Handover,
    IssuedPaper,
    Opinion,
    Pause,
    PaymentState,
    Result,
    State,
    Supplement,
    SyncState,
)
from hienluong.services.procedures.models import ProcedureVersion, RuleSet
from hienluong.services.surveys.models import QUESTIONS, Rating

from . import formdata, proportions, worktime
from .places import Map, Place, label_of


@dataclass(frozen=True)
class Fate:
    """What the demo wants of one dossier; `late_days` working days late today for one that hangs."""

    end: str = "served"  # served, refused, withdrawn, stuck
    late_days: int = 0
    supplement: bool = False
    late: bool = False
    denied: bool = False
    apologised: bool = False


@dataclass
class Money:
    """A charge with what came in for it."""

    charge: Charge
    payment: Payment | None = None
    receipt: Receipt | None = None
    notice: Notice | None = None
    refund: Refund | None = None


@dataclass
class Life:
    """The rows of one dossier."""

    dossier: Dossier
    process: Instance
    handovers: list[Handover] = field(default_factory=list)
    changes: list[DeadlineChange] = field(default_factory=list)
    papers: list[DossierPaper] = field(default_factory=list)
    checked: list[CheckedPaper] = field(default_factory=list)
    issued: list[IssuedPaper] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    supplements: list[Supplement] = field(default_factory=list)
    opinions: list[Opinion] = field(default_factory=list)
    money: list[Money] = field(default_factory=list)
    result: Result | None = None
    rating: Rating | None = None


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
        self._step(life, "file", filed, label=filer.name)
        self._charges(life, "on_filing")
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

    def _step(
        self,
        life: Life,
        verb: str,
        at: datetime,
        *,
        label: str,
        who: Official | None = None,
        outcome: str = "",
        public_note: str = "",
    ) -> None:
        life.handovers.append(
            Handover(
                dossier=life.dossier,
                verb=verb,
                from_official=who,
                from_label=label,
                organization=life.dossier.competent if verb != "file" else None,
                at=at,
                outcome=outcome,
                public_note=public_note,
                state_after=life.dossier.state,
            )
        )

    def _done(self, life: Life, task: str, outcome: str) -> None:
        life.process.history.append({"task": task, "outcome": outcome})

    def _issue(self, life: Life, kind: str, at: datetime, who: Official | None, label: str, **context: Any) -> None:
        form = life.dossier.rule_set.spec.paper(kind)
        life.issued.append(
            IssuedPaper(
                dossier=life.dossier,
                kind=kind,
                context={
                    **context,
                    "form_number": form.form_number if form else "",
                    "title": form.title if form else "",
                },
                issued_by=who,
                issued_by_label=label,
                issued_at=at,
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
        self._pay_all(life, received)
        clerk = self.places.official("clerk", counter, chance)
        label = label_of("clerk", clerk)
        if fate.end == "refused":
            self._refuse(life, received, clerk, label)
            return
        dossier.received_at, dossier.receiver, dossier.state = received, clerk, State.RECEIVED
        deadline, rule = clock.due_from(dossier, received)
        self._move(life, DeadlineChange.Kind.SET, deadline.due, received, clock.lines_of(deadline), rule.legal_basis)
        self._done(life, "receive", "accept")
        self._step(life, "receive", received, label=label, who=clerk, outcome="accept")
        self._issue(life, "receipt", received, clerk, label)
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
            self._step(life, "assign", begun, label=label_of("head", self._head(life)), who=self._head(life))
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
        self._done(life, "receive", "refuse")
        self._step(life, "refuse", at, label=label, who=clerk, outcome="refuse", public_note=reason)
        self._issue(life, "refusal", at, clerk, label, reason=reason)
        self._give_back(life, at, "Hồ sơ không được tiếp nhận")

    def _withdraw(self, life: Life, at: datetime) -> None:
        if at > self.now:
            return
        life.dossier.state, life.dossier.closed_at = State.WITHDRAWN, at
        self._step(life, "withdraw", at, label=life.dossier.filer.name, public_note="Tôi không còn nhu cầu.")
        self._give_back(life, at, "Người dân rút hồ sơ")

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
        self._done(life, "review", "supplement")
        self._step(life, "request_supplement", at, label=label, who=who, outcome="supplement", public_note=reason)
        self._issue(life, "supplement", at, who, label, reason=reason, items=items)
        answered = at + timedelta(days=self.chance.choice((1, 1, 2, 2, 3, 4, 6, 9)), hours=self.chance.uniform(0, 5))
        if answered > self.now:
            return False
        asked.answered_at, asked.answer_note = answered, "Tôi đã bổ sung theo hướng dẫn."
        waits.ended_at = answered
        dossier.state = State.IN_PROGRESS
        assert dossier.due_at is not None
        longer = deadlines.extend(dossier.due_at, at, answered, dossier.competent, unit)  # type: ignore[arg-type]
        self._move(life, DeadlineChange.Kind.SUPPLEMENT, longer.due, answered, clock.lines_of(longer), "")
        self._done(life, "await_review", "answered")
        self._step(life, "answer_supplement", answered, label=dossier.filer.name, outcome="answered")
        return True

    def _move(
        self, life: Life, kind: DeadlineChange.Kind, due: datetime, at: datetime, lines: list[Any], basis: str
    ) -> None:
        dossier = life.dossier
        life.changes.append(
            DeadlineChange(
                dossier=dossier,
                kind=kind,
                due_before=dossier.due_at,
                due_after=due,
                lines=lines,
                legal_basis=basis,
                at=at,
            )
        )
        dossier.original_due_at = dossier.original_due_at or due
        dossier.due_at = due

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
        self._move(life, DeadlineChange.Kind.APOLOGY, new, at, [], dossier.rule_set.spec.overdue_apology_legal_basis)
        self._step(life, "apologise", at, label=label, who=who, public_note=reason)
        self._issue(life, "apology", at, who, label, reason=reason, old_due=due.isoformat(), new_due=new.isoformat())

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
        self._done(life, "review", outcome)
        self._step(life, "review", at, label=label_of("officer", officer), who=officer, outcome=outcome)
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
            self._done(life, task, outcome)
            self._step(life, verb, at, label=label, who=who, outcome=outcome)

    def _sign(self, life: Life, reviewed: datetime, at: datetime, due: datetime, fate: Fate) -> None:
        dossier, result = life.dossier, life.result
        assert result is not None
        self._between_review_and_signature(life, reviewed + (at - reviewed) / 2)
        leader = self.places.official("leader", dossier.competent, self.chance)
        kind = dossier.procedure_version.spec.results[0]
        result.state, result.signed_by, result.signed_at = Result.State.SIGNED, leader, at
        result.signer_title = "Lãnh đạo"
        if kind.valid_months and result.grants:
            result.valid_until = (at + timedelta(days=round(kind.valid_months * 30.4375))).date()
        self._done(life, "sign", "sign")
        self._step(life, "sign", at, label=label_of("leader", leader), who=leader, outcome="sign")
        dossier.state, dossier.delivery_state = State.COMPLETED, DeliveryState.READY
        dossier.finished_at, dossier.is_late = at, at > due
        self._step(life, "complete", at, label="Ký và phát hành kết quả")
        self._charges(life, "on_result")

    def _hand_over(self, life: Life, signed: datetime) -> None:
        dossier, chance = life.dossier, self.chance
        hours = 0 if dossier.delivery == "online" else chance.choice((1, 2, 3, 4, 8, 16, 30))
        at = signed + timedelta(minutes=1)
        if hours:
            at = worktime.working(signed, hours, dossier.received_at_org, chance)
        if at > self.now:
            return
        self._pay_all(life, at)
        clerk = self.places.official("clerk", dossier.received_at_org, chance)
        label = label_of("clerk", clerk) if hours else "Ký và phát hành kết quả"
        dossier.state, dossier.returned_at, dossier.closed_at = State.RETURNED, at, at
        dossier.delivery_state = DeliveryState.DELIVERED
        self._done(life, "return_result", "returned")
        self._step(life, "return_result", at, label=label, who=clerk if hours else None, outcome=dossier.delivery)
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

    def _charges(self, life: Life, due: str) -> None:
        dossier = life.dossier
        lines = charging.lines_for(dossier.procedure_version.spec.charges, due, dossier.data, dossier.channel)
        total = sum(line["amount"] for line in lines)
        if not total:
            return
        charge = Charge(
            reference="HL" + "".join(self.chance.choices("23456789ABCDEFGHJKMNPQRSTVWXYZ", k=10)),
            payer_id=dossier.filer_id,
            organization=dossier.received_at_org,
            kind="fee" if any(line["kind"] == "fee" for line in lines) else "levy",
            lines=lines,
            amount=total,
            created_at=life.handovers[-1].at,
        )
        dossier.payment_state = PaymentState.DUE
        life.money.append(Money(charge))

    def _pay_all(self, life: Life, by: datetime) -> None:
        for money in life.money:
            if money.payment is None:
                self._pay(life, money, by)

    def _pay(self, life: Life, money: Money, by: datetime) -> None:
        charge = money.charge
        online = life.dossier.channel in ("online", "national_portal")
        provider = "bank" if online else "cash"
        start = charge.created_at
        paid = min(start + timedelta(minutes=self.chance.uniform(1, 40)), by) if online else by
        ref = f"FT{paid:%y%j}{self.chance.randint(10**7, 10**8 - 1)}" if online else f"TM-{charge.reference}"
        charge.state, charge.paid_at = Charge.State.PAID, paid
        money.payment = Payment(charge=charge, provider=provider, provider_ref=ref, amount=charge.amount, paid_at=paid)
        money.receipt = Receipt(
            payment=money.payment,
            agency=charge.organization.name,
            payer=life.dossier.filer.name,
            issued_at=paid,
        )
        if online:
            money.notice = notice_of(money.payment, charge.reference, Notice.Verdict.APPLIED)
        life.dossier.payment_state = PaymentState.PAID

    def _give_back(self, life: Life, at: datetime, reason: str) -> None:
        """Refused or withdrawn before work began: what was paid goes back (whole)."""
        for money in life.money:
            if money.payment is None:
                money.charge.state = Charge.State.CANCELLED
                continue
            money.charge.state = Charge.State.REFUNDED
            money.payment.refunded_at = at
            money.refund = Refund(
                payment=money.payment,
                amount=money.payment.amount,
                reason=reason,
                decided_by="Kế toán phí, lệ phí",
                at=at,
                state=Refund.State.PAID,
                provider_ref=f"HT-{money.charge.reference}",
                settled_at=at,
            )
            life.dossier.payment_state = PaymentState.REFUNDED
        if life.money and life.dossier.payment_state == PaymentState.DUE:
            life.dossier.payment_state = PaymentState.NONE

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


def notice_of(payment: Payment, reference: str, verdict: str, why: str = "") -> Notice:
    """The message with which the bank told of a payment."""
    return Notice(
        provider=payment.provider,
        raw=f'{{"transaction": "{payment.provider_ref}", "content": "{reference}", "amount": {payment.amount}}}',
        provider_ref=payment.provider_ref,
        reference=reference,
        amount=payment.amount,
        verdict=verdict,
        why=why,
        at=payment.paid_at,
    )


def day_of(life: Life) -> date:
    """The day of filing in Việt Nam."""
    return timezone.localdate(life.dossier.submitted_at)
