"""The SCIM endpoints: one frame for all of them says who asks, what is wrong, and which version was meant."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.http import parse_etags
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from pydantic import ValidationError
from scim2_models import (
    Context,
    Error,
    ForbiddenException,
    InvalidValueException,
    ListResponse,
    NotFoundException,
    NotImplementedException,
    PatchOp,
    PreconditionFailedException,
    ResourceType,
    ResponseParameters,
    Schema,
    SCIMException,
    SearchRequest,
    UnauthorizedException,
)

from hienluong.foundation.actions import Actor, DomainError, InvalidInput
from hienluong.foundation.identity import limits
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations.models import Official
from hienluong.foundation.sso.models import System

from . import directories, filtering, groups, stamps, users
from .resources import MOST, PROVIDER, OfficialUser, UnitGroup

TYPE = "application/scim+json"
#: Requests of one system in a minute: a whole province in a quarter of an hour.
A_MINUTE = 600
#: Where no list of ours goes on.
FURTHEST = 10**9
#: A body larger than this is no user and no group of ours.
LARGEST = 1024 * 1024


@dataclass(frozen=True)
class Call:
    """One request of a system."""

    request: HttpRequest
    actor: Actor
    system: System

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the system is registered."""
        return self.actor.paths_with(organisations.APPOINT)


View = Callable[..., HttpResponse]


