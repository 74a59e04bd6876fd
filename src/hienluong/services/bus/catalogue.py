"""The catalogue: services of organisations, their versions and how these live, from draft to retired.

Ground: NĐ 278/2025/NĐ-CP (data of agencies is shared as services that are described, published and kept up).
A version that others use changes only so that what they were promised stays.
"""

from __future__ import annotations

import logging
import re
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.agreements import one_line
from hienluong.foundation.actions import Act, DomainError, InvalidInput, action
from hienluong.foundation.organisations.models import Organization

from . import describing, routing, upstreams
from .announce import PROVIDE
from .models import Operation, Service, ServiceAgreement, Version, VersionStep

#: Who was refused what: one line each.
refusals = logging.getLogger("hienluong.refused")

State = Version.State
_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
#: Seconds that the gateway waits for a provider, and tries again.
MOST_TIMEOUT, MOST_RETRIES = 60, 3
#: From which state a version comes to which.
_FROM = {
    State.TEST: (State.DRAFT,),
    State.PUBLISHED: (State.DRAFT, State.TEST, State.DEPRECATED),
    State.DEPRECATED: (State.PUBLISHED, State.DEPRECATED),
    State.RETIRED: (State.TEST, State.PUBLISHED, State.DEPRECATED),
}


class WrongState(DomainError):
    """What is asked does not follow from what the version is now."""

    code = "bus.version_state"


class Breaks(DomainError):
    """A description takes away what others use: it needs another major version."""

    code = "bus.breaking_change"
    status = 422


@action("bus.service.register")
def register(
    act: Act,
    *,
    owner: Organization,
    code: str,
    title: str,
    data: str,
    contact_name: str,
    contact_email: str,
    title_en: str = "",
    description: str = "",
    personal: bool = False,
    level: str = "",
) -> Service:
    """Enter a service of an organisation into the catalogue; `code` is part of its address and stays for good.

    Raises InvalidInput, at the field.
    """
    act.require(PROVIDE, owner.path)
    code = code.strip().lower()
    if not _CODE.fullmatch(code) or len(code) > 40:
        raise InvalidInput(_("Mã gồm chữ thường, số và dấu gạch nối, ví dụ gia-dat."), field="code")
    if Service.objects.filter(code=code).exists():
        raise InvalidInput(_("Đã có dịch vụ mang mã này."), field="code")
    told = _told(title, title_en, data, contact_name, contact_email, description, level)
    made = Service.objects.create(owner=owner, code=code, personal=personal, **told)
    act.record(made, after={"code": code, "title": made.title, "personal": personal}, organization_id=owner.pk)
    act.emit("bus.service_registered", made, {"code": code, "owner": owner.code})
    return made


@action("bus.service.change")
def change(
    act: Act,
    *,
    service: Service,
    title: str,
    data: str,
    contact_name: str,
    contact_email: str,
    title_en: str = "",
    description: str = "",
    personal: bool = False,
    level: str = "",
) -> Service:
    """Say other things of a service: its name, its people, what it carries, what is promised. Its code stays."""
    locked = Service.objects.select_for_update(of=("self",)).select_related("owner").get(pk=service.pk)
    act.require(PROVIDE, locked.owner.path)
    told = _told(title, title_en, data, contact_name, contact_email, description, level)
    told["personal"] = personal
    _put(act, locked, told, locked.owner_id)
    act.emit("bus.service_changed", locked, {"code": locked.code})
    return locked


def _put(act: Act, row: Service | Version, told: dict[str, Any], owner: int) -> None:
    """Keep what is said now; on record is what of it changed."""
    before = {name: getattr(row, name) for name, value in told.items() if getattr(row, name) != value}
    for name, value in told.items():
        setattr(row, name, value)
    row.save(update_fields=list(told))
    act.record(row, before=before, after={name: told[name] for name in before}, organization_id=owner)


def _told(
    title: str, title_en: str, data: str, contact_name: str, contact_email: str, description: str, level: str
) -> dict[str, Any]:
    try:
        validate_email(contact_email)
    except ValidationError:
        raise InvalidInput(_("Địa chỉ thư điện tử không đúng."), field="contact_email") from None
    return {
        "title": _said(title, "title", 200),
        "title_en": one_line(title_en)[:200],
        "data": _said(data, "data", 500),
        "contact_name": _said(contact_name, "contact_name", 120),
        "contact_email": contact_email,
        "description": description.replace("\x00", "").strip()[:2000],
        "level": one_line(level)[:300],
    }


@action("bus.version.add")
def add_version(
    act: Act,
    *,
    service: Service,
    document: str,
    upstream: str = "",
    sandbox: str = "",
    timeout: int = 10,
    retries: int = 0,
    whole: bool = False,
) -> Version:
    """Begin the next major version of a service from its description (OpenAPI or WSDL); a draft, that nobody calls yet."""
    locked = Service.objects.select_for_update(of=("self",)).select_related("owner").get(pk=service.pk)
    act.require(PROVIDE, locked.owner.path)
    described = describing.read(document)
    newest = Version.objects.filter(service=locked).order_by("-major").values_list("major", flat=True).first() or 0
    made = Version.objects.create(
        service=locked,
        major=newest + 1,
        kind=described.kind,
        document=document,
        number=described.number,
        **_served(act, upstream, sandbox, timeout, retries, whole),
    )
    Operation.objects.bulk_create(_operation(made, one) for one in described.operations)
    _step(act, made, _("Bản nháp từ mô tả %(number)s.") % {"number": described.number or "—"})
    return made


