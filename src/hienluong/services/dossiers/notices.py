"""Telling people what happens to their dossier, and officials what is about to be late."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from hienluong.foundation.actions import Act, Actor, system
from hienluong.foundation.calendars import deadlines
from hienluong.foundation.events.models import Event
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.organisations.models import Position

from .models import RUNNING_STATES, Dossier, Enquiry, Opinion, Supplement
from .presentation import PLAIN

#: Steps the person is told about.
TOLD = (
    "receive",
    "request_supplement",
    "refuse",
    "apologise",
    "stop",
    "reopen",
    "complete",
    "return_result",
    "revoke_result",
    "move_to_successor",
    "post_returned",
    "enquiry_waits",
    "enquiry_answered",
)
WHO = system("Thông báo hồ sơ")


def tell_person(event: Event) -> None:
    """Tell the account of the one who filed (idempotent: once an event)."""
    dossier = Dossier.objects.select_related("filer").filter(code=event.data.get("code", "")).first()
    account = Account.objects.filter(party_id=dossier.filer_id).first() if dossier else None
    if dossier is None or account is None:
        return
    verb = event.type.removeprefix("dossier.")
    handover = dossier.handovers.filter(verb=verb).order_by("-at").first()
    words = handover.public_note if handover else ""
    with translation.override(account.language):
        notify(
            WHO,
            account=account,
            key=f"event:{event.uid}",
            kind=event.type,
            title=f"{PLAIN.get(verb, verb)}: {dossier.procedure_name}"[:200],
            body=_body(dossier, verb, words),
            href=f"/ho-so/{dossier.code}",
            phone=dossier.filer.phone,
        )


def _body(dossier: Dossier, verb: str, words: str) -> str:
    """What the person reads, in the language that is active."""
    lines = [gettext("Mã hồ sơ %(code)s.") % {"code": dossier.code}]
    if verb == "receive" and dossier.due_at:
        lines.append(gettext("Hẹn trả: %(when)s.") % {"when": _day(dossier.due_at)})
    if verb == "request_supplement":
        asked = dossier.supplements.filter(answered_at__isnull=True, answer_by__isnull=False).first()
        lines += [gettext("Hãy bổ sung trước %(when)s.") % {"when": _day(asked.answer_by)}] if asked else []
    lines += [words, f"{settings.BASE_URL}/ho-so/{dossier.code}"]
    return "\n".join(line for line in lines if line)


def tell_of_silence(act: Act, dossier: Dossier, opinion: Opinion) -> int:
    """Tell the head of an agency that owes an opinion, and who asked for it; returns how many were told."""
    agency = opinion.name or opinion.organization.name
    there = holders_of(opinion.organization.path, opinion.organization_id, ("head", "leader"))
    return _tell_officials(
        act,
        there | _account_of(opinion.asked_by_id),
        dossier,
        key=f"opinion-silent:{opinion.pk}",
        kind="dossier.opinion_silent",
        title=gettext_lazy("Quá hạn cho ý kiến: %(code)s"),
        body=gettext_lazy(
            "%(agency)s chưa cho ý kiến về hồ sơ %(name)s, hạn %(due)s. Im lặng không được coi là đồng ý."
        ),
        words={"agency": agency, "due": _day(opinion.due_at)},
    )


def tell_of_expiry(act: Act, dossier: Dossier, supplement: Supplement) -> int:
    """Tell the official who asked for a supplement that it did not come in time, so that the dossier may be stopped."""
    desk = (dossier.received_at_org, ("clerk",)) if supplement.stage == "reception" else (dossier.handling, ("head",))
    return _tell_officials(
        act,
        _account_of(supplement.requested_by_id) or holders_of(desk[0].path, desk[0].pk, desk[1]),
        dossier,
        key=f"supplement-expired:{supplement.pk}",
        kind="dossier.supplement_expired",
        title=gettext_lazy("Hết hạn bổ sung: %(code)s"),
        body=gettext_lazy("Người nộp chưa bổ sung hồ sơ %(name)s, hạn %(due)s. Bạn có thể dừng giải quyết hồ sơ."),
        words={"due": _day(supplement.answer_by)},
        place="#viec-stop",
    )


def tell_of_answer(act: Act, dossier: Dossier, enquiry: Enquiry, words: str) -> int:
    """Tell who has the dossier in hand that what it waited for is answered; returns how many were told."""
    return _tell_officials(
        act,
        _account_of(dossier.assignee_id),
        dossier,
        key=f"enquiry:{enquiry.pk}:{enquiry.round}",
        kind="dossier.enquiry_answered_official",
        title=gettext_lazy("Đã có trả lời: %(code)s"),
        body=gettext_lazy("%(answer)s Hồ sơ %(name)s."),
        words={"answer": words},
    )


def _tell_officials(
    who: Act | Actor,
    accounts: Iterable[Account],
    dossier: Dossier,
    *,
    key: str,
    kind: str,
    title: Promise,
    body: Promise,
    words: dict[str, str],
    place: str = "",
) -> int:
    """Tell each of these officials once about a dossier, in their own language; returns how many they are.

    Title and body may name its ``code``, its ``name`` and what is in `words`; `place` is a part of its page.
    """
    each = {account.pk: account for account in accounts}.values()
    said = {"code": dossier.code, "name": dossier.procedure_name, **words}
    for account in each:
        with translation.override(account.language):
            notify(
                who,
                account=account,
                key=key,
                kind=kind,
                title=str(title) % said,
                body=str(body) % said,
                href=f"/lam-viec/ho-so/{dossier.code}{place}",
            )
    return len(each)


#: Working days before the end of the time to answer at which the person is reminded.
ANSWER_SOON = 2
#: Working days late after which the leader of the competent organisation is told too.
LEADER_AFTER = 3
#: Calendar days that certainly hold any number of working days we look ahead: Tết closes offices for nine.
_LOOK_AHEAD = timedelta(days=16)
BATCH = 500


def remind() -> int:
    """Remind whoever has a dossier in hand before it is due, tell those above when it is late; each once a due date.

    "Soon" leaves one working day more than the rule set wants for an apology in time. A dossier that waits for the
    person is not late. An unassigned one is the head's. Returns how many were told.
    """
    now = timezone.now()
    running = (
        Dossier.objects.filter(state__in=RUNNING_STATES, due_at__lte=now + _LOOK_AHEAD)
        .select_related("handling", "competent", "rule_set")
        .order_by("due_at", "pk")
    )
    return sum(_remind_of(batch, now) for batch in _batches(running.iterator(chunk_size=BATCH)))


def _batches(dossiers: Iterator[Dossier]) -> Iterator[list[Dossier]]:
    while batch := list(islice(dossiers, BATCH)):
        yield batch


def _remind_of(dossiers: list[Dossier], now: datetime) -> int:
    due = [(dossier, kind) for dossier in dossiers if (kind := _kind_of(dossier, now))]
    known = set(
        Notification.objects.filter(key__in=[_key(dossier, kind) for dossier, kind in due]).values_list(
            "key", "account_id"
        )
    )
    told = 0
    for dossier, kind in due:
        for account in _told_of(dossier, kind):
            if (_key(dossier, kind), account.pk) not in known:
                _remind_one(dossier, kind, account)
                told += 1
    return told


def _kind_of(dossier: Dossier, now: datetime) -> str:
    """``soon``, ``late``, ``very_late``, or nothing yet; in working days of the competent organisation."""
    assert dossier.due_at is not None
    today, due = timezone.localdate(now), timezone.localdate(dossier.due_at)
    if dossier.due_at < now:
        late = deadlines.working_days_between(due, today, dossier.competent)
        return "very_late" if late >= LEADER_AFTER else "late"
    left = deadlines.working_days_between(today, due, dossier.competent)
    return "soon" if left <= dossier.rule_set.spec.apology_working_days_before_due + 1 else ""


def _key(dossier: Dossier, kind: str) -> str:
    assert dossier.due_at is not None
    return f"{kind}:{dossier.pk}:{dossier.due_at.isoformat()}"


def _told_of(dossier: Dossier, kind: str) -> list[Account]:
    heads = holders_of(dossier.handling.path, dossier.handling_id, ("head",))
    leaders = holders_of(dossier.competent.path, dossier.competent_id, ("leader",))
    above = list(heads.distinct()) or list(leaders.distinct())
    holder = list(_account_of(dossier.assignee_id))
    told = holder or above
    if kind != "soon":
        told = [*told, *above]
    if kind == "very_late":
        told = [*told, *leaders.distinct()]
    return list({account.pk: account for account in told}.values())


def _remind_one(dossier: Dossier, kind: str, account: Account) -> None:
    soon = kind == "soon"
    _tell_officials(
        WHO,
        [account],
        dossier,
        key=_key(dossier, kind),
        kind="dossier.soon" if soon else "dossier.late",
        title=gettext_lazy("Sắp đến hạn: %(code)s") if soon else gettext_lazy("Đã quá hạn: %(code)s"),
        body=gettext_lazy("%(name)s. Hẹn trả %(due)s."),
        words={"due": _day(dossier.due_at)},
    )


def remind_of_supplements() -> int:
    """Remind the person once, some working days before the time to answer a request ends; returns how many were told."""
    now, told = timezone.now(), 0
    waiting = (
        Supplement.objects.filter(answered_at__isnull=True, answer_by__gt=now, answer_by__lte=now + _LOOK_AHEAD)
        .select_related("dossier__received_at_org", "dossier__filer")
        .order_by("answer_by", "pk")
    )
    for supplement in waiting.iterator(chunk_size=BATCH):
        assert supplement.answer_by is not None
        dossier = supplement.dossier
        left = deadlines.working_days_between(
            timezone.localdate(now), timezone.localdate(supplement.answer_by), dossier.received_at_org
        )
        account = Account.objects.filter(party_id=dossier.filer_id).first()
        key = f"supplement-soon:{supplement.pk}"
        if left > ANSWER_SOON or account is None or Notification.objects.filter(key=key, account=account).exists():
            continue
        with translation.override(account.language):
            notify(
                WHO,
                account=account,
                key=key,
                kind="dossier.supplement_soon",
                title=gettext("Sắp hết hạn bổ sung: %(code)s") % {"code": dossier.code},
                body=gettext("Hãy bổ sung hồ sơ %(name)s trước %(due)s.")
                % {"name": dossier.procedure_name, "due": _day(supplement.answer_by)},
                href=f"/ho-so/{dossier.code}",
                phone=dossier.filer.phone,
            )
        told += 1
    return told


def holders_of(path: str, organization_id: int, roles: tuple[str, ...]) -> QuerySet[Account]:
    """The accounts of those who hold one of these roles in an organisation, or in the nearest one above that has one."""
    today = timezone.localdate()
    for place in reversed([int(part) for part in path.strip("/").split("/") if part] or [organization_id]):
        found = Account.objects.filter(
            official__positions__in=Position.objects.filter(
                organization_id=place, role__in=roles, valid__contains=today
            )
        )
        if found.exists():
            return found
    return Account.objects.none()


def _account_of(official_id: int | None) -> QuerySet[Account]:
    return Account.objects.filter(official_id=official_id) if official_id else Account.objects.none()


def _day(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%H:%M %d/%m/%Y}" if at else ""
