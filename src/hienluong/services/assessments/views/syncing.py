"""What a phone asks and sends, in JSON: who is signed in, the scoring forms and an assessment to take along, one that was begun
without network, answers, choices, photos in parts.

Refusals are RFC 9457 documents; 401 when nobody is signed in, so that the phone asks for it and then goes on.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hienluong.capabilities.scoring import actions, installing, photos, queries
from hienluong.capabilities.scoring.actions import Given
from hienluong.capabilities.scoring.models import Assessment, AssessmentAnswer, AssessmentPhoto
from hienluong.capabilities.scoring.permissions import ASSESS
from hienluong.foundation.actions import DomainError, InvalidInput, NotAllowed
from hienluong.foundation.actions.problems import PROBLEM, told
from hienluong.foundation.identity.officials import actor_of

from .. import looks, presentation, targets

Degree = Annotated[Decimal, Field(ge=-180, le=180, allow_inf_nan=False)]


class Sent(BaseModel):
    """An answer as a phone sends it."""

    model_config = ConfigDict(extra="forbid")

    key: UUID
    item: str = Field(max_length=40)
    value: str = Field("", max_length=40)
    base: UUID | None = None
    note: str = Field("", max_length=actions.MAX_NOTE)
    photos: list[UUID] = Field([], max_length=actions.MAX_PHOTOS)
    latitude: Degree | None = None
    longitude: Degree | None = None
    answered_at: str = Field("", max_length=40)


class Begun(BaseModel):
    """An assessment that a phone began without network, under the key that it gave it."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    form: str = Field(max_length=60)
    organization: int = Field(ge=1, lt=2**31)
    of_register: str = Field("", max_length=60, alias="register")
    key: str = Field("", max_length=120)
    name: str = Field("", max_length=300)
    place: str = Field("", max_length=300)
    day: date


class Chosen(BaseModel):
    """One of several answers, and all that were shown."""

    model_config = ConfigDict(extra="forbid")

    item: str = Field(max_length=40)
    key: UUID
    seen: list[UUID] = Field(max_length=50)


class Announced(BaseModel):
    """A photo that will come."""

    model_config = ConfigDict(extra="forbid")

    item: str = Field(max_length=40)
    name: str = Field("", max_length=200)
    size: int = Field(ge=1, le=2**31 - 1)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


View = Callable[..., JsonResponse]
Shape = TypeVar("Shape", bound=BaseModel)


def _spoken(view: View) -> View:
    """Answers in JSON whatever happens, and only to officials."""

    @never_cache
    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        if not request.user.is_authenticated:
            problem = {"type": "about:blank", "title": _("Hãy đăng nhập."), "status": 401, "code": "signed_out"}
            return JsonResponse(problem, status=401, content_type=PROBLEM)
        try:
            if not actor_of(request).grants:
                raise NotAllowed(_("Trang này dành cho cán bộ, công chức."))
            return view(request, *args, **kwargs)
        except DomainError as error:
            return JsonResponse(told(error), status=error.status, content_type=PROBLEM)

    return run


@require_GET
@_spoken
def session(request: HttpRequest) -> JsonResponse:
    """Who is signed in, and the token that writing takes."""
    actor = actor_of(request)
    return JsonResponse({"account": actor.account_id, "label": actor.label, "csrf": get_token(request)})


@require_GET
@_spoken
def forms(request: HttpRequest) -> JsonResponse:
    """The scoring forms in force and the agencies one assesses for: what beginning without network takes."""
    agencies = targets.places(actor_of(request))
    found = [(one, installing.spec_of(one)) for one in installing.in_force(timezone.localdate())]
    titles = targets.titles({code for _one, spec in found for code in spec.targets})
    return JsonResponse(
        {
            "forms": [
                {
                    "code": spec.code,
                    "title": spec.title,
                    "targets": [[code, titles[code]] for code in spec.targets],
                    "spec": one.spec,
                    "choices": {node.code: presentation.choices(node) for node in spec.asked},
                }
                for one, spec in found
            ],
            "agencies": [[agency.pk, agency.name] for agency in agencies],
        }
    )


@require_POST
@_spoken
def begin(request: HttpRequest) -> JsonResponse:
    """Begin here what was begun on a phone; sent again, it is the same one."""
    said = _read(request, Begun)
    made = targets.begin(
        actor_of(request),
        form=said.form,
        register=said.of_register,
        key=said.key,
        name=said.name,
        place=said.place,
        organization_id=said.organization,
        own_key=said.id,
        day=said.day,
    )
    return JsonResponse({"id": str(made.pk), "code": made.code})


