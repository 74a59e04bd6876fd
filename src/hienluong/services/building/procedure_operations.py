"""Operations on a procedure: what it is, how it is filed, its process, its result, what it writes into registers.

Each takes the procedure as its file says it and gives a new one; the operations on its form are in `form_operations`.
What a definition begins with is in Vietnamese whatever the builder reads: it is what people and papers will say.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from hienluong.foundation.schemas import expressions
from hienluong.foundation.schemas.faults import words
from hienluong.services.procedures.checks import CONTEXT_NAMES, EFFECT_NAMES
from hienluong.services.procedures.spec import Effect, ProcedureSpec

from .form_names import reads
from .form_operations import new_form
from .form_shape import Definition, fields_of
from .process_sequence import Step, usual
from .schema_operations import fault
from .yaml_text import put

ORDER = tuple(field.alias or name for name, field in ProcedureSpec.model_fields.items())
CODE = re.compile(r"\d\.\d{6}(\.[A-Z0-9.]+)?")
CHANNELS = ("online", "counter", "post")
UNITS = ("working_day", "working_hour", "calendar_day")
_PART_ORDER = {
    "papers": "code name originals copies required when source form_code note".split(),
    "charges": "code name kind due table legal_basis text".split(),
    "legal_basis": "number title issued_on agency articles status effective_from effective_to note".split(),
    "results": "code name template number_suffix valid_months schema rules".split(),
    "effects": "register kind when key since through set number expires reason".split(),
}
#: What a procedure gives until somebody says it.
BEGUN_RESULT = {"code": "giay", "name": "Giấy chứng nhận", "template": "", "number_suffix": "GCN"}
#: Lists of a procedure that are worked on item by item, and what must be said of each.
_NEEDED = {"papers": ("code", "name"), "charges": ("code", "name", "legal_basis"), "legal_basis": ("number", "title")}


def new_procedure(
    *,
    code: str,
    name: str,
    field_code: str,
    field_name: str,
    sector: str,
    level: str,
    key: str,
    basis: str,
    basis_title: str,
    effective_from: date,
) -> dict[str, Any]:
    """A procedure that can be filed at once: a form of one page, three steps, three working days, a paper as result."""
    if not CODE.fullmatch(code):
        raise fault(_("Mã thủ tục gồm một chữ số, dấu chấm và sáu chữ số, ví dụ 8.000001."), "code")
    stem = template_name(code)
    term = {"amount": 3, "unit": "working_day", "text": "03 ngày làm việc kể từ ngày nhận đủ hồ sơ"}
    agency = {"level": level, **({"key": key} if key else {})}
    return {
        "code": code,
        "name": name,
        "field": {"code": field_code, "name": field_name},
        "sector": sector,
        "online_level": "full",
        "agency": agency,
        "applicants": ["citizen"],
        "summary": name,
        "steps": steps_told(usual("receive", "review", "sign", "return_result")),
        "ways": [{"channel": channel, "deadlines": [dict(term)]} for channel in ("online", "counter")],
        "papers": [
            {"code": "application", "name": "Đơn đề nghị", "originals": 1, "source": "form", "form_code": "don"}
        ],
        "results": [{**BEGUN_RESULT, "template": f"results/{stem}.html"}],
        "legal_basis": [{"number": basis, "title": basis_title}],
        "effective_from": effective_from,
        "process": {"model": "single_agency", "params": {"head_review": False}},
        "form": new_form("don", "Đơn đề nghị"),
        "complete": True,
    }


def template_name(code: str) -> str:
    """What files of a procedure (template, process) are called: ``8.000001`` → ``p8_000001``."""
    return "p" + re.sub(r"[^a-z0-9]+", "_", code.lower())


def set_about(definition: Definition, **parts: Any) -> dict[str, Any]:
    """Parts that stand alone (name, summary, agency, applicants …); an empty one is taken away."""
    changed = dict(definition)
    for part, value in parts.items():
        if part not in ORDER:
            raise fault(_("Không có phần “%(part)s”.") % {"part": part[:40]})
        changed = put(changed, part, value, ORDER)
    return changed


def set_ways(definition: Definition, *, terms: Mapping[str, tuple[int, str]]) -> dict[str, Any]:
    """How it may be filed, each way with its term (amount, unit); what a way says besides is kept."""
    if not terms:
        raise fault(_("Chọn ít nhất một cách nộp."), "ways")
    known = {way.get("channel"): way for way in definition.get("ways") or () if isinstance(way, Mapping)}
    ways = []
    for channel in CHANNELS:
        if channel not in terms:
            continue
        amount, unit = terms[channel]
        if amount < 0 or unit not in UNITS:
            raise fault(_("Thời hạn là một số từ 0 trở lên."), channel)
        old = dict(known.get(channel, {}))
        rules = [rule for rule in old.get("deadlines") or () if isinstance(rule, Mapping)]
        last = dict(rules[-1]) if rules and not rules[-1].get("when") else {}
        if (last.get("amount"), last.get("unit", "working_day")) != (amount, unit):
            last = {**last, "amount": amount, "unit": unit, "text": term_in_words(amount, unit)}
        conditional = [rule for rule in rules if rule.get("when")]
        ways.append({**old, "channel": channel, "deadlines": [*conditional, last]})
    return put(definition, "ways", ways, ORDER)


def term_in_words(amount: int, unit: str) -> str:
    """A term as the service page says it."""
    if amount == 0:
        return "Giải quyết ngay"
    said = {
        "working_day": "%(n)02d ngày làm việc kể từ ngày nhận đủ hồ sơ",
        "working_hour": "%(n)02d giờ làm việc kể từ khi nhận đủ hồ sơ",
        "calendar_day": "%(n)02d ngày kể từ ngày nhận đủ hồ sơ",
    }[unit]
    return said % {"n": amount}


def put_item(definition: Definition, part: str, *, number: int | None, item: Mapping[str, Any]) -> dict[str, Any]:
    """A paper, a charge or a law in the place of another (`number`, from 0), or one more; empty words go."""
    for word in _NEEDED[part]:
        if not str(item.get(word, "")).strip():
            raise fault(_("Không được để trống phần này."), word)
    if when := str(item.get("when", "")):
        _require(when, [*fields_of(definition), *CONTEXT_NAMES], "when")
    items = list(definition.get(part) or ())
    known = items[_index(items, number)] if number is not None else None
    old = dict(known) if isinstance(known, Mapping) else {}
    for word, value in item.items():
        old = put(old, word, value, _PART_ORDER[part])
    if number is None:
        items.append(old)
    else:
        items[number] = old
    return put(definition, part, items, ORDER)


def remove_item(definition: Definition, part: str, *, number: int) -> dict[str, Any]:
    """The procedure without a paper, a charge, a law or an effect."""
    items = list(definition.get(part) or ())
    del items[_index(items, number)]
    if part == "legal_basis" and not items:
        raise fault(_("Thủ tục phải có ít nhất một căn cứ pháp lý."), "number")
    return put(definition, part, items, ORDER)


def charge(
    *, code: str, name: str, kind: str, due: str, amount: int, exempt_when: str, legal_basis: str
) -> dict[str, Any]:
    """A fee or levy of one amount (đồng), and none when a condition holds, as a decision table."""
    rows = [{"when": exempt_when, "then": {"amount": 0}, "note": "Được miễn"}] if exempt_when.strip() else []
    said = f"{amount:,} đồng".replace(",", ".")
    names = sorted(reads(exempt_when) - {"today"})
    return {
        "code": code,
        "name": name,
        "kind": kind,
        "due": due,
        "table": {"name": code, "inputs": names, "hit": "first", "rows": rows, "default": {"amount": amount}},
        "legal_basis": legal_basis,
        "text": said,
    }


_FIRST_STEP = {"title": "Nộp hồ sơ", "text": "Nộp trực tuyến hoặc tại bộ phận một cửa."}
_LAST_STEP = {"title": "Nhận kết quả", "text": "Nhận trực tuyến hoặc tại bộ phận một cửa."}


def set_model(
    definition: Definition, *, model: str, params: Mapping[str, Any], steps: Sequence[Step] = ()
) -> dict[str, Any]:
    """The process runs by this model (a shipped one, or a file of the pack) with these parameters. The person is told of
    its `steps`, unless somebody has written what is told."""
    process = {"model": model, **({"params": dict(params)} if params else {})}
    if steps and _are_ours(definition.get("steps")):
        definition = set_about(definition, steps=steps_told(steps))
    return put(definition, "process", process, ORDER)


def steps_told(steps: Sequence[Step]) -> list[dict[str, str]]:
    """The steps as the person is told about them."""
    told = [dict(_FIRST_STEP)]
    for step in steps:
        if step.task not in ("receive", "return_result"):
            told.append({"title": step.name, "text": step.within or "Cơ quan giải quyết thực hiện."})
    return [*told, dict(_LAST_STEP)]


def _are_ours(told: object) -> bool:
    """Whether the steps as they are told were made here, and not written by somebody."""
    return not told or (isinstance(told, list) and told[0] == _FIRST_STEP and told[-1] == _LAST_STEP)


def set_steps(definition: Definition, *, model: str, steps: Sequence[Step]) -> dict[str, Any]:
    """The process runs through these steps (the file `model` of the pack), and the person is told of them."""
    return set_about(set_model(definition, model=model, params={}), steps=steps_told(steps))


def put_result(definition: Definition, **parts: Any) -> dict[str, Any]:
    """What the person gets: its name, template, the suffix of its number, how many months it is good."""
    results = list(definition.get("results") or ())
    first = dict(results[0]) if results and isinstance(results[0], Mapping) else {"code": "giay"}
    for word, value in parts.items():
        first = put(first, word, value, _PART_ORDER["results"])
    if not str(first.get("name", "")).strip():
        raise fault(_("Nhập tên của kết quả."), "name")
    return put(definition, "results", [first, *results[1:]], ORDER)


def put_effect(
    definition: Definition,
    *,
    number: int | None,
    register: str,
    kind: str,
    values: Mapping[str, str],
    key: str = "",
    when: str = "",
    more: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """What a granted dossier writes into a register, in the place of another or one more: field → CEL.

    `more`: what an effect says besides (``number``, ``expires``, ``since``, ``through``, ``reason``), as CEL.
    """
    known = [*fields_of(definition), *_officer_fields(definition), *EFFECT_NAMES]
    if not register:
        raise fault(_("Chọn cơ sở dữ liệu."), "register")
    if kind != "issue" and (kind != "create") != bool(key.strip()):
        raise fault(_("Ghi bản ghi mới thì không nói khóa; mọi việc khác thì nói khóa của bản ghi."), "key")
    given = {name: text.strip() for name, text in values.items() if text.strip()}
    if not given and (kind in ("create", "change") or (kind == "issue" and not key.strip())):
        raise fault(_("Chọn giá trị cho ít nhất một trường."), "set")
    if given and kind in ("end", "suspend", "resume", "revoke", "close"):
        raise fault(_("Việc này không ghi trường nào của bản ghi."), "set")
    said = {word: str(value or "").strip() for word, value in (more or {}).items()}
    for place, text in (("when", when), ("key", key), *said.items(), *given.items()):
        if text.strip():
            _require(text, known, place)
    effect: dict[str, Any] = {"register": register, **({"kind": kind} if kind != "create" else {})}
    for word, value in (("when", when.strip()), ("key", key.strip()), ("set", given)):
        effect = put(effect, word, value, _PART_ORDER["effects"])
    for word, text in said.items():
        effect = put(effect, word, text, _PART_ORDER["effects"])
    try:
        Effect.model_validate(effect)
    except ValidationError as error:
        raise fault("; ".join(words(one["type"], one.get("ctx", {})) for one in error.errors()), "kind") from error
    effects = list(definition.get("effects") or ())
    if number is None:
        effects.append(effect)
    else:
        effects[_index(effects, number)] = effect
    return put(definition, "effects", effects, ORDER)


def guessed(
    register_fields: Collection[str],
    definition: Definition,
    *,
    subject: str = "",
    responsible: str = "",
    holder: str = "",
) -> dict[str, str]:
    """For each field of a register the field of the form of that name, or what is usually meant by it: `subject` is the
    field with the number of whom a record is about, `responsible` the one with the code of its agency, `holder` the one
    with the name of whom its certificate is given to."""
    usual = {"agency": "competent", "status": '"active"', "valid_until": "valid_until", "dossier": "dossier"}
    usual |= {subject: "party_number", responsible: "competent", holder: "party_name"}
    form = fields_of(definition)
    return {name: name if name in form else usual.get(name, "") for name in register_fields}


def _officer_fields(definition: Definition) -> list[str]:
    found: list[str] = []
    for result in definition.get("results") or ():
        schema = result.get("schema") if isinstance(result, Mapping) else None
        found += list((schema or {}).get("properties", {})) if isinstance(schema, Mapping) else []
    return found


def _require(text: str, names: Collection[str], field: str) -> None:
    if wrong := expressions.check(text, names):
        raise fault(_("Biểu thức chưa đúng: %(fault)s") % {"fault": wrong}, field)


def _index(items: Sequence[Any], number: int) -> int:
    if not 0 <= number < len(items):
        raise fault(_("Mục này không còn nữa."))
    return number
