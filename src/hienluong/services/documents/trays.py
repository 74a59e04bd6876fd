"""What waits for an official about outgoing documents, each list under its own name; all are counted by one query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Actor

from . import access
from .models import Approval, Direction, Document, Opinion, Reader, State, Why

OUTGOING = (Direction.OUTGOING, Direction.INTERNAL)


@dataclass(frozen=True)
class Tray:
    """One list: its key in addresses, its name, what it says when it is empty, and for whom it is there."""

    key: str
    label: str | Promise
    empty: str | Promise
    permission: str


TRAYS: tuple[Tray, ...] = (
    Tray("nhap", _("Dự thảo của tôi"), _("Dự thảo bạn soạn hoặc cùng soạn sẽ hiện ở đây."), "documents.draft"),
    Tray("y-kien", _("Chờ ý kiến của tôi"), _("Khi có người xin ý kiến bạn, dự thảo sẽ hiện ở đây."), "documents.read"),
    Tray("duyet", _("Chờ tôi duyệt"), _("Dự thảo trình bạn duyệt sẽ hiện ở đây."), "documents.approve"),
    Tray("ky", _("Chờ tôi ký"), _("Văn bản đã cấp số, chờ bạn ký sẽ hiện ở đây."), "documents.approve"),
    Tray(
        "ky-thay",
        _("Chờ ký thay"),
        _("Văn bản chờ chữ ký của người đang ủy quyền cho bạn sẽ hiện ở đây."),
        "documents.sign",
    ),
    Tray("cap-so", _("Chờ cấp số"), _("Dự thảo người ký đã duyệt sẽ hiện ở đây."), "documents.clerk"),
    Tray("cho-ky", _("Đã cấp số, chờ ký"), _("Văn bản đã cấp số mà chưa ký sẽ hiện ở đây."), "documents.clerk"),
    Tray("dong-dau", _("Chờ đóng dấu"), _("Văn bản lãnh đạo đã ký sẽ hiện ở đây."), "documents.clerk"),
    Tray("phat-hanh", _("Chờ phát hành"), _("Văn bản đã ký, đóng dấu sẽ hiện ở đây."), "documents.clerk"),
)
#: The list of what waits for the signature of those who lend theirs.
STAND_IN = "ky-thay"
BY_KEY = {tray.key: tray for tray in TRAYS}


def trays_of(actor: Actor) -> list[Tray]:
    """The lists that are there for this official; that of what is signed for others only while somebody lends the power."""
    return [
        tray for tray in TRAYS if actor.paths_with(tray.permission) and (tray.key != STAND_IN or access.lenders(actor))
    ]


def rows(actor: Actor, key: str) -> QuerySet[Document]:
    """The documents of one list that this official may read, those that wait longest first (drafts: the newest)."""
    mine = actor.official_id or 0
    documents = Document.objects.filter(direction__in=OUTGOING)
    if key == "nhap":
        drafting = Reader.objects.filter(document=OuterRef("pk"), official=mine, why=Why.DRAFTER, ended_at__isnull=True)
        open_states = (State.DRAFT, State.OPINIONS, State.APPROVING, State.APPROVED, State.NUMBERED, State.SIGNED)
        return documents.filter(
            Exists(drafting), agency__in=access.agencies_with(actor, "documents.draft"), state__in=open_states
        ).order_by("-changed_at", "-pk")
    if key == "y-kien":
        asked = Opinion.objects.filter(
            document=OuterRef("pk"), official=mine, given_at__isnull=True, withdrawn_at__isnull=True
        )
        return _readable(actor, documents.filter(Exists(asked), state=State.OPINIONS)).order_by("changed_at", "pk")
    if key == "duyet":
        turn = Q(official=mine)
        for lender, agencies in access.lenders(actor).items():
            turn |= Q(official=lender, agency__in=agencies)
        waiting = Approval.objects.filter(turn, document=OuterRef("pk"), state=Approval.State.WAITING)
        return _readable(actor, documents.filter(Exists(waiting), state=State.APPROVING)).order_by("changed_at", "pk")
    if key == "ky":
        return _readable(actor, documents.filter(signer=mine, state=State.NUMBERED)).order_by("changed_at", "pk")
    if key == STAND_IN:
        absent = Q(pk__in=[])
        for lender, agencies in access.lenders(actor).items():
            absent |= Q(signer=lender, agency__in=agencies)
        waits = documents.filter(absent, state=State.NUMBERED, signs_for__isnull=True)
        return _readable(actor, waits).order_by("changed_at", "pk")
    desk = documents.filter(agency__in=access.agencies_with(actor, "documents.clerk"))
    wanted = {
        "cap-so": Q(state=State.APPROVED),
        "cho-ky": Q(state=State.NUMBERED),
        "dong-dau": Q(state=State.SIGNED, sealed_at__isnull=True),
        "phat-hanh": Q(state=State.SIGNED, sealed_at__isnull=False),
    }[key]
    return desk.filter(wanted).order_by("-urgency", "changed_at", "pk")


def _readable(actor: Actor, documents: QuerySet[Document]) -> QuerySet[Document]:
    """Those of a list that the actor still may read: somebody who moved on is no longer asked there."""
    return documents.filter(pk__in=access.readable(actor).values("pk"))


def issued(actor: Actor, direction: str) -> QuerySet[Document]:
    """What was issued and this official may read, the newest first."""
    return (
        access.readable(actor)
        .filter(direction=direction, state__in=(State.ISSUED, State.RECALLED, State.REPLACED))
        .order_by("-issued_on", "-pk")
    )


def counts(actor: Actor) -> dict[str, int]:
    """How many wait in each list of this official; one query, none for nobody."""
    return count_all({tray.key: rows(actor, tray.key) for tray in trays_of(actor)})


def count_all(found: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """How many rows each of these has; one query for all."""
    from django.core.exceptions import EmptyResultSet

    parts, params, keys = [], [], []
    for key, rows_ in found.items():
        try:
            sql, values = rows_.order_by().values("pk").query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608 - what the ORM made
        params += list(values)
        keys.append(key)
    counted = dict.fromkeys(found, 0)
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts)}", params)
            row = cursor.fetchone()
        assert row is not None
        counted.update(zip(keys, row, strict=True))
    return counted
