"""What officials fill in about papers: the check list, what to supplement, what was brought to the counter, scans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Actor
from hienluong.services.dossiers.actions import PaperCheck, PaperIn
from hienluong.services.dossiers.checklist import Line, lines_of
from hienluong.services.dossiers.models import CheckedPaper, Dossier
from hienluong.ui.widgets import TextField

from .scans import ACCEPT, ScanField, ScanInput, keep

Verdict = CheckedPaper.Verdict


@dataclass(frozen=True)
class Row:
    """One paper with its fields, for the template."""

    line: Line
    fields: dict[str, BoundField]


def _number(label: Any, initial: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=0,
        max_value=999,
        required=False,
        initial=initial,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": _("Số bản là một số nguyên."), "max_value": _("Số bản từ 0 đến 999.")},
    )


class _Papers(forms.Form):
    """A form with some fields for each paper of a dossier."""

    parts: tuple[str, ...] = ()

    def __init__(self, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dossier = dossier
        self.lines = lines_of(dossier)

    def rows(self) -> list[Row]:
        """The papers in the order of the procedure, each with its fields."""
        return [Row(line, {part: self[f"{part}-{line.code}"] for part in self.parts}) for line in self.lines]

    def plain(self) -> list[BoundField]:
        """The fields that belong to no single paper."""
        own = {f"{part}-{line.code}" for part in self.parts for line in self.lines}
        return [self[name] for name in self.fields if name not in own]

    def of(self, part: str, line: Line) -> Any:
        """What was filled in for one paper."""
        return self.cleaned_data.get(f"{part}-{line.code}")


class ReceiveForm(_Papers):
    """The check list of papers and a remark."""

    parts = ("verdict", "originals", "copies", "remark")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for line in self.lines:
            seen_at_the_counter = any(paper.digitised_by_id for paper in line.handed_in)
            there = bool(line.handed_in or line.found)
            self.fields[f"verdict-{line.code}"] = forms.ChoiceField(
                label=line.name,
                choices=Verdict.choices,
                widget=forms.RadioSelect,
                required=False,
                initial=line.found.verdict if line.found else (Verdict.PRESENT if seen_at_the_counter else ""),
            )
            self.fields[f"originals-{line.code}"] = _number(
                _("Bản chính"), line.originals if there else line.asked_originals
            )
            self.fields[f"copies-{line.code}"] = _number(_("Bản sao"), line.copies if there else line.asked_copies)
            self.fields[f"remark-{line.code}"] = TextField(
                label=_("Ghi chú, chỗ chưa đúng"),
                max_length=300,
                required=False,
                initial=line.found.remark if line.found else "",
            )
        self.fields["note"] = TextField(
            label=_("Ghi chú"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for line in self.lines:
            if self.of("verdict", line) == Verdict.WRONG and not self.of("remark", line):
                self.add_error(f"remark-{line.code}", _("Hãy ghi chỗ chưa đúng của “%(name)s”.") % {"name": line.name})
        return data

    def checks(self) -> tuple[PaperCheck, ...]:
        """The verdicts given, as the action takes them."""
        return tuple(
            PaperCheck(
                code=line.code,
                verdict=str(self.of("verdict", line)),
                originals=self.of("originals", line) or 0,
                copies=self.of("copies", line) or 0,
                remark=self.of("remark", line) or "",
            )
            for line in self.lines
            if self.of("verdict", line)
        )


def faults_in_words(lines: list[Line]) -> str:
    """The papers found missing or wrong, one a line, as the person will read it."""
    return "\n".join(f"- {line.name}: {line.what}" for line in lines if line.faulty)


class SupplementForm(_Papers):
    """What is missing or wrong, paper by paper, and how to mend it. Opens with what the check list found."""

    parts = ("what",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["papers"] = forms.MultipleChoiceField(
            label=_("Giấy tờ cần bổ sung hoặc sửa"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=[(line.code, line.name) for line in self.lines],
            initial=[line.code for line in self.lines if line.faulty],
        )
        for line in self.lines:
            self.fields[f"what-{line.code}"] = TextField(
                label=_("Thiếu hoặc sai chỗ nào"), max_length=300, required=False, initial=line.what
            )
        self.fields["reason"] = TextField(
            label=_("Nội dung cần bổ sung và hướng dẫn"),
            help_text=_("Viết một lần, đầy đủ, bằng lời dễ hiểu. Người dân sẽ đọc đúng đoạn này."),
            max_length=4000,
            initial=faults_in_words(self.lines),
            widget=forms.Textarea(attrs={"rows": 5}),
        )

    def ticked(self) -> list[str]:
        """The codes ticked on the page as it is shown."""
        return [str(code) for code in self["papers"].value() or ()]

    def items(self) -> list[dict[str, str]]:
        """The papers asked for with what is wrong with each, as the action takes them."""
        return [
            {"code": line.code, "name": line.name, "what": self.of("what", line) or line.what}
            for line in self.lines
            if line.code in self.cleaned_data["papers"]
        ]


class RefuseForm(_Papers):
    """Why the dossier is not received. Opens with what the check list found."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = TextField(
            label=_("Lý do"),
            max_length=4000,
            initial=faults_in_words(self.lines),
            widget=forms.Textarea(attrs={"rows": 4}),
        )


