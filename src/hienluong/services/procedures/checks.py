"""What a specification must satisfy beyond its shape: schema, expressions, choices, dates, papers, tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hienluong.capabilities.decisions import check, expressions_of, gaps
from hienluong.capabilities.forms.definition import PREFILL_SOURCES
from hienluong.capabilities.forms.fields import lockable
from hienluong.capabilities.forms.file_answers import KINDS as KINDS_OF_FILES
from hienluong.capabilities.forms.prefill import source_of
from hienluong.capabilities.workflow import engine, library
from hienluong.foundation.schemas import expressions, formulas, lists
from hienluong.foundation.schemas.checking import schema_fault
from hienluong.foundation.schemas.kinds import KINDS
from hienluong.foundation.schemas.properties import WIDGETS, label_of, type_of
from hienluong.foundation.schemas.properties import properties as fields_of

from . import enquiry_checks, process_steps, sector_checks
from .life_events import LIFE_EVENTS
from .spec import Form, ProcedureSpec

#: What the engine tells an expression beside the answers of the form.
CONTEXT_NAMES = ("channel", "applicant", "copies", "commune")

#: What a table of who may reads beside the answers: how it is filed, what the subject is (``citizen``, …), the day of filing.
ELIGIBILITY_NAMES = ("channel", "applicant", "today")

#: What an effect on a register may read beside the answers of the person and of the officer.
EFFECT_NAMES = ("dossier", "number", "competent", "handling", "party_name", "party_number", "valid_until", "record")

Problem = tuple[tuple[str | int, ...], str]


def problems(spec: ProcedureSpec, own_model: str = "") -> Iterator[Problem]:
    """What is wrong with a specification: the path of the part, and what to do about it.

    `own_model`: the BPMN text when the pack brings the process model itself.
    """
    names: tuple[str, ...] = ()
    if spec.form:
        names = tuple(spec.form.data_schema.get("properties", {}))
        yield from _form(spec.form, ("form",))
    for index, result in enumerate(spec.results):
        if result.officer_form:
            yield from _form(result.officer_form, ("results", index), nested=False)
    yield from _process(spec, own_model)
    yield from _dates(spec)
    yield from _conditions(spec, (*names, *CONTEXT_NAMES))
    yield from _effects(spec, names)
    yield from _codes(spec)
    if spec.eligibility:
        yield from _eligibility(spec, names)
    for index, name in enumerate(spec.checks):
        if name not in sector_checks.known():
            yield ("checks", index), f"không có phép kiểm tra “{name}”"
    yield from enquiry_checks.problems(spec, names)
    if spec.complete:
        yield from _complete(spec)


def lacks_department(level: str, key: str) -> bool:
    """Whether a department decides and none is named, so that nobody would be competent."""
    return level == "department" and not key


def decider_problems(spec: ProcedureSpec) -> Iterator[Problem]:
    """What keeps dossiers of a pack's procedure from whoever decides; a catalogue that is imported may not say it yet."""
    if lacks_department(spec.agency.level, spec.agency.key):
        yield (
            ("agency", "key"),
            "cấp giải quyết là sở thì key phải nêu sở nào, bằng tên viết tắt (ví dụ SCT); không có thì không ai giải quyết",
        )


def _process(spec: ProcedureSpec, own_model: str) -> Iterator[Problem]:
    name = spec.process.model
    if not own_model and name not in library.SHIPPED:
        if not spec.process.digest:
            yield ("process", "model"), f"không có mô hình quy trình “{name}”"
        return
    model = engine.load(own_model or library.shipped_xml(name))
    for path, message in process_steps.parameter_problems(model, spec.process.params):
        yield ("process", "params", *path), message


def _effects(spec: ProcedureSpec, names: tuple[str, ...]) -> Iterator[Problem]:
    officer = [name for result in spec.results for name in (result.data_schema or {}).get("properties", {})]
    known = (*names, *officer, *EFFECT_NAMES)
    for index, effect in enumerate(spec.effects):
        where = ("effects", index)
        for keyword, text in effect.expressions.items():
            if fault := expressions.check(text, known):
                yield (*where, keyword), f"công thức: {fault}"
        for name, text in effect.values.items():
            if fault := expressions.check(text, known):
                yield (*where, "set", name), f"công thức: {fault}"


