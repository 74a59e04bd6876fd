"""What the pages of procedures ask for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.schemas import expressions
from hienluong.services.procedures.checks import lacks_department
from hienluong.services.procedures.life_events import LIFE_EVENTS
from hienluong.services.procedures.wording import EFFECTS
from hienluong.ui.widgets import MoneyField, PatternField, TextField

from .condition_form import ConditionForm
from .forms import Lines
from .procedure_operations import CHANNELS

LEVELS = (
    ("commune", _("Ủy ban nhân dân cấp xã")),
    ("department", _("Sở")),
    ("province", _("Ủy ban nhân dân tỉnh")),
)
APPLICANTS = (
    ("citizen", _("Công dân")),
    ("household", _("Hộ gia đình, hộ kinh doanh")),
    ("enterprise", _("Doanh nghiệp, tổ chức")),
)
CHANNEL_NAMES = {"online": _("Trực tuyến"), "counter": _("Tại bộ phận một cửa"), "post": _("Qua bưu chính")}
UNIT_NAMES = (("working_day", _("ngày làm việc")), ("working_hour", _("giờ làm việc")), ("calendar_day", _("ngày")))
MODELS = (
    ("three", _("Ba bước: tiếp nhận, thẩm định, ký kết quả")),
    ("four", _("Bốn bước: tiếp nhận, thẩm định, lãnh đạo phòng xem, ký kết quả")),
    ("same_day", _("Giải quyết ngay trong ngày")),
    ("field_inspection", _("Có kiểm tra thực địa")),
    ("own", _("Tự xếp các bước (bên dưới)")),
)
KEY_HELP = _("Cấp sở thì chọn sở. Cấp xã thì chọn phòng thẩm định; để trống là xã tự phân công.")


EFFECT_KINDS = tuple(EFFECTS.items())
#: What an act of a certificate may say besides.
MORE = {
    "number": _("Số của giấy"),
    "expires": _("Hết hạn ngày"),
    "since": _("Từ ngày"),
    "through": _("Đến hết ngày"),
    "reason": _("Lý do"),
}


CODE = r"^[a-z][a-z0-9_]*\Z"
CODE_FAULT = _("Mã chỉ gồm chữ thường không dấu, số, gạch dưới.")


#: Heading → short name and name of each.
Agencies = list[tuple[str, list[tuple[str, str]]]]


def _keys(agencies: Agencies, now: str = "") -> list[tuple[Any, Any]]:
    """The agencies as choices; one that is no longer there stays, so that looking at a page changes nothing."""
    known = {key for _heading, each in agencies for key, _name in each}
    return [("", _("Không")), *([] if not now or now in known else [(now, now)]), *agencies]


class _Plain(forms.Form):
    use_required_attribute = False


class _Decided(_Plain):
    """Who decides: a level, and which department, without which nobody would be competent."""

    def clean(self) -> dict[str, Any]:
        """A department is named where departments decide."""
        given = super().clean() or {}
        if "key" not in self.errors and lacks_department(given.get("level", ""), given.get("key", "")):
            self.add_error("key", _("Chọn sở giải quyết thủ tục này."))
        return given


class BeginProcedureForm(_Decided):
    """A new procedure."""

    name = TextField(label=_("Tên thủ tục"), max_length=500, help_text=_("Ví dụ: Cấp giấy chứng nhận điểm bán hàng"))
    code = PatternField(
        r"^\d\.\d{6}(\.[A-Z0-9.]+)?\Z",
        label=_("Mã thủ tục"),
        max_length=40,
        help_text=_("Mã trên Cơ sở dữ liệu quốc gia; thủ tục của riêng tỉnh chưa có mã thì giữ mã 8.… đã ghi sẵn."),
        error_messages={"invalid": _("Mã thủ tục gồm một chữ số, dấu chấm và sáu chữ số, ví dụ 8.000001.")},
    )
    field_name = TextField(label=_("Lĩnh vực"), max_length=200, help_text=_("Ví dụ: Lưu thông hàng hóa trong nước"))
    level = forms.ChoiceField(label=_("Cấp giải quyết"), choices=LEVELS, widget=forms.RadioSelect, initial="commune")
    key = forms.ChoiceField(label=_("Sở hoặc phòng nào"), required=False, help_text=KEY_HELP)
    basis = TextField(label=_("Căn cứ pháp lý: số, ký hiệu"), max_length=60, help_text=_("Ví dụ: 60/2024/NĐ-CP"))
    basis_title = TextField(label=_("Căn cứ pháp lý: tên văn bản"), max_length=500)
    effective_from = forms.DateField(
        label=_("Áp dụng từ ngày"), input_formats=["%d/%m/%Y", "%Y-%m-%d"], widget=forms.DateInput(format="%d/%m/%Y")
    )

    def __init__(self, *args: Any, agencies: Agencies, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = self.fields["key"]
        assert isinstance(offered, forms.ChoiceField)
        offered.choices = _keys(agencies)


class AboutForm(_Decided):
    """General data and the ways to file."""

    def __init__(self, *args: Any, definition: Mapping[str, Any], agencies: Agencies, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agency = definition.get("agency")
        agency = agency if isinstance(agency, Mapping) else {}
        unit, terms = _terms(definition)
        boxes: dict[str, forms.Field] = {
            "name": TextField(label=_("Tên thủ tục"), max_length=500, initial=definition.get("name", "")),
            "summary": TextField(
                label=_("Thủ tục này để làm gì?"),
                max_length=1000,
                widget=forms.Textarea({"rows": 2}),
                initial=definition.get("summary", ""),
            ),
            "level": forms.ChoiceField(
                label=_("Cấp giải quyết"),
                choices=LEVELS,
                widget=forms.RadioSelect,
                initial=agency.get("level", "commune"),
            ),
            "key": forms.ChoiceField(
                label=_("Sở hoặc phòng nào"),
                required=False,
                choices=_keys(agencies, str(agency.get("key", ""))),
                initial=agency.get("key", ""),
                help_text=KEY_HELP,
            ),
            "effective_from": forms.DateField(
                label=_("Áp dụng từ ngày"),
                required=False,
                input_formats=["%d/%m/%Y", "%Y-%m-%d"],
                widget=forms.DateInput(format="%d/%m/%Y"),
                initial=definition.get("effective_from"),
                help_text=_("Trước ngày này, phiên bản đang dùng vẫn được áp dụng."),
            ),
            "applicants": forms.MultipleChoiceField(
                label=_("Ai được nộp"),
                choices=APPLICANTS,
                widget=forms.CheckboxSelectMultiple,
                initial=definition.get("applicants", ()),
            ),
        }
        for channel in CHANNELS:
            boxes[channel] = forms.IntegerField(
                label=_("%(channel)s: thời hạn") % {"channel": CHANNEL_NAMES[channel]},
                required=False,
                min_value=0,
                max_value=999,
                initial=terms.get(channel),
                help_text=_("Để trống nếu không nhận theo cách này; 0 là giải quyết ngay."),
            )
        boxes["unit"] = forms.ChoiceField(label=_("Thời hạn tính bằng"), choices=UNIT_NAMES, initial=unit)
        boxes["life_events"] = forms.MultipleChoiceField(
            label=_("Người dân tìm thấy ở việc nào"),
            required=False,
            choices=[(code, event.label) for code, event in LIFE_EVENTS.items()],
            widget=forms.CheckboxSelectMultiple,
            initial=definition.get("life_events", ()),
        )
        boxes["keywords"] = Lines(
            label=_("Người dân gọi việc này là gì"),
            help_text=_("Mỗi cách gọi một dòng."),
            initial=definition.get("keywords", ()),
        )
        self.fields = boxes

    @property
    def terms(self) -> dict[str, tuple[int, str]]:
        """The ways with their terms."""
        given = self.cleaned_data
        return {channel: (given[channel], given["unit"]) for channel in CHANNELS if given[channel] is not None}


def _terms(definition: Mapping[str, Any]) -> tuple[str, dict[str, int]]:
    unit = "working_day"
    terms: dict[str, int] = {}
    for way in definition.get("ways") or ():
        rules = way.get("deadlines") if isinstance(way, Mapping) else None
        if isinstance(rules, list) and rules and isinstance(rules[-1], Mapping):
            amount = rules[-1].get("amount")
            if isinstance(amount, int):
                terms[str(way.get("channel"))] = amount
            unit = str(rules[-1].get("unit", unit))
    return unit, terms


class PaperForm(ConditionForm):
    """A paper to hand in."""

    code = PatternField(
        CODE,
        label=_("Mã giấy tờ"),
        required=False,
        max_length=40,
        help_text=_("Chữ thường không dấu, ví dụ ban_ve. Để trống thì mã lấy từ tên."),
        error_messages={"invalid": CODE_FAULT},
    )
    name = TextField(label=_("Tên giấy tờ"), max_length=500)
    originals = forms.IntegerField(label=_("Số bản chính"), required=False, min_value=0, max_value=99)
    copies = forms.IntegerField(label=_("Số bản sao"), required=False, min_value=0, max_value=99)
    required = forms.BooleanField(label=_("Bắt buộc"), required=False, initial=True)
    note = TextField(label=_("Ghi chú"), required=False, max_length=500)

    def item(self) -> dict[str, Any]:
        """The paper as the file says it."""
        given = self.cleaned_data
        told = {word: given[word] for word in ("code", "name", "originals", "copies", "note", "when")}
        return {**told, "required": None if given["required"] else False}


class ChargeForm(ConditionForm):
    """A fee or levy; the condition says when nothing is to be paid."""

    code = PatternField(
        CODE,
        label=_("Mã khoản thu"),
        required=False,
        max_length=40,
        help_text=_("Chữ thường không dấu, ví dụ le_phi. Để trống thì mã lấy từ tên."),
        error_messages={"invalid": CODE_FAULT},
    )
    name = TextField(label=_("Tên khoản thu"), max_length=300)
    kind = forms.ChoiceField(
        label=_("Loại"), choices=(("fee", _("Phí")), ("levy", _("Lệ phí"))), widget=forms.RadioSelect, initial="fee"
    )
    due = forms.ChoiceField(
        label=_("Nộp lúc nào"),
        choices=(("on_filing", _("Khi nộp hồ sơ")), ("on_result", _("Khi nhận kết quả"))),
        widget=forms.RadioSelect,
        initial="on_filing",
    )
    amount = MoneyField(label=_("Mức thu (đồng)"), max_value=10**12, help_text=_("Ví dụ 300.000. Ghi 0 nếu không thu."))
    legal_basis = TextField(label=_("Căn cứ thu"), max_length=300)


class LawForm(_Plain):
    """A document that the procedure rests on."""

    number = TextField(label=_("Số, ký hiệu"), max_length=60)
    title = TextField(label=_("Tên văn bản"), max_length=500)
    articles = TextField(label=_("Điều, khoản"), required=False, max_length=300)
    note = TextField(label=_("Ghi chú"), required=False, max_length=500)


class TakeForm(_Plain):
    """Which fields of a register become questions, and on which page."""

    def __init__(self, *args: Any, fields: list[tuple[str, str]], pages: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = [name for name, _label in fields]
        self.fields |= {
            "taken": forms.MultipleChoiceField(
                label=_("Hỏi người dân những trường nào"), choices=fields, widget=forms.CheckboxSelectMultiple
            ),
            "page": forms.ChoiceField(label=_("Đưa vào trang"), choices=pages),
        }


class ProcessForm(_Plain):
    """By which steps a dossier is settled."""

    model = forms.ChoiceField(label=_("Các bước giải quyết"), choices=MODELS, widget=forms.RadioSelect)


class ResultForm(_Plain):
    """What the person gets, and what is printed on it."""

    name = TextField(label=_("Tên kết quả"), max_length=300)
    number_suffix = TextField(
        label=_("Ký hiệu sau số"), required=False, max_length=40, help_text=_("Ví dụ GCN-CHO cho số 15/GCN-CHO.")
    )
    valid_months = forms.IntegerField(
        label=_("Có giá trị trong (tháng)"),
        required=False,
        min_value=1,
        max_value=1200,
        help_text=_("Để trống nếu không thời hạn."),
    )
    heading = TextField(label=_("Tên in trên giấy"), max_length=300)
    lines = forms.CharField(
        label=_("Các dòng trên giấy"),
        max_length=20_000,
        widget=forms.Textarea({"rows": 14, "class": "hl-source", "data-hl-lines": ""}),
        help_text=_(
            "Mỗi dòng một đoạn. Chèn câu trả lời bằng tên trường trong ngoặc nhọn. Dòng bắt đầu bằng “? ” chỉ in khi có trả lời; "
            "“# ” in giữa trang; **hai dấu sao** in đậm."
        ),
    )

    def as_certificate(self, *, title: str, series: str, period: str, has_end: bool) -> None:
        """Say what is taken from the register whose certificate the result is the paper of."""
        self.fields["name"].help_text = _("Giấy trong cơ sở dữ liệu gọi là: %(title)s.") % {"title": title}
        if series:
            said = _("Để trống thì đánh số như cơ sở dữ liệu: %(series)s.") % {"series": series}
            self.fields["number_suffix"].help_text = said
        if has_end:
            said = _("Để trống thì như cơ sở dữ liệu: %(period)s.") % {"period": period}
            self.fields["valid_months"].help_text = said
        else:  # the register has nowhere to keep a last day
            del self.fields["valid_months"]


class EffectForm(ConditionForm):
    """What a granted dossier writes: one box for each field of the register; for the `new` ones the guess is proposed.

    `sources`: what each field can be taken from. `missing`: the fields that people could be asked for and are not.
    """

    def __init__(
        self,
        *args: Any,
        effect: Mapping[str, Any],
        columns: Mapping[str, str],
        sources: Mapping[str, list[tuple[str, Any]]],
        missing: Collection[str] = (),
        guesses: Mapping[str, str],
        new: Collection[str] = (),
        certified: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, when=str(effect.get("when", "")), **kwargs)
        kinds = EFFECT_KINDS if certified or effect.get("kind") not in dict(EFFECT_KINDS[:3]) else EFFECT_KINDS[:3]
        kind, key = effect.get("kind", "create"), effect.get("key", "")
        boxes: dict[str, forms.Field] = {
            "kind": forms.ChoiceField(
                label=_("Khi được cấp thì"), choices=kinds, widget=forms.RadioSelect, initial=kind
            ),
            "key": TextField(
                label=_("Khóa của bản ghi"),
                required=False,
                max_length=expressions.MAX_LENGTH,
                initial=key,
                help_text=_("Chỉ khi thay đổi, chấm dứt: tên trường của đơn có số của bản ghi."),
            ),
        }
        for word, called in MORE.items() if certified else ():
            boxes[word] = TextField(
                label=called,
                required=False,
                max_length=expressions.MAX_LENGTH,
                initial=effect.get(word, ""),
                help_text=_("Tên trường hoặc công thức. Để trống thì theo khai báo của cơ sở dữ liệu."),
            )
        values = effect.get("set")
        written = values if isinstance(values, Mapping) else guesses
        self.columns = list(columns)
        self.missing = frozenset(missing)
        for name, label in columns.items():
            offered = {value for value, _label in sources[name]}
            now = str(written.get(name, ""))
            proposed = "" if now or name not in new else guesses.get(name, "")
            now = now or proposed
            boxes[f"from_{name}"] = forms.ChoiceField(
                label=label,
                required=False,
                choices=[("", _("Không ghi")), *sources[name], ("=", _("Công thức (bên cạnh)"))],
                initial=now if now in offered else "=" if now else "",
                help_text=_("Đề xuất cho trường mới của cơ sở dữ liệu; chưa ghi cho đến khi bấm “Lưu”.")
                if proposed
                else "",
            )
            boxes[f"cel_{name}"] = TextField(
                label=_("Công thức cho “%(label)s”") % {"label": label},
                required=False,
                max_length=expressions.MAX_LENGTH,
                initial="" if now in offered else now,
            )
        self.fields = {**boxes, **self.fields}

    @property
    def plain(self) -> list[Any]:
        """What is asked beside the fields of the register and the condition."""
        own = {f"{word}_{name}" for word in ("from", "cel") for name in self.columns}
        return [box for box in super().plain if box.name not in own]

    @property
    def pairs(self) -> list[tuple[Any, Any, str]]:
        """For each field of the register where it comes from, the formula, and its name when it could become a question."""
        return [
            (self[f"from_{name}"], self[f"cel_{name}"], name if self._wants_a_question(name) else "")
            for name in self.columns
        ]

    def _wants_a_question(self, name: str) -> bool:
        return name in self.missing and not self[f"from_{name}"].value()

    @property
    def more(self) -> dict[str, str]:
        """What an act of a certificate says besides."""
        return {word: self.cleaned_data[word] for word in MORE if word in self.fields}

    @property
    def values(self) -> dict[str, str]:
        """Field of the register → CEL."""
        given = self.cleaned_data
        return {
            name: given[f"cel_{name}"] if given[f"from_{name}"] == "=" else given[f"from_{name}"]
            for name in self.columns
        }