@action("bus.service.declare")
def declare(
    act: Act,
    *,
    owner: Organization,
    code: str,
    title: str,
    data: str,
    contact_name: str,
    contact_email: str,
    document: str,
    upstream: str = "",
    sandbox: str = "",
    title_en: str = "",
    description: str = "",
    personal: bool = False,
    level: str = "",
) -> Version:
    """Enter a service together with its first version, or neither (:func:`register`, :func:`add_version`)."""
    made = register(
        act,
        owner=owner,
        code=code,
        title=title,
        data=data,
        contact_name=contact_name,
        contact_email=contact_email,
        title_en=title_en,
        description=description,
        personal=personal,
        level=level,
    )
    return add_version(act, service=made, document=document, upstream=upstream, sandbox=sandbox)


@action("bus.version.describe")
def describe(act: Act, *, version: Version, document: str, text: str = "") -> Version:
    """Another description of the same version. Once others may use it, nothing that they use may go.

    `text` says what is new; engineers read it. Raises Breaks with what would go.
    """
    locked = _locked(act, version, State.DRAFT, State.TEST, State.PUBLISHED, State.DEPRECATED)
    described = describing.read(document)
    known = {one.name: one for one in locked.operations.all()}
    if locked.state in (State.PUBLISHED, State.DEPRECATED):
        _keep_promises(known, described)
    locked.operations.all().delete()  # agreements name operations; nothing else refers to them
    made = [_operation(locked, one) for one in described.operations]
    for one in made:
        one.turning = known[one.name].turning if one.name in known else {}
    Operation.objects.bulk_create(made)
    locked.kind, locked.document, locked.number = described.kind, document, described.number
    locked.save(update_fields=("kind", "document", "number"))
    _step(act, locked, one_line(text)[:1000] or _("Mô tả mới."))
    return locked


def _keep_promises(known: dict[str, Operation], described: describing.Description) -> None:
    wanted = {one.name: one for one in described.operations}
    gone: list[str] = []
    for name, before in known.items():
        after = wanted.get(name)
        if after is None or (after.method, after.template) != (before.method, before.template):
            gone.append(name)
            continue
        gone += [f"{name}: {lost}" for lost in before.fields if lost not in after.fields]
        if before.person_pointer and not after.person_pointer:
            gone.append(f"{name}: {describing.PERSON}")
    if gone:
        raise Breaks(
            _("Bên khai thác đang dùng những gì mô tả mới bỏ đi (%(what)s). Hãy thêm phiên bản mới của dịch vụ.")
            % {"what": ", ".join(gone[:5])},
            field="document",
        )


@action("bus.version.serve")
def serve(
    act: Act,
    *,
    version: Version,
    upstream: str = "",
    sandbox: str = "",
    timeout: int = 10,
    retries: int = 0,
    whole: bool = False,
    canary: str = "",
    canary_percent: int = 0,
    mirror: str = "",
    cache: int = 0,
    at_once: int = 1024,
    failures: int = 10,
    rest: int = 5,
    websocket: bool = False,
    grpc: bool = False,
) -> Version:
    """Say where a version is served, how long the gateway waits for it, how often it tries again (what only reads).

    What the gateway may do beside (:class:`.routing.Routing`): a part of the calls to a new server, copies to a mirror,
    answers kept so many seconds, when it leaves a provider alone and for how long, protocols that pass unread.
    """
    locked = _locked(act, version, State.DRAFT, State.TEST, State.PUBLISHED, State.DEPRECATED)
    said = routing.Routing(canary, canary_percent, mirror, cache, at_once, failures, rest, websocket, grpc)
    told = _served(act, upstream, sandbox, timeout, retries, whole)
    _check_addresses(act, canary=said.canary, mirror=said.mirror)
    told["routing"] = routing.checked(locked.service, upstream, said, whole=whole)
    _require_place(locked.state, told["upstream"], told["sandbox"])
    _put(act, locked, told, locked.service.owner_id)
    act.emit("bus.version_served", locked, _about(locked))
    return locked


def _served(act: Act, upstream: str, sandbox: str, timeout: int, retries: int, whole: bool) -> dict[str, Any]:
    _check_addresses(act, upstream=upstream, sandbox=sandbox)
    if not 1 <= timeout <= MOST_TIMEOUT:
        raise InvalidInput(_("Thời gian chờ từ 1 đến %(most)d giây.") % {"most": MOST_TIMEOUT}, field="timeout")
    if not 0 <= retries <= MOST_RETRIES:
        raise InvalidInput(_("Thử lại từ 0 đến %(most)d lần.") % {"most": MOST_RETRIES}, field="retries")
    return {"upstream": upstream, "sandbox": sandbox, "timeout": timeout, "retries": retries, "whole": whole}