def _form(form: Form, at: tuple[str | int, ...], *, nested: bool = True) -> Iterator[Problem]:
    """`nested`: whether a question may have several boxes, or rows of them."""
    base = (*at, "schema")
    if fault := schema_fault(form.data_schema):
        yield base, f"JSON Schema không đúng: {fault}"
        return
    properties: dict[str, Any] = form.data_schema.get("properties", {})
    for name in set(form.data_schema.get("required", ())) - set(properties):
        yield (*base, "required"), f"trường bắt buộc “{name}” không có trong properties"
    for name, prop in properties.items():
        for path, message in (*_property(name, prop, properties), *_boxes(prop, nested=nested)):
            yield (*base, "properties", name, *path), message
    for index, page in enumerate(form.pages):
        if page.when and (fault := formulas.fault(page.when, properties)):
            yield (*at, "pages", index, "when"), f"điều kiện: {fault}"
    yield from _order(form, at)
    for identifier in _repeated(page.id for page in form.pages):
        yield (*at, "pages"), f"trang “{identifier}” bị lặp"
    for index, rule in enumerate(form.rules):
        where = (*at, "rules", index)
        if missing := {"when", "field", "message"} - set(rule):
            yield where, f"quy tắc thiếu {', '.join(sorted(missing))}"
        elif fault := formulas.fault(rule["when"], properties):
            yield (*where, "when"), f"điều kiện: {fault}"
        elif rule["field"] not in properties:
            yield (*where, "field"), f"không có trường “{rule['field']}”"


def _order(form: Form, at: tuple[str | int, ...]) -> Iterator[Problem]:
    """A condition may read only what was asked before: later answers are not known yet, so it would never hold."""
    properties: dict[str, Any] = form.data_schema.get("properties", {})
    asked: set[str] = set()
    for index, page in enumerate(form.pages):
        if later := _read(page.when) & set(properties) - asked:
            yield (*at, "pages", index, "when"), f"điều kiện đọc trường hỏi sau: {', '.join(sorted(later))}"
        for name in page.fields:
            if (key := (properties.get(name) or {}).get("x-prefill-key")) in properties and key not in asked:
                yield (*at, "schema", "properties", name, "x-prefill-key"), f"trường “{key}” hỏi sau trường này"
            for keyword, words in (("x-when", "điều kiện"), ("x-computed", "công thức")):
                expression = str((properties.get(name) or {}).get(keyword, ""))
                if later := _read(expression) & set(properties) - asked:
                    yield (
                        (*at, "schema", "properties", name, keyword),
                        f"{words} đọc trường hỏi sau: {', '.join(sorted(later))}",
                    )
            asked.add(name)


def _read(expression: str) -> frozenset[str]:
    return expressions.variables(expression) if expression else frozenset()


def _boxes(prop: Any, *, nested: bool) -> Iterator[Problem]:
    """A question of several boxes names its kind; the boxes of one row are single ones, each with its label."""
    if not isinstance(prop, dict):
        return
    if prop.get("x-kind") in KINDS_OF_FILES and not nested:
        yield ("x-kind",), "các mục in trên kết quả chưa nhận tệp"
    given = prop.get("items")
    items: dict[str, Any] = given if isinstance(given, dict) else {}
    rows = type_of(prop) == "array" and items.get("type") == "object"
    if type_of(prop) != "object" and not rows:
        return
    if not nested:
        yield ("type",), "các mục in trên kết quả chưa nhập được đối tượng lồng nhau; tách thành các trường"
    elif prop.get("x-kind") not in KINDS:
        yield (
            ("type",),
            "trường nhiều ô phải nói nó thuộc kiểu nào: khoảng thời gian, số có đơn vị, bảng, điểm trên bản đồ …",
        )
    for name, inner in fields_of(items).items() if rows else ():
        where = ("items", "properties", name)
        if label_of(name, inner) == name:
            yield where, f"cột “{name}” chưa có tên gọi"
        if inner.get("x-kind") in KINDS_OF_FILES:
            yield (*where, "x-kind"), "cột của bảng không nhận tệp"
        if type_of(inner) in ("object", "array") and not (kind := KINDS.get(str(inner.get("x-kind")))):
            yield (*where, "type"), "cột của bảng không chứa bảng khác"
        elif type_of(inner) == "object" and kind and kind.geometry:
            yield (*where, "x-kind"), "cột của bảng không chứa hình trên bản đồ"


