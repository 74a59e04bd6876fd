"""What the mediator turns on the way, as the owner of a service declares it for an operation: codes of another edition of a
shared list, and text from before Unicode.

A rule says where a code stands, which edition the provider speaks and which one consumers do; requests are translated from the
consumers' to the provider's, answers the other way. What became of a code is what `foundation/codelists` says: publishing
writes it into a file for the mediator (:mod:`hienluong.services.mediation.translations`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import Act, InvalidInput, action
from hienluong.foundation.codelists import queries, snapshots
from hienluong.foundation.codelists.models import CodeList, Edition, Mapping
from hienluong.services.mediation import encodings, transforms, translations

from . import catalogue, describing, trying
from .models import CodeTally, Operation, Version

State = Version.State
_STATES = (State.DRAFT, State.TEST, State.PUBLISHED, State.DEPRECATED)
_NAME = re.compile(r"[A-Za-z_][\w-]{0,60}(?:\.[A-Za-z_][\w-]{0,60}){0,8}")
PLACES = {
    "answer": gettext_lazy("Trường của câu trả lời"),
    "body": gettext_lazy("Trường của nội dung gửi lên"),
    "query": gettext_lazy("Tham số sau dấu hỏi của địa chỉ"),
    "path": gettext_lazy("Tham số trong đường dẫn"),
}
SEVERAL = {
    "refuse": gettext_lazy("Từ chối, nói rõ trường nào"),
    "keep": gettext_lazy("Giữ mã cũ, có ghi chú"),
    "list": gettext_lazy("Đưa mọi mã, có ghi chú"),
    "main": gettext_lazy("Lấy mã chính mà danh mục chỉ rõ (không chỉ rõ thì từ chối), có ghi chú"),
}
MISSING = {
    "refuse": gettext_lazy("Từ chối, nói rõ trường nào"),
    "keep": gettext_lazy("Giữ mã cũ, có ghi chú"),
    "null": gettext_lazy("Để trống, có ghi chú"),
}
ENCODINGS = {
    "": gettext_lazy("Giữ nguyên"),
    "utf-8": gettext_lazy("Unicode, đưa về dạng dựng sẵn (NFC)"),
    "tcvn3": "TCVN3 (ABC)",
    "vni": "VNI",
}


@action("bus.operation.translate")
def add_rule(
    act: Act,
    *,
    operation: Operation,
    place: str,
    at: str,
    codelist: str,
    provider: str,
    consumer: str,
    several: str,
    missing: str,
) -> Operation:
    """Declare that codes at a place are translated between two editions of a list. Raises InvalidInput, at the field."""
    locked = _locked(act, operation)
    rules = list(locked.turning.get("translate", []))
    rule = {
        "in": place,
        "at": at.strip(),
        "list": codelist,
        "provider": provider,
        "consumer": consumer,
        "several": several,
        "missing": missing,
    }
    _check(locked, rule, rules)
    _keep(act, locked, {**locked.turning, "translate": [*rules, rule]}, _("Đổi mã: %(rule)s.") % {"rule": words(rule)})
    return locked


@action("bus.operation.translate_no_more")
def remove_rule(act: Act, *, operation: Operation, number: int) -> Operation:
    """Take a rule away, by its place in the list. Raises InvalidInput when there is none."""
    locked = _locked(act, operation)
    rules = list(locked.turning.get("translate", []))
    if not 0 <= number < len(rules):
        raise InvalidInput(_("Không có quy tắc này."))
    gone = rules.pop(number)
    _keep(act, locked, {**locked.turning, "translate": rules}, _("Thôi đổi mã: %(rule)s.") % {"rule": words(gone)})
    return locked


@action("bus.operation.encode")
def set_encoding(act: Act, *, operation: Operation, encoding: str) -> Operation:
    """Say in which encoding the provider writes Vietnamese; consumers get Unicode NFC. Empty: answers stay as they are."""
    if encoding not in ENCODINGS or (encoding and encoding not in encodings.READERS):
        raise InvalidInput(_("Không có bảng mã này."), field="encoding")
    locked = _locked(act, operation)
    told = {**locked.turning, "encoding": encoding}
    text = _("Bảng mã của câu trả lời: %(encoding)s.") % {"encoding": ENCODINGS[encoding]}
    _keep(act, locked, told, text)
    return locked


def _locked(act: Act, operation: Operation) -> Operation:
    """The operation, its version locked, for who declares services of its owner."""
    version = catalogue.locked(act, operation.version, *_STATES)
    found = Operation.objects.select_related("version").get(pk=operation.pk)
    found.version = version
    return found


def _keep(act: Act, operation: Operation, told: dict[str, Any], text: str) -> None:
    told = {name: value for name, value in told.items() if value}
    try:
        transforms.check(merged(None, told, directed(told)) or {})
    except transforms.BadTransform as problem:
        raise InvalidInput(_("Quy tắc này không thực hiện được (%(where)s).") % {"where": problem}) from None
    operation.turning = told
    operation.save(update_fields=("turning",))
    catalogue.step(act, operation.version, f"{operation.name}: {text}"[:1000])


def merged(
    transform: dict[str, Any] | None, turning: dict[str, Any], rules: list[dict[str, str]]
) -> dict[str, Any] | None:
    """What a description makes of the operation (SOAP to JSON, or nothing) together with what is declared beside it, as the
    mediator reads it; `rules`: those for codes, in their direction. None where nothing is turned."""
    made = dict(transform or {})
    if encoding := turning.get("encoding"):
        made["response"] = {**made.get("response", {}), "encoding": encoding}
    if rules:
        made["translate"] = rules
    return made or None


def _check_place(operation: Operation, rule: dict[str, str]) -> None:
    """Of bodies and queries: where the description says what there is, it must be among it."""
    described: list[str] = []
    if rule["in"] == "body":
        if operation.method in ("GET", "HEAD"):
            raise InvalidInput(_("Thao tác này không gửi nội dung."), field="place")
        described = describing.names_in(operation.request_schema)
    elif rule["in"] == "query":
        if operation.version.kind == Version.Kind.WSDL:
            raise InvalidInput(_("Dịch vụ SOAP chỉ có nội dung gửi lên và câu trả lời."), field="place")
        told = trying.parameters(describing.load(operation.version.document), operation)
        described = [one.name for one in told if one.place == "query"]
    if described and rule["at"] not in described:
        raise InvalidInput(_("Yêu cầu không có “%(name)s”.") % {"name": rule["at"][:80]}, field="at")


def _check(operation: Operation, rule: dict[str, str], rules: list[dict[str, str]]) -> None:
    if rule["in"] not in PLACES or rule["several"] not in SEVERAL or rule["missing"] not in MISSING:
        raise InvalidInput(_("Hãy chọn trong những điều có sẵn."), field="place")
    if len(rules) >= translations.MOST_RULES:
        raise InvalidInput(_("Nhiều nhất %(most)d quy tắc.") % {"most": translations.MOST_RULES}, field="at")
    if not _NAME.fullmatch(rule["at"]):
        raise InvalidInput(_("Tên gồm chữ không dấu, số, gạch dưới, chia bằng dấu chấm: items.ma_xa."), field="at")
    if rule["in"] == "answer" and operation.fields and rule["at"] not in operation.fields:
        raise InvalidInput(_("Câu trả lời không có trường “%(name)s”.") % {"name": rule["at"][:80]}, field="at")
    _check_place(operation, rule)
    if rule["in"] == "path" and f"{{{rule['at']}}}" not in operation.template:
        raise InvalidInput(_("Đường dẫn không có tham số “%(name)s”.") % {"name": rule["at"][:80]}, field="at")
    if rule["in"] in ("query", "path") and rule["missing"] == "null":
        raise InvalidInput(_("Tham số không để trống được: hãy chọn từ chối hoặc giữ mã cũ."), field="missing")
    if rule["in"] == "path" and rule["several"] == "list":
        raise InvalidInput(_("Đường dẫn chỉ mang một mã: hãy chọn cách khác."), field="several")
    if any((one["in"], one["at"]) == (rule["in"], rule["at"]) for one in rules):
        raise InvalidInput(_("Chỗ này đã có quy tắc."), field="at")
    known = Edition.objects.filter(codelist__code=rule["list"], code__in=(rule["provider"], rule["consumer"])).count()
    if rule["provider"] == rule["consumer"] or known != 2:
        raise InvalidInput(_("Hãy chọn hai ấn bản khác nhau của một danh mục."), field="editions")
    if not any(found.codes for found in queries.succession(rule["list"], rule["provider"], rule["consumer"]).values()):
        raise InvalidInput(_("Danh mục này không nói mã của ấn bản này thành mã nào của ấn bản kia."), field="editions")


def pairs() -> list[tuple[str, str]]:
    """What may be chosen: two editions of a list, that of the provider first; value and words."""
    mapped = set(Mapping.objects.values_list("source__edition__codelist__code", flat=True).distinct())
    found: list[tuple[str, str]] = []
    for one in queries.overview():
        if one.list.code not in mapped:
            continue
        codes = [each.code for each in reversed(one.editions)]
        for provider in codes:
            for consumer in codes:
                if provider != consumer:
                    told = {"list": one.list.label, "provider": provider, "consumer": consumer}
                    text = _("%(list)s: bên cung cấp dùng %(provider)s, bên khai thác dùng %(consumer)s") % told
                    found.append((f"{one.list.code}|{provider}|{consumer}", text))
    return found


def words(rule: dict[str, str]) -> str:
    """A rule in one line."""
    title = CodeList.objects.filter(code=rule["list"]).first()
    return _("%(at)s theo %(list)s, bên cung cấp dùng ấn bản %(provider)s, bên khai thác dùng %(consumer)s") % {
        "at": rule["at"],
        "list": title.label if title else rule["list"],
        "provider": rule["provider"],
        "consumer": rule["consumer"],
    }


def told(operation: Operation) -> list[str]:
    """What is turned on the way, for who calls the operation."""
    found = [
        _("%(place)s: %(rule)s. Khi một mã thành nhiều mã: %(several)s. Khi không có mã thay: %(missing)s.")
        % {
            "place": PLACES[rule["in"]],
            "rule": words(rule),
            "several": str(SEVERAL[rule["several"]]).lower(),
            "missing": str(MISSING[rule["missing"]]).lower(),
        }
        for rule in operation.turning.get("translate", [])
    ]
    encoding = operation.turning.get("encoding")
    if encoding in ENCODINGS and encoding:
        found.append(_("Chữ Việt đến bạn là Unicode NFC."))
    return found


#: What was done with a code that was not one to one, as the mediator counts it.
HOW = {
    "several-refused": gettext_lazy("thành nhiều mã, đã từ chối"),
    "several-kept": gettext_lazy("thành nhiều mã, giữ mã cũ"),
    "several-list": gettext_lazy("thành nhiều mã, đưa mọi mã"),
    "several-main": gettext_lazy("thành nhiều mã, lấy mã chính"),
    "missing-refused": gettext_lazy("không có mã thay, đã từ chối"),
    "missing-kept": gettext_lazy("không có mã thay, giữ mã cũ"),
    "missing-null": gettext_lazy("không có mã thay, để trống"),
}
#: Days that are counted on the page of an operation; days for which counts are kept, so that a year can be looked back on.
DAYS, KEPT = 30, 400


@dataclass(frozen=True)
class Tally:
    """So many codes at one place that were not translated one to one, in the last :data:`DAYS`."""

    name: str
    how: str  # in words
    codes: int


def tallies(operation: Operation) -> list[Tally]:
    """What could not be translated one to one lately, the most first; of all agreements together."""
    version = operation.version
    found = CodeTally.objects.filter(
        operation=f"{version.service.code}/v{version.major}/{operation.name}",
        day__gt=timezone.localdate() - timedelta(days=DAYS),
    )
    sums = found.values_list("name", "how").annotate(sum=Sum("codes")).order_by("-sum", "name", "how")[:50]
    return [Tally(name, str(HOW.get(how, how)), codes) for name, how, codes in sums]


def forget(now: datetime | None = None) -> int:
    """Delete the counts of days longer ago than :data:`KEPT`; how many rows there were."""
    today = timezone.localdate(now)
    return CodeTally.objects.filter(day__lt=today - timedelta(days=KEPT)).delete()[0]


def directed(turning: dict[str, Any]) -> list[dict[str, str]]:
    """The rules for codes as the mediator follows them: from which edition to which."""
    return [_directed(rule) for rule in turning.get("translate", [])]


def _directed(rule: dict[str, str]) -> dict[str, str]:
    ways = (rule["provider"], rule["consumer"])
    start, end = ways if rule["in"] == "answer" else ways[::-1]
    kept = {name: rule[name] for name in ("in", "at", "list", "several", "missing")}
    return {**kept, "from": start, "to": end}


def table(name: str, start: str, end: str) -> bytes:
    """What became of every code of an edition, as the mediator reads it. Raises NotFound for an edition that is no longer
    there: nothing is let through untranslated."""
    which = queries.edition(name, start).pk, queries.edition(name, end).pk
    return _table((snapshots.revision(), *which), name, start, end)


@lru_cache(maxsize=32)
def _table(_as_of: tuple[int, ...], name: str, start: str, end: str) -> bytes:
    """`_as_of`: which state of which editions; one answer for it, however often something else is published."""
    became = queries.succession(name, start, end)
    shape = {
        "list": name,
        "from": start,
        "to": end,
        "codes": {value: found.codes for value, found in became.items()},
        "main": {value: found.main for value, found in became.items() if found.main and len(found.codes) > 1},
    }
    return json.dumps(shape, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
