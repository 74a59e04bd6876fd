"""The life of a run in the database: what is to be done next, and what came of what was done.

Before a call goes out its row is STARTED, and that committed; its number within the run (path and attempt) is unique, so that
of two workers one makes it. A row that is STARTED, and is not in the air here, was in the air when another process ended: may
it be repeated, it is made again; may it not, it waits for a person, and so does the run.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, NotAllowed, action, system

from . import calling, language, replaying
from .calling import Asked, Outcome
from .language import Call, Flow
from .models import Run, Step
from .replaying import Done, Fault, Gone, Known, Pending

WHO = system("Dịch vụ phối hợp")
State = Run.State
GOING_ON = (State.RUNNING, State.COMPENSATING)
_CUT = "tiến trình dừng khi đang gọi"


@dataclass(frozen=True)
class Work:
    """A call that is to be made now, and whose row says so already."""

    step: int
    path: str
    call: Call
    asked: Asked
    timeout: float


@dataclass
class Next:
    """What there is to do for a run: calls to be made now; nothing more before `at`, when it goes on at all."""

    run: Run
    works: list[Work] = field(default_factory=list)
    goes_on: bool = True
    at: datetime | None = None


@transaction.atomic
def advance(run_pk: int, in_air: Collection[int] = ()) -> Next:
    """Bring a run as far as it goes and begin the calls that are due. `in_air`: the steps whose calls are under way here."""
    run = Run.objects.select_for_update(of=("self",)).select_related("version__flow__system__client").get(pk=run_pk)
    if run.state not in GOING_ON:
        return Next(run, goes_on=False)
    flow, now = language.read(run.version.source), timezone.now()
    rows = list(Step.objects.select_for_update().filter(run=run))
    for row in rows:
        if row.state == Step.State.STARTED and row.pk not in in_air:
            _lost(row, now)
    latest = {row.path: row for row in rows}  # the last attempt of each
    known, due = _known(latest, now)
    position = _position(flow, run, known, rows)
    for path, value in position.kept.items():
        Step.objects.create(
            run=run,
            path=path,
            state=Step.State.DONE,
            answer={"value": value},
            answer_digest=calling.digest(value),
            ended_at=now,
        )
    following = Next(run, at=due)
    if position.fault is not None and run.state == State.RUNNING and not position.pending:
        run.state = State.COMPENSATING
        run.fault, run.fault_path = position.fault.words[:400], position.fault.path
    calls = {call.path: call for call in flow.calls()}
    for request in position.ready:
        _begin(following, run, request, latest.get(request.call.path))
    for path, words in position.broken.items():
        _ask(run, calls[path], latest.get(path), words, now)
    waits = bool(position.broken) or any(row.state == Step.State.WAITING for row in latest.values())
    _settle(following, position, waits=waits, in_air=bool(in_air))
    return following


def _known(latest: dict[str, Step], now: datetime) -> tuple[dict[str, Known], datetime | None]:
    """What the last attempt of each step says, and when the first of those that pause is due again."""
    known: dict[str, Known] = {}
    due: datetime | None = None
    for path, row in latest.items():
        if row.state == Step.State.DONE:
            known[path] = Done((row.answer or {}).get("value"))
        elif row.state != Step.State.FAILED:
            known[path] = Pending()
        elif row.retry_at is None:
            known[path] = Gone(row.fault)
        elif row.retry_at > now:
            known[path] = Pending()
            due = min(due or row.retry_at, row.retry_at)
    return known, due


def _position(flow: Flow, run: Run, known: dict[str, Known], rows: list[Step]) -> replaying.Position:
    done = sorted((row for row in rows if row.state == Step.State.DONE), key=lambda row: (row.ended_at, row.pk))
    stopped = Fault(run.fault_path, run.fault) if run.fault else None
    today = timezone.localdate(run.created_at)
    return replaying.replay(flow, run.given, known, today, ended=[row.path for row in done], stopped=stopped)


def _lost(row: Step, now: datetime) -> None:
    """A call was in the air when its process ended."""
    row.ended_at, row.cut, row.fault = now, True, _CUT
    if row.repeatable:
        row.state, row.retry_at = Step.State.FAILED, now
    else:
        row.state = Step.State.WAITING
    row.save(update_fields=("state", "ended_at", "cut", "fault", "retry_at"))


def _begin(following: Next, run: Run, request: replaying.Request, before: Step | None) -> None:
    """The row of a call that goes out next; tried again it asks the same."""
    call = request.call
    operation = run.version.operations[call.place]
    attempt = before.attempt + 1 if before else 1
    repeatable = calling.is_repeatable(call, operation["method"])
    try:
        asked = Asked.of(before.request) if before and before.request else calling.asked(request, operation)
    except calling.Unspoken as error:
        words = str(error)
        Step.objects.create(
            run=run,
            path=call.path,
            attempt=attempt,
            state=Step.State.WAITING if _undoes(call.path) else Step.State.FAILED,
            operation=call.place,
            repeatable=repeatable,
            fault=words[:300],
            ended_at=timezone.now(),
        )
        following.at = timezone.now()  # look again at once
        return
    row = Step.objects.create(
        run=run,
        path=call.path,
        attempt=attempt,
        state=Step.State.STARTED,
        operation=call.place,
        repeatable=repeatable,
        request=asked.stored(),
        request_digest=asked.digest(),
    )
    following.works.append(Work(row.pk, call.path, call, asked, float(operation.get("timeout", 30))))


def _ask(run: Run, call: Call, before: Step | None, words: str, now: datetime) -> None:
    """What is to be undone cannot even be asked for: a person must see to it."""
    Step.objects.create(
        run=run,
        path=call.path,
        attempt=before.attempt + 1 if before else 1,
        state=Step.State.WAITING,
        operation=call.place,
        repeatable=False,
        fault=words[:300],
        ended_at=now,
    )


def _undoes(path: str) -> bool:
    return path.endswith("/undo")


def _settle(following: Next, position: replaying.Position, *, waits: bool, in_air: bool) -> None:
    """What the run is now; how it ended is written into the audit log."""
    run, undone = following.run, position.fault is not None and position.undone
    if position.answered:
        run.answer, run.answer_digest = {"value": position.answer}, calling.digest(position.answer)
        end(WHO, run=run, state=State.DONE)
    elif undone:
        tried = Step.objects.filter(run=run, path__endswith="/undo", state=Step.State.DONE).exists()
        end(WHO, run=run, state=State.COMPENSATED if tried and not position.left else State.FAILED)
    elif waits and not (following.works or in_air or following.at):
        end(WHO, run=run, state=State.WAITING)
    else:
        run.next_at = None if following.works or in_air else following.at
        run.save(update_fields=("state", "fault", "fault_path", "next_at"))
        return
    following.goes_on, following.works = False, []


@action("flows.run.end")
def end(act: Act, *, run: Run, state: str) -> Run:
    """Note that a run ended, or that it waits for a person. For the system alone."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ hệ thống tự làm việc này."))
    run.state, run.next_at = state, None
    if state != State.WAITING:
        run.ended_at = timezone.now()
    run.save()
    told = {"state": state, "answer_sha256": run.answer_digest, "fault": run.fault, "at": run.fault_path}
    act.record(run, after={name: value for name, value in told.items() if value}, organization_id=_owner(run))
    act.emit(f"flows.run.{state}", run, {"flow": run.version.flow.code, "uid": str(run.uid)})
    return run