def _check_addresses(act: Act, **named: str) -> None:
    for name, address in named.items():
        if address and (wrong := upstreams.fault(address)):
            refusals.warning(
                "account %s of organisation %s was refused the address of a provider %r",
                act.actor.account_id or "-",
                act.actor.organization_id or "-",
                address.rpartition("@")[2][: upstreams.MOST],
            )
            raise InvalidInput(wrong, code="bus.bad_address", field=name)


def _require_place(state: str, upstream: str, sandbox: str) -> None:
    if state in (State.PUBLISHED, State.DEPRECATED) and not upstream:
        raise InvalidInput(_("Cần địa chỉ nơi dịch vụ chạy."), field="upstream")
    if state == State.TEST and not (upstream or sandbox):
        raise InvalidInput(_("Cần địa chỉ nơi dịch vụ chạy hoặc chạy thử."), field="sandbox")


@action("bus.version.to_test")
def to_test(act: Act, *, version: Version, text: str = "") -> Version:
    """Let others see a version and ask for it; what they call meanwhile is the sandbox, where there is one."""
    return _become(act, version, State.TEST, text)


@action("bus.version.publish")
def publish(act: Act, *, version: Version, text: str = "") -> Version:
    """Bring a version out; one that was to be stopped is so kept."""
    return _become(act, version, State.PUBLISHED, text)


@action("bus.version.deprecate")
def deprecate(act: Act, *, version: Version, retires_on: date, text: str = "") -> Version:
    """Say that a version will be gone from `retires_on` on. It is called as before until then."""
    if retires_on <= timezone.localdate():
        raise InvalidInput(_("Ngày ngừng phải ở sau hôm nay."), field="retires_on")
    if retires_on == date.max:
        raise InvalidInput(_("Ngày này không dùng được."), field="retires_on")
    return _become(act, version, State.DEPRECATED, text, retires_on=retires_on)


@action("bus.version.retire")
def retire(act: Act, *, version: Version, text: str) -> Version:
    """End a version now: nothing of it passes the gateway any more. Needs a reason."""
    if not one_line(text):
        raise InvalidInput(_("Hãy ghi lý do."), field="text")
    return _become(act, version, State.RETIRED, text)


def _become(act: Act, version: Version, state: str, text: str, *, retires_on: date | None = None) -> Version:
    locked = _locked(act, version, *_FROM[State(state)])
    _require_place(state, locked.upstream, locked.sandbox)
    locked.state, locked.retires_on = state, retires_on
    locked.save(update_fields=("state", "retires_on"))
    _step(act, locked, one_line(text)[:1000])
    return locked


def locked(act: Act, version: Version, *states: str) -> Version:
    """A version, locked, for what else may be declared of it in one of these states; raises NotAllowed, WrongState."""
    return _locked(act, version, *states)


def step(act: Act, version: Version, text: str) -> None:
    """Write down what became of a version: in its life, in the audit log, as an event."""
    _step(act, version, text)


def _locked(act: Act, version: Version, *states: str) -> Version:
    """The version, locked, for who declares services of its owner; only in one of `states` it can be changed so."""
    found = Version.objects.select_for_update(of=("self",)).select_related("service__owner")
    locked = found.get(pk=version.pk)
    act.require(PROVIDE, locked.service.owner.path)
    if locked.state not in states:
        raise WrongState(_("Phiên bản đang ở trạng thái “%(state)s”.") % {"state": locked.get_state_display()})
    return locked


def _operation(version: Version, one: describing.Described) -> Operation:
    return Operation(
        version=version,
        name=one.name,
        method=one.method,
        template=one.template,
        title=one.title,
        fields=one.fields,
        person_pointer=one.person_pointer,
        request_schema=one.request_schema,
        response_schema=one.response_schema,
    )


def _step(act: Act, version: Version, text: str) -> None:
    VersionStep.objects.create(
        version=version,
        state=version.state,
        number=version.number,
        account_id=act.actor.account_id,
        label=act.actor.label[:200],
        text=text,
    )
    act.record(
        version,
        after={"state": version.state, "number": version.number, **_until(version)},
        organization_id=version.service.owner_id,
        note=text[:500],
    )
    act.emit(f"bus.version.{version.state}", version, {**_about(version), **_until(version)})


def _until(version: Version) -> dict[str, str]:
    return {"retires_on": version.retires_on.isoformat()} if version.retires_on else {}


def _about(version: Version) -> dict[str, Any]:
    return {"service": version.service.code, "major": version.major}


def users_of(version: Version) -> int:
    """How many agreements in force, or waiting, would end with a version."""
    open_ = (ServiceAgreement.State.REQUESTED, ServiceAgreement.State.APPROVED, ServiceAgreement.State.SUSPENDED)
    return version.agreements.filter(state__in=open_, valid__endswith__gt=timezone.localdate()).count()


def _said(text: str, field: str, most: int) -> str:
    tidy = one_line(text)
    if not tidy:
        raise InvalidInput(_("Phải điền mục này."), field=field)
    return tidy[:most]