@require_GET
@_spoken
def data(request: HttpRequest, assessment: UUID) -> JsonResponse:
    """All of an assessment that is needed to go on with it without network."""
    found = _found(request, assessment)
    looks.write_down(actor_of(request), [found])
    spec = installing.spec_of(found.definition)
    return JsonResponse(
        {
            "id": str(found.pk),
            "code": found.code,
            "target": found.target_name,
            "title": spec.title,
            "state": found.state,
            "place": found.place,
            "spec": found.definition.spec,
            "choices": {node.code: presentation.choices(node) for node in spec.asked},
            "answers": _answers(found),
            "photos": sorted(queries.arrived(found)),
        }
    )


@require_POST
@_spoken
def answer(request: HttpRequest, assessment: UUID) -> JsonResponse:
    """Save one answer; tells all answers that stand for that item now."""
    found = _found(request, assessment)
    sent = _read(request, Sent)
    given = Given(**{**sent.model_dump(), "answered_at": _moment(sent.answered_at)})
    saved = actions.answer(actor_of(request), assessment_id=found.pk, given=given)
    return JsonResponse({"standing": saved.standing, "answers": _answers(found, saved.item)})


@require_POST
@_spoken
def choose(request: HttpRequest, assessment: UUID) -> JsonResponse:
    """Let one of several answers stand."""
    found = _found(request, assessment)
    chosen = _read(request, Chosen)
    actions.choose(actor_of(request), assessment_id=found.pk, item=chosen.item, key=chosen.key, seen=chosen.seen)
    return JsonResponse({"answers": _answers(found, chosen.item)})


@require_POST
@_spoken
def announce(request: HttpRequest, assessment: UUID, photo: UUID) -> JsonResponse:
    """Say that a photo will come; tells how much of it is here."""
    found = _found(request, assessment)
    said = _read(request, Announced)
    return _progress(photos.announce(actor_of(request), assessment_id=found.pk, photo_id=photo, **said.model_dump()))


@require_POST
@_spoken
def part(request: HttpRequest, assessment: UUID, photo: UUID) -> JsonResponse:
    """Take the bytes of a photo from `tu` on; tells how much of it is here."""
    found = _found(request, assessment)
    start = request.GET.get("tu", "")
    if not (start.isascii() and start.isdigit() and len(start) < 10):
        raise InvalidInput(_("Vị trí của phần ảnh không đúng."), field="tu")
    said = request.headers.get("Content-Length") or "0"
    if not (said.isascii() and said.isdigit() and len(said) < 10 and int(said) <= photos.MAX_PART):
        raise InvalidInput(_("Phần gửi quá lớn."), field="part")
    return _progress(
        photos.add_part(
            actor_of(request), assessment_id=found.pk, photo_id=photo, offset=int(start), content=request.body
        )
    )


def _found(request: HttpRequest, assessment: UUID) -> Assessment:
    actor = actor_of(request)
    found = queries.seen_by(actor, assessment)
    actor.require(ASSESS, found.organization.path)
    return found


def _answers(found: Assessment, item: str = "") -> list[dict[str, Any]]:
    return [_told(one) for one in queries.standing_answers(found) if not item or one.item == item]


def _told(one: AssessmentAnswer) -> dict[str, Any]:
    return {
        "key": str(one.key),
        "item": one.item,
        "value": one.value,
        "note": one.note,
        "photos": one.photos,
        "latitude": str(one.latitude) if one.latitude is not None else None,
        "longitude": str(one.longitude) if one.longitude is not None else None,
        "standing": one.standing,
        "label": one.label,
        "answered_at": one.answered_at.isoformat(),
    }


def _progress(photo: AssessmentPhoto) -> JsonResponse:
    return JsonResponse({"received": photo.received, "size": photo.size, "whole": photo.file_id is not None})


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and is_aware(found) else None


def _read(request: HttpRequest, shape: type[Shape]) -> Shape:
    try:
        return shape.model_validate(json.loads(request.body))
    except (ValueError, RecursionError, ValidationError) as error:
        raise InvalidInput(_("Nội dung gửi lên không đúng dạng."), code="scoring.unreadable") from error