class CounterAnswerForm(forms.Form):
    """What a person without Internet brings to the counter for a supplement: paper copies, scans, words."""

    def __init__(self, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = dossier.supplements.filter(answered_at__isnull=True).first()
        self.asked = list(asked.items) if asked and asked.items else []
        for item in self.asked:
            code, name = item["code"], item["name"]
            self.fields[f"originals-{code}"] = _number(_("%(name)s: bản chính") % {"name": name}, 0)
            self.fields[f"copies-{code}"] = _number(_("%(name)s: bản sao") % {"name": name}, 0)
            self.fields[f"scan-{code}"] = ScanField(
                label=_("%(name)s: tệp quét hoặc ảnh chụp") % {"name": name},
                required=False,
                widget=ScanInput(attrs={"accept": ACCEPT}),
            )
        self.fields["note"] = TextField(
            label=_("Người dân bổ sung, sửa gì"),
            required=False,
            max_length=4000,
            widget=forms.Textarea(attrs={"rows": 3}),
        )

    def papers(self, actor: Actor) -> tuple[PaperIn, ...]:
        """What was brought, its scans kept as files."""
        data = self.cleaned_data
        found = []
        for item in self.asked:
            code = item["code"]
            originals, copies = data.get(f"originals-{code}") or 0, data.get(f"copies-{code}") or 0
            parts = data.get(f"scan-{code}") or []
            if not (originals or copies or parts):
                continue
            file = keep(actor, parts, item["name"]).pk if parts else None
            found.append(PaperIn(code=code, name=item["name"], file_id=file, originals=originals, copies=copies))
        return tuple(found)


class DigitiseForm(forms.Form):
    """A scan for one paper of the dossier."""

    paper = forms.ChoiceField(label=_("Giấy tờ"))
    scan = ScanField(
        label=_("Tệp quét (một hoặc nhiều tệp PDF, JPEG, PNG)"),
        help_text=_("Nhiều tệp được ghép theo thứ tự thành một giấy tờ."),
        required=False,
        widget=ScanInput(attrs={"accept": ACCEPT}),
    )
    photo = ScanField(
        label=_("Hoặc chụp bằng máy ảnh của điện thoại, máy tính bảng"),
        required=False,
        widget=ScanInput(attrs={"accept": "image/*", "capture": "environment"}),
    )

    def __init__(self, *args: Any, dossier: Dossier, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = {line.code: line.name for line in lines_of(dossier)}
        self.fields["paper"].choices = list(self.names.items())  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not (data.get("scan") or data.get("photo") or self.errors):
            self.add_error("scan", _("Hãy chọn tệp quét hoặc ảnh chụp."))
        return data

    def paper_in(self, actor: Actor) -> PaperIn:
        """The scan kept as one file, as the action takes it."""
        code = self.cleaned_data["paper"]
        parts = [*(self.cleaned_data["scan"] or []), *(self.cleaned_data["photo"] or [])]
        return PaperIn(code=code, name=self.names[code], file_id=keep(actor, parts, self.names[code]).pk, originals=1)
