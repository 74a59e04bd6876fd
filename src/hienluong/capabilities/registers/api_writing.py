"""Registers over HTTP, for writing: by whoever is signed in, through the actions, only over what was seen.

A change, and an end, name in ``If-Match`` the tag of the record that the writer saw. When anything that the writer may
read of the record has changed since, at any moment of valid time, nothing is written. The routes join those of
:mod:`.api`: one path has one router.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Header, Schema, Status
from ninja.security import django_auth

from hienluong.foundation.actions.problems import PROBLEM, told
from hienluong.foundation.sso.bearer import AccessToken

from . import actions, batch
from .api import Number, Problem, RecordOut, actor_of, address_of, aware, out_of, record_of, register_of, router
from .batch import Operation
from .bulk import NothingWritten, Outcome
from .models import Record, Register
from .sight import Sight, Unconditional, look, look_many
from .temporal import Provenance

#: Most operations of one batch.
MAX_OPERATIONS = 1000
#: By whom: an access token of ours, or a session with the mark against forged requests.
BY = [AccessToken(), django_auth]
_REFUSALS = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem}
_OVERTAKEN = {412: Problem, 428: Problem}

IfMatch = Annotated[str, Header(alias="If-Match", max_length=1000, description="ETag của bản ghi đã xem")]
Reason = Annotated[str, Field(max_length=500, description="Lý do, ghi vào lịch sử")]


class RecordIn(Schema):
    """A new record: its fields, and from when they are true."""

    data: dict[str, Any]
    since: datetime | None = Field(None, description="Đúng từ lúc nào; để trống là bây giờ")
    reason: Reason = ""


class ChangeIn(RecordIn):
    """What a record says over a stretch of time."""

    until: datetime | None = Field(None, description="Đúng đến lúc nào; để trống là về sau mãi")
    correction: bool = Field(False, description="Đính chính: vốn đã như vậy, trước đây ghi sai")


class EndIn(Schema):
    """The end of a record."""

    at: datetime | None = Field(None, description="Chấm dứt từ lúc nào; để trống là bây giờ")
    void: bool = Field(False, description="Hủy: bản ghi lẽ ra không có")
    reason: Reason = ""


class OperationIn(Schema):
    """One write of a batch. The record is named by id or by key."""

    op: Literal["create", "change", "replace", "end"]
    record: int | None = Field(None, ge=1, lt=2**63)
    key: str = Field("", max_length=120)
    if_match: str = Field("", max_length=1000, description="ETag của bản ghi đã xem; bắt buộc trừ khi tạo mới")
    data: dict[str, Any] = {}
    since: datetime | None = None
    until: datetime | None = None
    correction: bool = False
    void: bool = False


class BatchIn(Schema):
    """Writes in their order."""

    operations: list[OperationIn] = Field(min_length=1, max_length=MAX_OPERATIONS)
    atomic: bool = Field(True, description="Ghi tất cả hoặc không ghi gì")
    reason: Reason = ""


class ResultOut(Schema):
    """What became of one operation, as the same request by itself would have been answered."""

    position: int
    status: int
    id: int | None
    key: str
    etag: str
    problem: Problem | None


class Refused(Problem):
    """Nothing was written: what became of each operation that was refused."""

    results: list[ResultOut] = []


class BatchOut(Schema):
    """An outcome for each operation, in the order given."""

    written: int
    refused: int
    results: list[ResultOut]


@router.post("/registers/{code}/records", auth=BY, response={201: RecordOut, **_REFUSALS}, summary="Ghi bản ghi mới")
def create(request: HttpRequest, response: HttpResponse, code: str, body: RecordIn) -> Status[RecordOut]:
    """Write a new record. ``Location`` is its address, ``ETag`` the tag to change it with."""
    actor = actor_of(request)
    register, seen_by = register_of(actor, code)
    since = aware(body.since)
    made = actions.create(
        actor,
        register=register,
        data=body.data,
        since=since,
        meant_for=timezone.localdate(),
        provenance=Provenance(reason=body.reason),
    )
    response["Location"] = address_of(register, made.pk)
    return Status(201, _now(response, register, seen_by, made, since))


@router.put(
    "/registers/{code}/records/{record}",
    auth=BY,
    response={200: RecordOut, **_REFUSALS, **_OVERTAKEN},
    summary="Ghi lại",
)
def replace(
    request: HttpRequest, response: HttpResponse, code: str, record: Number, body: ChangeIn, if_match: IfMatch = ""
) -> RecordOut:
    """Write all that the caller may write of the record: what is not given becomes empty."""
    return _change(request, response, code, record, body, if_match, whole=True)


@router.patch(
    "/registers/{code}/records/{record}",
    auth=BY,
    response={200: RecordOut, **_REFUSALS, **_OVERTAKEN},
    summary="Sửa",
)
def change(
    request: HttpRequest, response: HttpResponse, code: str, record: Number, body: ChangeIn, if_match: IfMatch = ""
) -> RecordOut:
    """Write the fields that are given (RFC 7396: null empties one); the others stay as they are."""
    return _change(request, response, code, record, body, if_match, whole=False)


@router.post(
    "/registers/{code}/records/{record}/end",
    auth=BY,
    response={204: None, **_REFUSALS, **_OVERTAKEN},
    summary="Chấm dứt, hủy",
)
def end(
    request: HttpRequest, response: HttpResponse, code: str, record: Number, body: EndIn, if_match: IfMatch = ""
) -> Status[None]:
    """End a record from a moment on; its history stays."""
    actor = actor_of(request)
    _register, _seen_by, found = record_of(actor, code, record)
    actions.end(
        actor,
        record=found,
        at=aware(body.at),
        void=body.void,
        seen=_tags(if_match),
        provenance=Provenance(reason=body.reason),
    )
    return Status(204, None)


@router.post(
    "/registers/{code}/batch",
    auth=BY,
    response={200: BatchOut, **_REFUSALS, 422: Refused},
    summary="Ghi nhiều bản ghi",
)
def many(request: HttpRequest, response: HttpResponse, code: str, body: BatchIn) -> Any:
    """Up to 1,000 writes. With `atomic`, one that is refused means that nothing is written (422, with every reason)."""
    actor = actor_of(request)
    register, seen_by = register_of(actor, code)
    operations = [
        Operation(
            op=one.op,
            record=one.record,
            key=one.key,
            seen=_tags(one.if_match) if one.if_match else None,
            data=one.data,
            since=aware(one.since),
            until=aware(one.until),
            correction=one.correction,
            void=one.void,
        )
        for one in body.operations
    ]
    try:
        outcomes = batch.run(actor, register, operations, Provenance(reason=body.reason), whole=body.atomic)
    except NothingWritten as error:
        results = [_result(outcome, {}) for outcome in error.outcomes]
        response["Content-Type"] = PROBLEM
        return Status(422, Refused(**told(error), results=results))
    written = [outcome.record for outcome in outcomes if outcome.record and not outcome.refused]
    tags = {number: seen.tag for number, seen in look_many(register, seen_by, written).items()}
    refused = sum(1 for outcome in outcomes if outcome.refused)
    return BatchOut(
        written=len(outcomes) - refused, refused=refused, results=[_result(outcome, tags) for outcome in outcomes]
    )


def _change(
    request: HttpRequest,
    response: HttpResponse,
    code: str,
    record: int,
    body: ChangeIn,
    if_match: str,
    *,
    whole: bool,
) -> RecordOut:
    actor = actor_of(request)
    register, seen_by, found = record_of(actor, code, record)
    since = aware(body.since)
    actions.change(
        actor,
        record=found,
        data=body.data,
        since=since,
        until=aware(body.until),
        correction=body.correction,
        whole=whole,
        seen=_tags(if_match),
        meant_for=timezone.localdate(),
        provenance=Provenance(reason=body.reason),
    )
    return _now(response, register, seen_by, found, since)


def _now(
    response: HttpResponse, register: Register, seen_by: Sight, record: Record, since: datetime | None
) -> RecordOut:
    """The record as it is now, or as it will be when what was written begins later."""
    ahead = since if since and since > timezone.now() else None
    seen = look(register, seen_by, record.pk, valid=ahead)
    if seen is None:  # written for others to read
        return RecordOut(id=record.pk, key="", data={})
    response["ETag"] = f'"{seen.tag}"'
    return out_of(seen)


def _tags(header: str) -> frozenset[str]:
    """The tags of an If-Match header; weak ones match nothing. Raises Unconditional when there is none."""
    if header.strip() == "*":
        return frozenset("*")
    if not header.strip():
        raise Unconditional
    return frozenset(re.findall(r'(?<!W/)"([^"]*)"', header))


def _result(outcome: Outcome, tags: Mapping[int, str]) -> ResultOut:
    refused = outcome.refused
    tag = tags.get(outcome.record or 0)
    return ResultOut(
        position=outcome.position,
        status=refused.status if refused else 200,
        id=outcome.record,
        key=outcome.key,
        etag=f'"{tag}"' if tag else "",
        problem=Problem(**told(refused)) if refused else None,
    )
