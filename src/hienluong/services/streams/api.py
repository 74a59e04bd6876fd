"""Events over HTTP: which types there are and their schemas (open to all), the key of our webhooks, and taking events."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from hienluong.foundation.actions import InvalidInput, NotFound
from hienluong.foundation.sso.bearer import AccessToken

from . import pulling, registry, signing, subscriptions
from .cloud import NAMESPACE
from .models import Subscription
from .registry import Kind

router = Router(tags=["Dòng sự kiện"])
MAX_PAGE = 500


class Problem(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    code: str = ""
    field: str | None = None


class TypeOut(Schema):
    """A type of events."""

    type: str = Field(description="Như trong thuộc tính type của CloudEvents")
    name: str = Field(description="Tên trong đăng ký và trong địa chỉ của lược đồ")
    title: str
    about: str
    versions: list[int] = Field(description="Các phiên bản lược đồ, mới nhất trước")


class TypesOut(Schema):
    """All types of events."""

    items: list[TypeOut]


class KeysOut(Schema):
    """A set of public keys (RFC 7517)."""

    keys: list[dict[str, str]]


class EventsOut(Schema):
    """A page of events in their order."""

    items: list[dict[str, Any]] = Field(description="CloudEvents 1.0; redelivered: có thể đã nhận trước đây")
    after: int = Field(description="Dùng cho lần lấy tiếp theo")
    more: bool = Field(description="Còn nữa ngay bây giờ")


@router.get("/events/types", response=TypesOut, auth=None, summary="Các loại sự kiện")
def event_types(request: HttpRequest) -> TypesOut:
    """What can be subscribed to."""
    return TypesOut(items=[_out(kind) for kind in registry.kinds()])


def _out(kind: Kind) -> TypeOut:
    declared = kind.declared
    return TypeOut(
        type=NAMESPACE + declared.type,
        name=declared.type,
        title=str(declared.title),
        about=str(declared.about),
        versions=[version.number for version in kind.versions],
    )


@router.get(
    "/events/types/{type}/schemas/{number}",
    response={200: dict[str, Any], 404: Problem},
    auth=None,
    summary="Lược đồ JSON của dữ liệu trong sự kiện",
)
def event_schema(request: HttpRequest, type: str, number: int) -> dict[str, Any]:
    """One version: what ``dataschema`` of an event leads to. It never changes."""
    if not 0 < number < 2**15:
        raise NotFound(_("Không có phiên bản này."))
    return dict(registry.version(type, number).body)


@router.get("/events/keys", response=KeysOut, auth=None, summary="Khóa công khai ký webhook (JWK)")
def event_keys(request: HttpRequest) -> KeysOut:
    """With what webhooks are signed (RFC 9421, ed25519)."""
    return KeysOut(keys=[signing.public_key()])


@router.get(
    "/events/subscriptions/{code}/events",
    response={200: EventsOut, 401: Problem, 404: Problem, 422: Problem, 503: Problem},
    auth=AccessToken(),
    summary="Lấy sự kiện theo một đăng ký",
)
def events(
    request: HttpRequest,
    code: str,
    after: Annotated[
        int | None, Query(ge=0, lt=2**63, description="Số của lần lấy trước; để trống là theo since")
    ] = None,
    since: Annotated[date | None, Query(description="Lấy lại từ đầu ngày này; để trống là từ khi được duyệt")] = None,
    size: Annotated[int, Query(ge=1, le=MAX_PAGE, description="Nhiều nhất bao nhiêu sự kiện")] = 100,
) -> EventsOut:
    """The next events of a subscription by pull, for the system that it is of; for all others it is not there.

    Events of one ``partitionkey`` come in order. After what was read is worked through, ask with its `after`.
    """
    if after is not None and since is not None:
        raise InvalidInput(_("Chỉ dùng một trong hai: after hoặc since."), field="since")
    if since is not None and not 1990 <= since.year <= 2100:
        raise InvalidInput(_("Chọn ngày trong khoảng 1990–2100."), field="since")
    token = request.access_token  # type: ignore[attr-defined]
    found = subscriptions.in_force(Subscription.Way.PULL).filter(code=code.replace("\x00", "")).first()
    if found is None or token.user_id is not None or token.client_id != found.system_id:
        raise NotFound(_("Không có đăng ký này."))
    page = pulling.read(found, after=after, since=since, size=size)
    return EventsOut(items=page.items, after=page.after, more=page.more)