def _property(name: str, prop: Any, fields: Mapping[str, Any]) -> Iterator[Problem]:
    if not isinstance(prop, dict):
        yield (), "phải là một đối tượng"
        return
    if label_of(name, prop) == name:
        yield (), f"trường “{name}” chưa có tên gọi"
    widget = prop.get("x-widget")
    if widget and widget not in WIDGETS and "x-kind" not in prop:
        yield ("x-widget",), f"không có kiểu nhập “{widget}” (có: {', '.join(sorted(WIDGETS))})"
    if prop.get("x-kind") == "reference" and not prop.get("x-register"):
        yield ("x-kind",), f"“{label_of(name, prop)}”: chưa chọn cơ sở dữ liệu được chỉ tới"
    yield from lists.problems(prop)
    yield from _prefill(name, prop, fields)
    for keyword, words in (("x-when", "điều kiện"), ("x-computed", "công thức")):
        if (expression := prop.get(keyword)) and (fault := formulas.fault(str(expression), fields)):
            yield (keyword,), f"{words}: {fault}"
    if (computed := prop.get("x-computed")) and (fault := formulas.quantity_fault(str(computed), fields)):
        yield ("x-computed",), f"công thức: {fault}"
    options = prop.get("enum") or (prop.get("items") or {}).get("enum") or []
    labels = prop.get("x-enum-labels") or {}
    known = {str(option).lower() if isinstance(option, bool) else str(option) for option in options}
    if type_of(prop) == "boolean":
        known |= {"true", "false"}
    for value in set(map(str, labels)) - known:
        yield ("x-enum-labels",), f"nhãn cho giá trị lạ “{value}”"


def _prefill(name: str, prop: dict[str, Any], names: Iterable[str]) -> Iterator[Problem]:
    declared = prop.get("x-prefill")
    source = source_of(name, prop)
    if declared and source is None and declared not in PREFILL_SOURCES:
        yield ("x-prefill",), f"không có nguồn điền sẵn “{declared}”"
    if declared and prop.get("x-kind") in KINDS_OF_FILES:
        yield ("x-prefill",), "trường tệp không điền sẵn được; giấy tờ đã có thì khai ở phần giấy tờ của thủ tục"
    key, locked = prop.get("x-prefill-key"), prop.get("x-prefill-locked")
    if source is None:
        for keyword in (word for word, given in (("x-prefill-key", key), ("x-prefill-locked", locked)) if given):
            yield (keyword,), "chỉ dùng được khi trường điền sẵn từ một trường của cơ sở dữ liệu"
        return
    if key and (key not in names or key == name):
        yield ("x-prefill-key",), f"không có trường “{key}” để nêu khóa của bản ghi"
    if locked and not lockable(prop):
        yield ("x-prefill-locked",), "trường nhiều ô hoặc nhiều giá trị không khóa được"


def _dates(spec: ProcedureSpec) -> Iterator[Problem]:
    if spec.effective_to and spec.effective_to < spec.effective_from:
        yield ("effective_to",), "ngày hết hiệu lực trước ngày có hiệu lực"
    cutoff = spec.rule_overrides.cutoff
    if cutoff and not cutoff.legal_basis.strip():
        yield ("rule_overrides", "cutoff"), "cutoff phải nêu giờ (at) và căn cứ (legal_basis)"
    for index, basis in enumerate(spec.legal_basis):
        if basis.effective_to and basis.effective_from and basis.effective_to < basis.effective_from:
            yield ("legal_basis", index, "effective_to"), "văn bản hết hiệu lực trước khi có hiệu lực"


def _conditions(spec: ProcedureSpec, names: tuple[str, ...]) -> Iterator[Problem]:
    for number, way in enumerate(spec.ways):
        for index, rule in enumerate(way.deadlines):
            if rule.when and (fault := expressions.check(rule.when, names)):
                yield ("ways", number, "deadlines", index, "when"), f"điều kiện: {fault}"
        if all(rule.when for rule in way.deadlines):
            yield (
                ("ways", number, "deadlines"),
                "thiếu thời hạn không điều kiện (dòng cuối, dùng khi không dòng nào khớp)",
            )
    for index, paper in enumerate(spec.papers):
        if paper.when and (fault := expressions.check(paper.when, names)):
            yield ("papers", index, "when"), f"điều kiện: {fault}"
    for index, charge in enumerate(spec.charges):
        for place, message in _charge(spec, charge.table, names):
            yield ("charges", index, "table", *place), message


def _charge(spec: ProcedureSpec, table: dict[str, Any], names: tuple[str, ...]) -> Iterator[Problem]:
    """The table of a charge: its shape, every condition and formula, gaps and overlaps."""
    if faults := check(table):
        yield (), f"bảng tính phí: {faults[0]}"
        return
    for index, row in enumerate(table["rows"]):
        if fault := expressions.check(str(row.get("when", "true")), (*names, *table.get("inputs", ()))):
            yield ("rows", index, "when"), f"điều kiện: {fault}"
    for where, expression in expressions_of({**table, "rows": [{**row, "when": "true"} for row in table["rows"]]}):
        if fault := expressions.check(expression, (*names, *table.get("inputs", ()))):
            yield (), f"bảng tính phí, {where}: {fault}"
    yield from gaps.said(table, _domains(spec, table))


