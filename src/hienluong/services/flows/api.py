"""Composed services over HTTP: a system starts a run and asks what became of it."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Header, Router, Schema, Status

from hienluong.foundation.actions import Actor, NotFound
from hienluong.foundation.sso.bearer import AccessToken
from hienluong.foundation.sso.models import System

from . import runs
from .models import Flow, Run

router = Router(tags=["Dịch vụ phối hợp"])
#: Seconds that an answer is waited for: when nothing is said, and at most.
USUAL_WAIT, LONGEST_WAIT = 2.0, 5.0
_LOOK = 0.05


class Problem(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    code: str = ""
    field: str | None = None


class RunIn(Schema):
    """What a run is asked."""

    input: dict[str, Any] = Field(description="Theo lược đồ đầu vào của dịch vụ")
    purpose: str = Field("", max_length=200, description="Mục đích, nơi cung cấp dữ liệu thấy và ghi lại")


class RunOut(Schema):
    """A run and what came of it."""

    id: UUID
    state: str = Field(description="running, waiting (chờ người), compensating; done, compensated, failed là đã xong")
    answer: Any = Field(description="Khi state là done; null khi đã hết thời hạn lưu")
    fault: str = Field(description="Vì sao không thành")
    fault_step: str = Field(description="Ở bước nào")
    created_at: datetime
    ended_at: datetime | None


_REFUSALS = {401: Problem, 403: Problem, 404: Problem}


@router.post(
    "/flows/{code}/runs",
    auth=AccessToken(),
    response={200: RunOut, 202: RunOut, 422: Problem, **_REFUSALS},
    summary="Chạy dịch vụ phối hợp",
)
def start_flow(
    request: HttpRequest,
    response: HttpResponse,
    code: str,
    body: RunIn,
    key: Annotated[
        str, Header(alias="Idempotency-Key", max_length=200, description="Cùng khóa là cùng một lần chạy")
    ] = "",
    prefer: Annotated[str, Header(alias="Prefer", max_length=200, description="wait=5: đợi nhiều nhất 5 giây")] = "",
) -> Status[RunOut]:
    """Start a run. 200 when it ended within a few seconds, else 202; ``Location`` is where to ask for it."""
    actor, system = _asking(request)
    run, _new = runs.start(actor, flow=_flow(code), given=body.input, system=system, key=key, purpose=body.purpose)
    until = time.monotonic() + _wait(prefer)
    while run.state not in runs.ENDED and run.state != Run.State.WAITING and time.monotonic() < until:
        time.sleep(_LOOK)
        run.refresh_from_db()
    response["Location"] = f"/api/v1/flows/{code}/runs/{run.uid}"
    return Status(200 if run.state in runs.ENDED else 202, _out(run))


@router.get(
    "/flows/{code}/runs/{run}",
    auth=AccessToken(),
    response={200: RunOut, **_REFUSALS},
    summary="Kết quả một lần chạy",
)
def show_flow_run(request: HttpRequest, code: str, run: UUID) -> RunOut:
    """A run, for the system that started it; for all others it is not there."""
    _actor, system = _asking(request)
    found = runs.of_system(system, str(run))
    if found.version.flow.code != code:
        raise NotFound(_("Không có lần chạy này."))
    return _out(found)


def _asking(request: HttpRequest) -> tuple[Actor, System]:
    """Who asks, and the system that works for itself; for a person's token nothing of this is there."""
    token = request.access_token  # type: ignore[attr-defined]
    if token.user_id is not None:
        raise NotFound(_("Không có dịch vụ phối hợp này."))
    return request.actor, token.client.system  # type: ignore[attr-defined]


def _flow(code: str) -> Flow:
    found = Flow.objects.filter(code=code.replace("\x00", "")).select_related("owner").first()
    if found is None:
        raise NotFound(_("Không có dịch vụ phối hợp này."))
    return found


def _wait(prefer: str) -> float:
    """Seconds that the caller would wait (RFC 7240)."""
    for each in prefer.split(","):
        name, _is, value = each.strip().partition("=")
        if name.strip().lower() == "wait" and value.strip().isascii() and value.strip().isdecimal():
            return min(float(value.strip()[:4]), LONGEST_WAIT)
    return USUAL_WAIT


def _out(run: Run) -> RunOut:
    return RunOut(
        id=run.uid,
        state=run.state,
        answer=(run.answer or {}).get("value"),
        fault=run.fault,
        fault_step=run.fault_path,
        created_at=run.created_at,
        ended_at=run.ended_at,
    )
