"""The door of banks and gateways: they tell us here what was paid. Signature first, the same answer however often."""

from __future__ import annotations

import json
from typing import Annotated, Literal, cast

from django.conf import settings
from django.http import HttpRequest
from ninja import Header, Path, Router, Schema, Status

from hienluong.foundation.identity.limits import too_many

from . import actions
from .notices import fault, read

router = Router(tags=["Thanh toán"])

MOST_BODY = 20_000
#: Messages without a good signature of one address that are kept, in a minute: nobody fills the log from outside.
WRITTEN = 20

NOTICE = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["transaction", "amount", "content", "paid_at"],
                    "properties": {
                        "transaction": {"type": "string", "maxLength": 80, "description": "Mã giao dịch của ngân hàng"},
                        "amount": {"type": "integer", "minimum": 1, "description": "Số tiền, đồng"},
                        "content": {"type": "string", "maxLength": 40, "description": "Nội dung chuyển khoản"},
                        "paid_at": {"type": "string", "format": "date-time"},
                    },
                }
            }
        },
    }
}


class Taken(Schema):
    """What became of the message."""

    status: Literal["applied", "repeated", "suspense"]


class Turned(Schema):
    """The message is not believed, and why."""

    status: Literal["refused"]
    why: str


def _turned(why: str) -> Turned:
    return Turned(status="refused", why=why)


@router.post(
    "/notices/{provider}",
    response={200: Taken, 400: Turned, 401: Turned, 404: Turned},
    openapi_extra=NOTICE,
    summary="Báo có",
)
def notice(
    request: HttpRequest,
    provider: Annotated[str, Path(max_length=40)],
    x_time: Annotated[str, Header(description="Giây Unix lúc ký")] = "",
    x_nonce: Annotated[str, Header(description="Số dùng một lần, 1–64 ký tự")] = "",
    x_signature: Annotated[str, Header(description="HMAC-SHA256 của “giờ.số.nội dung”, thập lục phân")] = "",
) -> Status[Taken | Turned]:
    """A signed message; told twice, or late, it is applied once. Money that fits no charge waits in suspense."""
    body = request.read(MOST_BODY + 1)
    if provider not in settings.PAYMENT_SECRETS or len(body) > MOST_BODY:
        return Status(404, _turned("no such door"))
    wrong = fault(settings.PAYMENT_SECRETS[provider], x_time, x_nonce, body, x_signature)
    who = actions.channel(provider)
    raw = body.decode("utf-8", "replace").replace("\x00", "")
    if wrong:
        address = str(request.META.get("REMOTE_ADDR", ""))
        if not too_many("payments.refused", address, limit=WRITTEN, seconds=60):
            actions.refuse_notice(who, provider=provider, raw=raw, why=wrong)
        return Status(401, _turned(wrong))
    try:
        told = read(json.loads(raw))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        actions.refuse_notice(who, provider=provider, raw=raw, why="malformed")
        return Status(400, _turned("malformed"))
    try:
        taken = actions.take_notice(who, provider=provider, raw=raw, nonce=x_nonce, **told)
    except actions.Replayed:
        actions.refuse_notice(who, provider=provider, raw=raw, why="replayed nonce")
        return Status(401, _turned("replayed nonce"))
    return Status(200, Taken(status=cast('Literal["applied", "repeated", "suspense"]', taken.verdict)))