def _eligibility(spec: ProcedureSpec, names: tuple[str, ...]) -> Iterator[Problem]:
    """The table of who may: over questions of the form, each row a verdict, a refusal never without its reason."""
    assert spec.eligibility is not None
    table = spec.eligibility.table
    known = (*names, *ELIGIBILITY_NAMES)
    where: tuple[str | int, ...] = ("eligibility", "table")
    if spec.form is None:
        yield ("eligibility",), "bảng điều kiện cần biểu mẫu (form): nó xét các câu trả lời"
        return
    if faults := check(table):
        yield where, f"bảng điều kiện: {faults[0]}"
        return
    if table.get("hit", "first") == "collect":
        yield where, "điều kiện không cộng dồn: bảng phải là first hoặc unique"
    for name in sorted(set(table.get("inputs", ())) - set(known)):
        yield where, f"biểu mẫu không có trường “{name}” mà bảng điều kiện xét"
    for index, row in enumerate(table["rows"]):
        if fault := expressions.check(str(row.get("when", "true")), known):
            yield (*where, "rows", index, "when"), f"bảng điều kiện, dòng {index + 1}: {fault}"
    outcomes: list[tuple[tuple[str | int, ...], str, dict[str, Any]]] = [
        (("rows", index, "then"), f"dòng {index + 1}", row["then"]) for index, row in enumerate(table["rows"])
    ]
    if table.get("default"):
        outcomes.append((("default",), "default", table["default"]))
    for place, said, then in outcomes:
        if not isinstance(then.get("eligible"), bool):
            yield (*where, *place), f"bảng điều kiện, {said}: phải có eligible là true hoặc false"
        elif not then["eligible"] and not str(then.get("reason") or "").strip():
            yield (*where, *place), f"bảng điều kiện, {said}: không đủ điều kiện thì phải nói lý do ở reason"
        if (field := then.get("field")) and field not in names:
            yield (*where, *place), f"bảng điều kiện, {said}: biểu mẫu không có trường “{field}”"
    for place, message in gaps.said(table, _domains(spec, table)):
        yield (*where, *place), f"bảng điều kiện: {message}"


def _domains(spec: ProcedureSpec, table: dict[str, Any]) -> dict[str, gaps.Input]:
    """What the form lets each input of a charge table be; whether it was asked at all is for its default to answer."""
    fields: dict[str, Any] = spec.form.data_schema.get("properties", {}) if spec.form else {}
    found = {"channel": gaps.Input("string", ("counter", "online", "post"))}
    for name in (*fields, *table.get("inputs", ())):
        prop = fields.get(name, {})
        kind = "date" if prop.get("format") == "date" else type_of(prop) if prop else ""
        if kind in ("", "integer", "number", "boolean", "string", "date") and name not in found:
            found[name] = gaps.Input(kind, tuple(prop.get("enum", ())), prop.get("minimum"), prop.get("maximum"))
    return found


def _codes(spec: ProcedureSpec) -> Iterator[Problem]:
    for part in ("papers", "charges", "results"):
        for code in _repeated(item.code for item in getattr(spec, part)):
            yield (part,), f"mã “{code}” bị lặp"
    for channel in _repeated(way.channel for way in spec.ways):
        yield ("ways",), f"cách nộp “{channel}” bị lặp"
    for index, event in enumerate(spec.life_events):
        if event not in LIFE_EVENTS:
            yield ("life_events", index), f"không có sự kiện “{event}” (có: {', '.join(LIFE_EVENTS)})"
    for index, paper in enumerate(spec.papers):
        if paper.form_code and spec.form and paper.form_code != spec.form.code:
            yield ("papers", index, "form_code"), f"không có biểu mẫu “{paper.form_code}”"


def _complete(spec: ProcedureSpec) -> Iterator[Problem]:
    if spec.form is None:
        yield ("complete",), "thủ tục đầy đủ phải có biểu mẫu (form)"
    if not any(result.template for result in spec.results):
        yield ("results",), "thủ tục đầy đủ phải có mẫu kết quả (template)"
    if not spec.steps:
        yield ("complete",), "thủ tục đầy đủ phải có trình tự (steps)"


def _repeated(values: Iterable[str]) -> list[str]:
    seen: set[str] = set()
    return sorted({value for value in values if value in seen or seen.add(value)})  # type: ignore[func-returns-value]