def endpoint(*methods: str) -> Callable[[View], View]:
    """Let in systems with a directory; answer what is wrong as RFC 7644, 3.12 says."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def run(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            try:
                if request.method not in methods:
                    return _error(Error(status=405, detail="The method is not offered here."))
                return view(_call(request), **kwargs)
            except ValidationError as error:
                return _error(Error.from_validation_error(error.errors()[0]))
            except SCIMException as error:
                return _error(error.to_error())
            except DomainError as error:
                return _error(_refused(error))
            except DataError:  # longer than its column, or further than a number reaches
                return _error(Error(status=400, scim_type="invalidValue", detail="A value is too long or too large."))
            except IntegrityError:
                return _error(
                    Error(status=409, scim_type="uniqueness", detail="Somebody else wrote the same meanwhile.")
                )

        wrapped: View = csrf_exempt(never_cache(run))
        return wrapped

    return decorate


def _call(request: HttpRequest) -> Call:
    directory = directories.caller(request)
    if directory is None:
        raise UnauthorizedException
    if limits.too_many("scim", str(directory.pk), limit=A_MINUTE, seconds=60):
        raise SCIMException.from_error(Error(status=429, detail="Too many requests. Wait a minute."))
    return Call(request, directories.actor_of(directory, request), directory.system)


def _refused(error: DomainError) -> Error:
    """A rule of ours said no."""
    if error.status == 403:
        return Error(status=403, detail=str(error.message))
    if error.status == 404:
        return Error(status=400, scim_type="invalidValue", detail=str(error.message))
    if error.code.endswith(("_taken", "has_account", "position_overlaps")):
        return Error(status=409, scim_type="uniqueness", detail=str(error.message))
    if isinstance(error, InvalidInput):
        return Error(status=400, scim_type="invalidValue", detail=str(error.message))
    return Error(status=409, detail=str(error.message))


def _error(error: Error) -> HttpResponse:
    response = _json(error.model_dump(), status=int(error.status or 400))
    if response.status_code == 401:
        response["WWW-Authenticate"] = 'Bearer realm="scim", scope="scim"'
    return response


def _json(data: Any, status: int = 200) -> HttpResponse:
    return JsonResponse(data, status=status, content_type=TYPE)


@endpoint("GET", "POST")
def user_list(call: Call) -> HttpResponse:
    """All officials that the system sees, or a new one."""
    if call.request.method == "GET":
        asked = SearchRequest[OfficialUser].model_validate(call.request.GET.dict())
        return _users(call, asked, Context.RESOURCE_QUERY_RESPONSE)
    wanted: Any = ResponseParameters.model_validate(call.request.GET.dict())
    user = OfficialUser.model_validate_json(_body(call.request), scim_ctx=Context.RESOURCE_CREATION_REQUEST)
    official = users.create(call.actor, system=call.system, user=user)
    made = _shown(call, official.pk)
    response = _json(
        made.model_dump(scim_ctx=Context.RESOURCE_CREATION_RESPONSE, response_parameters=wanted), status=201
    )
    return _versioned(response, made)


@endpoint("POST")
def user_search(call: Call) -> HttpResponse:
    """The same query, asked in the body so that no names stand in logs of addresses (RFC 7644, 3.4.3)."""
    asked = SearchRequest[OfficialUser].model_validate_json(_body(call.request), scim_ctx=Context.SEARCH_REQUEST)
    return _users(call, asked, Context.SEARCH_RESPONSE)


def _users(call: Call, asked: Any, context: Any) -> HttpResponse:
    seen = directories.officials(call.actor, call.system)
    found = users.loaded(seen, call.system)
    if asked.filter:
        found = found.filter(
            filtering.condition(asked.filter, lambda: stamps.of(seen.select_related("account")))
        ).distinct()
    total, start, rows = _page(found.order_by(*filtering.order(asked)), asked, found.count)
    answer = ListResponse[OfficialUser](
        total_results=total,
        start_index=start + 1,
        items_per_page=len(rows),
        resources=users.listed(rows, call.paths),
    )
    return _json(answer.model_dump(scim_ctx=context, response_parameters=asked))


def _page(rows: Any, asked: Any, count: Callable[[], int]) -> tuple[int, int, list[Any]]:
    """How many there are, where the page begins (from 0), and its rows."""
    start = min(asked.start_index_0 or 0, FURTHEST)
    most = MOST if asked.count is None else max(0, min(asked.count, MOST))
    return count(), start, list(rows[start : start + most])


@endpoint("GET", "PUT", "PATCH", "DELETE")
def user(call: Call, pk: str) -> HttpResponse:
    """One official."""
    return _one(call, _Users(call), pk)


@endpoint("GET", "POST")
def group_list(call: Call) -> HttpResponse:
    """All units and roles that the system sees."""
    if call.request.method == "POST":
        raise NotImplementedException(detail="Units are set up by decision, roles by the province.")
    asked = SearchRequest[UnitGroup].model_validate(call.request.GET.dict())
    return _groups(call, asked, Context.RESOURCE_QUERY_RESPONSE)


@endpoint("POST")
def group_search(call: Call) -> HttpResponse:
    """The same query, asked in the body."""
    asked = SearchRequest[UnitGroup].model_validate_json(_body(call.request), scim_ctx=Context.SEARCH_REQUEST)
    return _groups(call, asked, Context.SEARCH_RESPONSE)


def _groups(call: Call, asked: Any, context: Any) -> HttpResponse:
    found = groups.units(call.actor)
    if asked.filter:  # some hundreds at most, and their members only when they are asked for
        members = groups.members_of(found) if "members" in str(asked.filter).lower() else {}
        found = [unit for unit in found if asked.filter.match(groups.shown(unit, members.get(unit.key, [])))]
    if asked.sort_by:
        by_key = {unit.key: unit for unit in found}
        found = [by_key[group.id] for group in asked.sort([groups.shown(unit, []) for unit in found])]
    total, start, page = _page(found, asked, lambda: len(found))
    members = groups.members_of(page)
    answer = ListResponse[UnitGroup](
        total_results=total,
        start_index=start + 1,
        items_per_page=len(page),
        resources=[groups.shown(unit, members[unit.key]) for unit in page],
    )
    return _json(answer.model_dump(scim_ctx=context, response_parameters=asked))


@endpoint("GET", "PUT", "PATCH", "DELETE")
def group(call: Call, key: str) -> HttpResponse:
    """One unit, or one role in a unit."""
    if call.request.method == "DELETE":
        raise NotImplementedException(detail="Units end by decision.")
    return _one(call, _Groups(call), key)


class _Users:
    """How one official is read and written."""

    model: Any = OfficialUser

    def __init__(self, call: Call) -> None:
        self.call = call

    def find(self, key: str) -> Official:
        seen = directories.officials(self.call.actor, self.call.system)
        found = seen.filter(pk=int(key)).first() if key.isascii() and key.isdigit() and len(key) < 18 else None
        if found is None:
            raise NotFoundException
        return Official.objects.select_for_update().get(pk=found.pk)

    def shown(self, found: Official) -> Any:
        return _shown(self.call, found.pk)

    def write(self, found: Official, wanted: Any, before: Any) -> None:
        users.replace(self.call.actor, system=self.call.system, official=found, user=wanted, before=before)

    def delete(self, found: Official) -> None:
        users.delete(self.call.actor, system=self.call.system, official=found)


class _Groups:
    """How one unit is read and written."""

    model: Any = UnitGroup

    def __init__(self, call: Call) -> None:
        self.call = call

    def find(self, key: str) -> groups.Unit:
        found = next((unit for unit in groups.units(self.call.actor) if unit.key == key), None)
        if found is None:
            raise NotFoundException
        return found

    def shown(self, found: groups.Unit) -> Any:
        return groups.shown(found, groups.members_of([found])[found.key])

    def write(self, found: groups.Unit, wanted: Any, before: Any) -> None:
        groups.replace(self.call.actor, unit=found, group=wanted, system=self.call.system)

    def delete(self, found: groups.Unit) -> None:
        raise ForbiddenException


def _one(call: Call, kind: Any, key: str) -> HttpResponse:
    """Read, replace, change or remove one resource, if it is still the version that was meant (RFC 7644, 3.14)."""
    asked: Any = ResponseParameters.model_validate(call.request.GET.dict())
    with transaction.atomic():
        found: Any = kind.find(key)
        before = kind.shown(found)
        if call.request.method == "GET":
            if before.meta.version in parse_etags(call.request.headers.get("If-None-Match", "")):
                return _versioned(HttpResponse(status=304), before)
            return _versioned(_answer(before, Context.RESOURCE_QUERY_RESPONSE, asked), before)
        meant = call.request.headers.get("If-Match", "")
        if meant and meant.strip() != "*" and before.meta.version not in parse_etags(meant):
            raise PreconditionFailedException
        if call.request.method == "DELETE":
            kind.delete(found)
            return HttpResponse(status=204)
        if call.request.method == "PUT":
            wanted = kind.model.model_validate_json(_body(call.request), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)
            wanted.replace(before)
            context = Context.RESOURCE_REPLACEMENT_RESPONSE
        else:
            change = PatchOp[kind.model].model_validate_json(
                _body(call.request), scim_ctx=Context.RESOURCE_PATCH_REQUEST
            )
            wanted = before.model_copy(deep=True)
            change.patch(wanted)
            context = Context.RESOURCE_PATCH_RESPONSE
        kind.write(found, wanted, before)
        after = kind.shown(kind.find(key))
        return _versioned(_answer(after, context, asked), after)


def _answer(resource: Any, context: Any, asked: Any) -> HttpResponse:
    return _json(resource.model_dump(scim_ctx=context, response_parameters=asked))


def _versioned(response: HttpResponse, resource: Any) -> HttpResponse:
    response["ETag"] = resource.meta.version
    if response.status_code == 201:
        response["Location"] = resource.meta.location
    return response


def _shown(call: Call, pk: int) -> Any:
    (shown,) = users.listed([users.loaded(Official.objects.filter(pk=pk), call.system).get()], call.paths)
    return shown


def _body(request: HttpRequest) -> bytes:
    if len(request.body) > LARGEST:
        raise SCIMException.from_error(Error(status=413, detail="The body is too large."))
    if b"\0" in request.body or b"\\u0000" in request.body:
        raise InvalidValueException(detail="The character NUL stands in no value.")
    return request.body


@endpoint("GET", "POST", "PUT", "PATCH", "DELETE")
def not_offered(call: Call) -> HttpResponse:
    """Bulk operations, ``/Me`` (a system is nobody's self) and searches over all kinds at once (RFC 7644, 3.12: 501)."""
    raise NotImplementedException(detail="This is not offered here; see /ServiceProviderConfig.")


@endpoint("GET", "POST", "PUT", "PATCH", "DELETE")
def unknown(call: Call, rest: str) -> HttpResponse:
    """Any other address below: said as a system reads it."""
    raise NotFoundException


@endpoint("GET")
def configuration(call: Call) -> HttpResponse:
    """What is offered (RFC 7643, 5)."""
    return _json(PROVIDER.config.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))


@endpoint("GET")
def schemas(call: Call, key: str = "") -> HttpResponse:
    """The attributes of what is offered (RFC 7643, 7)."""
    return _described(call, Schema, PROVIDER.schemas, key)


@endpoint("GET")
def resource_types(call: Call, key: str = "") -> HttpResponse:
    """The kinds of what is offered (RFC 7643, 6)."""
    return _described(call, ResourceType, PROVIDER.resource_types, key)


def _described(call: Call, model: Any, all_of_them: Any, key: str) -> HttpResponse:
    if "filter" in call.request.GET:  # RFC 7644, 4
        raise ForbiddenException(detail="What is offered cannot be filtered.")
    rows = list(all_of_them)
    if key:
        found = next((row for row in rows if row.id == key), None)
        if found is None:
            raise NotFoundException
        return _json(found.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))
    answer = ListResponse[model](total_results=len(rows), start_index=1, items_per_page=len(rows), resources=rows)
    return _json(answer.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))
