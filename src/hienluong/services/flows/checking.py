"""Whether a flow can be run: the operations that it calls are there, and its owner has agreements on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from hienluong.capabilities.registers.models import Agreement
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.positions import Fault
from hienluong.services.bus import by_themselves
from hienluong.services.bus.models import Operation, ServiceAgreement, Version

from .language import REPEATABLE, Call, Faults, Flow

_OPEN = (Version.State.TEST, Version.State.PUBLISHED, Version.State.DEPRECATED)
_PLACES = re.compile(r"{([^}]*)}")
_WITH_BODY = frozenset(("POST", "PUT", "PATCH"))


def operations(flow: Flow, caller: Organization) -> dict[str, Any]:
    """What a flow calls, as a run needs to know it: method, template and timeout by place.

    `caller`: whose system calls. Raises :class:`Faults`, each at the line of its call.
    """
    found: dict[str, Any] = {}
    faults: list[Fault] = []
    for call in flow.calls():
        told, words = _found(call, caller)
        if told:
            found[call.place] = told
            words = words or next(_misfits(call, told), "")
        if words:
            faults.append(Fault("dòng", call.line, words))
    if faults:
        raise Faults(faults)
    return found


def _found(call: Call, caller: Organization) -> tuple[dict[str, Any], str]:
    """The operation of a call, and what keeps its owner from calling it; one of the two may be empty."""
    if call.service.startswith(by_themselves.PREFIX):
        return _of_register(call, caller)
    version = Version.objects.filter(service__code=call.service, major=call.major, state__in=_OPEN).first()
    if version is None:
        return {}, f"không có dịch vụ “{call.service}” v{call.major} đang cung cấp"
    operation = Operation.objects.filter(version=version, name=call.operation).first()
    if operation is None:
        return {}, f"dịch vụ “{call.service}” không có thao tác “{call.operation}”"
    told = {"method": operation.method, "template": operation.template, "timeout": version.timeout}
    agreement = ServiceAgreement.objects.filter(code=call.agreement, version=version).select_related("consumer").first()
    if agreement is None or not caller.path.startswith(agreement.consumer.path):
        return told, f"không có thỏa thuận “{call.agreement}” của cơ quan mình với dịch vụ này"
    if agreement.state != ServiceAgreement.State.APPROVED or agreement.valid.upper <= timezone.localdate():
        return told, f"thỏa thuận “{call.agreement}” chưa hoặc không còn hiệu lực"
    if call.operation not in agreement.fields:
        return told, f"thỏa thuận “{call.agreement}” không có thao tác “{call.operation}”"
    if call.repeatable is False and operation.method in REPEATABLE and version.retries:
        return told, "cổng kết nối tự gọi lại thao tác này khi nơi cung cấp lỗi, nên không đặt “repeatable: false” được"
    return told, ""


def _of_register(call: Call, caller: Organization) -> tuple[dict[str, Any], str]:
    operation = next((one for one in by_themselves.OPERATIONS if one.name == call.operation), None)
    agreement = Agreement.objects.filter(code=call.agreement).select_related("consumer", "register").first()
    if operation is None or call.major != by_themselves.MAJOR:
        return {}, f"dịch vụ “{call.service}” không có thao tác “{call.operation}” ở v{call.major}"
    told = {"method": operation.method, "template": operation.template, "timeout": by_themselves.TIMEOUT}
    if (
        agreement is None
        or by_themselves.code_of(agreement.register.code) != call.service
        or not caller.path.startswith(agreement.consumer.path)
    ):
        return told, f"không có thỏa thuận “{call.agreement}” của cơ quan mình với dịch vụ này"
    if agreement.state != Agreement.State.APPROVED or agreement.valid.upper <= timezone.localdate():
        return told, f"thỏa thuận “{call.agreement}” chưa hoặc không còn hiệu lực"
    return told, ""


def _misfits(call: Call, told: dict[str, Any]) -> Iterator[str]:
    missing = sorted(set(_PLACES.findall(told["template"])) - set(call.parameters))
    if missing:
        yield f"thiếu tham số “{missing[0]}” của địa chỉ {told['template']}"
    if call.has_body and told["method"] not in _WITH_BODY:
        yield f"thao tác {told['method']} không nhận “body”"