def _owner(run: Run) -> int:
    return run.version.flow.owner_id


@transaction.atomic
def finish(work: Work, outcome: Outcome) -> None:
    """Write down what came of a call; a person may have decided about it meanwhile, then that stands."""
    run_pk = Step.objects.values_list("run", flat=True).get(pk=work.step)
    Run.objects.select_for_update().get(pk=run_pk)
    row = Step.objects.select_for_update().get(pk=work.step)
    if row.state not in (Step.State.STARTED, Step.State.WAITING) or row.decision:
        return
    if row.state == Step.State.WAITING and not outcome.done:
        return  # it was taken for lost, and this does not say more
    row.ended_at, row.status, row.fault, row.cut = timezone.now(), outcome.status, outcome.words[:300], False
    if outcome.done:
        row.state = Step.State.DONE
        row.answer, row.answer_digest = {"value": outcome.value}, calling.digest(outcome.value)
        Run.objects.filter(pk=run_pk, state=State.WAITING).update(state=_on(run_pk))
    elif not row.repeatable and outcome.sent:
        row.state = Step.State.WAITING
    else:
        row.state = Step.State.FAILED
        row.retry_at = _retry_at(row, work.call, outcome)
        if row.retry_at is None and _undoes(row.path):
            row.state = Step.State.WAITING
    row.save()


def _on(run_pk: int) -> str:
    """As what a run that waited goes on."""
    return State.COMPENSATING if Run.objects.filter(pk=run_pk).exclude(fault="").exists() else State.RUNNING


def _retry_at(row: Step, call: Call, outcome: Outcome) -> datetime | None:
    """When a call that failed is made again; None when it was tried often enough, or would fare no better."""
    if not outcome.again:
        return None
    attempts = list(Step.objects.filter(run=row.run_id, path=row.path, pk__lt=row.pk).order_by("pk"))
    since = max((index + 1 for index, each in enumerate(attempts) if each.decision), default=0)
    failed = sum(not each.cut for each in attempts[since:]) + 1
    if failed >= call.retry.attempts:
        return None
    return timezone.now() + timedelta(seconds=max(call.retry.pause, outcome.wait))


def due(limit: int, but: Collection[int]) -> list[int]:
    """The runs that are to go on now, those of longest standing first."""
    now = timezone.now()
    found = Run.objects.filter(state__in=GOING_ON).exclude(next_at__gt=now).exclude(pk__in=but)
    return list(found.order_by("pk").values_list("pk", flat=True)[:limit])


def next_due() -> datetime | None:
    """When the first of the runs that pause is to go on."""
    found = Run.objects.filter(state__in=GOING_ON, next_at__isnull=False).order_by("next_at")
    return found.values_list("next_at", flat=True).first()
