"""What national systems are asked about a dossier: which questions, what an answer means, in which words it is told.

A procedure declares it (``enquiries``). Nothing here overwrites what the person wrote: an answer that differs stands
beside it, and an official decides.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import DomainError
from hienluong.foundation.people.models import Party
from hienluong.foundation.people.protected import blind_index
from hienluong.foundation.schemas import expressions
from hienluong.foundation.schemas.display import show
from hienluong.foundation.schemas.properties import label_of
from hienluong.services.adapters.asking import Reason, can_ask
from hienluong.services.adapters.base import adapter, adapters
from hienluong.services.procedures import enquiry_checks
from hienluong.services.procedures.spec import Enquiry as Declared

from .models import BEFORE_DECISION, Dossier, Enquiry

#: Under this name the answers come back (:mod:`hienluong.services.adapters.takers`).
TAKER = "dossiers.enquiries"

_COLOUR = {
    Enquiry.State.WAITING: "yellow",
    Enquiry.State.AGREES: "green",
    Enquiry.State.DIFFERS: "red",
    Enquiry.State.NOT_FOUND: "orange",
    Enquiry.State.DUPLICATE: "orange",
    Enquiry.State.FAILED: "orange",
    Enquiry.State.DROPPED: "grey",
}
#: Why no answer is there yet, by the kind of the last fault.
WHY = {
    "down": gettext_lazy("Hệ thống đó đang mất kết nối."),
    "slow": gettext_lazy("Hệ thống đó trả lời quá chậm."),
    "busy": gettext_lazy("Hệ thống đó đang quá tải, đề nghị hỏi lại sau."),
    "wrong": gettext_lazy("Hệ thống đó trả lời sai, không dùng được."),
    "refused": gettext_lazy("Hệ thống đó từ chối trả lời."),
    "off": gettext_lazy("Chưa có quyền hỏi hệ thống đó."),
    "question": gettext_lazy("Đơn thiếu thông tin để hỏi."),
}


class StillHeld(DomainError):
    """A national system has not answered, or says otherwise, and no official has gone on by hand."""

    code = "dossiers.still_held"


def register_questions() -> None:
    """Tell procedures what can be asked."""
    for one in adapters():
        for operation in one.operations:
            enquiry_checks.register(
                f"{one.code}.{operation.name}",
                enquiry_checks.Asked(
                    takes=frozenset(operation.question.get("properties", {})),
                    needs=frozenset(operation.question.get("required", ())),
                    answers=frozenset(operation.answer.get("properties", {})),
                ),
            )


def declared(dossier: Dossier) -> list[Declared]:
    """The enquiries of the dossier's procedure; the specification is read only where there are some."""
    version = dossier.procedure_version
    return version.spec.enquiries if version.spec_json.get("enquiries") else []


def known(dossier: Dossier) -> dict[str, Any]:
    """What the expressions of an enquiry may read (:data:`enquiry_checks.NAMES` beside the answers)."""
    return {
        **dossier.data,
        "party_name": dossier.subject.name,
        "party_number": dossier.subject.identifier,
        "commune_code": dossier.competent.commune_code or None,
    }


def question_of(enquiry: Declared, data: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked; fields without a value are left out."""
    found = {name: expressions.evaluate(text, data) for name, text in enquiry.question.items()}
    return {name: value for name, value in found.items() if value not in (None, "")}


def mark_of(question: Mapping[str, Any]) -> str:
    """A keyed hash by which the same question is known again."""
    return blind_index(json.dumps(question, sort_keys=True, ensure_ascii=True, default=str))


def about(dossier: Dossier, code: str, round: int) -> str:
    """The matter of one round of one question, under which it waits."""
    return f"dossier:{dossier.code}#{code}.{round}"


def meant(about: str) -> tuple[str, str, int]:
    """Code of the dossier, code of the enquiry and round, of a matter; empty ones for another kind of matter."""
    place, _hash, rest = about.removeprefix("dossier:").partition("#")
    code, _dot, round = rest.rpartition(".")
    return (place, code, int(round)) if round.isdecimal() else ("", "", 0)


def reason_for(dossier: Dossier, enquiry: Declared, question: Mapping[str, Any], round: int) -> Reason:
    """For what a system is asked, and whose data is read: the one whose number is asked about."""
    number = str(question.get("personal_id", ""))
    party = next((each for each in (dossier.subject, dossier.filer) if each.identifier == number), None)
    if party is None:
        named = Party.objects.filter(kind=Party.Kind.CITIZEN, identifier_hash=blind_index(number))
        party = named.first() if number else dossier.subject
    words = _("Đối chiếu hồ sơ %(code)s: %(title)s") % {"code": dossier.code, "title": enquiry.title}
    return Reason(words, dossier.handling, party, about(dossier, enquiry.code, round))


def judge(enquiry: Declared, dossier: Dossier, told: Mapping[str, Any]) -> tuple[str, list[dict[str, Any]]]:
    """Whether an answer agrees with what the person wrote, and both side by side."""
    data, rows, same = known(dossier), [], True
    for pair in enquiry.compare:
        theirs = told.get(pair.told)
        theirs = pair.values.get(str(theirs), theirs)
        equal = theirs is None or _fold(theirs) == _fold(data.get(pair.field))
        rows.append({"field": pair.field, "typed": data.get(pair.field), "told": theirs, "same": equal})
        same = same and equal
    if enquiry.agrees:
        same = same and expressions.holds(enquiry.agrees, {**data, "answer": dict(told)})
    rows += [{"words": words, "told": told[name]} for words, name in enquiry.show.items() if told.get(name)]
    return (Enquiry.State.AGREES if same else Enquiry.State.DIFFERS), rows


def _fold(value: Any) -> Any:
    """Equal for texts that differ in capitals, spaces or how letters are composed only."""
    if isinstance(value, str):
        return " ".join(unicodedata.normalize("NFC", value).casefold().split())
    return value


def settle(dossier: Dossier, rows: Iterable[Enquiry]) -> None:
    """Note on the (locked, not saved) dossier whether any of its enquiries keeps it from being granted."""
    dossier.held = any(row.is_open for row in rows)


def require_settled(dossier: Dossier) -> None:
    """Raise :class:`StillHeld` while something keeps a dossier from being granted, with what and since when."""
    if not dossier.held:
        return
    held = [look for look in looks_of(dossier) if look.is_open]
    if held:
        raise StillHeld(
            _(
                "Chưa đề xuất cấp được: %(what)s. Hãy chờ trả lời, hoặc chọn “Tiếp tục, đối chiếu thủ công” và ghi lý do."
            )
            % {"what": "; ".join(f"{look.title} ({look.words.lower()})" for look in held)}
        )


@dataclass(frozen=True)
class Line:
    """One thing that was compared, or that the system said besides."""

    label: str
    typed: str
    told: str
    same: bool
    compared: bool


@dataclass(frozen=True)
class Look:
    """One enquiry as people read it; without a row it was not asked yet, or never is: the system is not connected."""

    code: str
    title: str
    system: str
    row: Enquiry | None = None
    lines: list[Line] = field(default_factory=list)
    connected: bool = True

    @property
    def words(self) -> str:
        """Its state."""
        if self.row is None:
            return _("Đang gửi câu hỏi") if self.connected else _("Chưa kết nối, đối chiếu thủ công")
        return str(self.row.get_state_display())

    @property
    def colour(self) -> str:
        """The colour of its state."""
        return _COLOUR[Enquiry.State(self.row.state)] if self.row else "grey"

    @property
    def is_open(self) -> bool:
        """Whether it keeps the dossier from being granted."""
        return self.row is not None and self.row.is_open

    @property
    def why(self) -> str:
        """Why there is no answer, when there is none."""
        unanswered = self.row is not None and self.row.state in (Enquiry.State.WAITING, Enquiry.State.FAILED)
        return str(WHY.get(self.row.why, "")) if self.row and unanswered else ""


def fetch(dossier: Dossier) -> None:
    """Read the enquiries of a dossier once for a page that asks for them several times."""
    if declared(dossier):
        prefetch_related_objects([dossier], "enquiries__by_hand_by")


def looks_of(dossier: Dossier) -> list[Look]:
    """The enquiries of a dossier in the order of its procedure. One query, none where the procedure has no enquiry."""
    asked = declared(dossier)
    if not asked:
        return []
    rows = {row.code: row for row in dossier.enquiries.all()}
    found = []
    for one in asked:
        row = rows.get(one.code)
        if row is None and not (
            dossier.is_open and dossier.waiting_task in BEFORE_DECISION and expressions.holds(one.when, known(dossier))
        ):
            continue
        unasked = row is not None and row.state == Enquiry.State.WAITING and not dossier.is_open
        if row is None or not (unasked or row.state == Enquiry.State.DROPPED):
            connected = row is not None or can_ask(one.system, one.operation)
            found.append(Look(one.code, one.title, title_of(one), row, _lines(dossier, row), connected))
    return found


def may_ask_again(dossier: Dossier) -> bool:
    """Whether something was answered otherwise than hoped for, or could not be asked."""
    settled = (Enquiry.State.WAITING, Enquiry.State.AGREES)
    return any(look.row is not None and look.row.state not in settled for look in looks_of(dossier))


def title_of(enquiry: Declared) -> str:
    """What the system is called."""
    return str(adapter(enquiry.system).title)


def _lines(dossier: Dossier, row: Enquiry | None) -> list[Line]:
    if row is None or not row.rows:
        return []
    form = dossier.procedure_version.spec.form
    fields: dict[str, Any] = form.data_schema.get("properties", {}) if form else {}
    found = []
    for each in json.loads(row.rows):
        prop = fields.get(each.get("field", ""), {})
        told = "" if each["told"] is None else show(each["told"], prop)
        if "field" in each:
            typed = "" if each["typed"] is None else show(each["typed"], prop)
            found.append(Line(label_of(each["field"], prop), typed, told, each["same"], True))
        else:
            found.append(Line(each["words"], "", told, True, False))
    return found


def told_to_person(looks: Iterable[Look], *, own: bool) -> list[str]:
    """What the person reads: what is waited for since when, and that the time goes on.

    Not `own`: on the page where anybody with the code and four figures looks, which says nothing of what the person wrote.
    """
    found = []
    for look in looks:
        row = look.row
        if row is None:
            continue
        said = {"system": look.system, "title": look.title, "when": _moment(row.asked_at), "why": look.why}
        if row.state == Enquiry.State.WAITING and row.by_hand_at:
            found.append(_("%(system)s chưa trả lời; cán bộ không chờ nữa và tự đối chiếu (%(title)s).") % said)
        elif row.state == Enquiry.State.WAITING:
            words = _("Đang chờ %(system)s trả lời (%(title)s), từ %(when)s. %(why)s") % said
            found.append(
                f"{words.strip()} {_('Hệ thống tự hỏi lại. Thời hạn giải quyết vẫn tính, ngày hẹn trả không đổi.')}"
            )
        elif row.state == Enquiry.State.FAILED:
            found.append(_("Chưa hỏi được %(system)s (%(title)s); cán bộ sẽ tự đối chiếu.") % said)
        elif own and row.state == Enquiry.State.DIFFERS:
            fields = ", ".join(line.label for line in look.lines if line.compared and not line.same)
            words = _("%(system)s có thông tin khác với đơn của bạn (%(title)s).") % said
            if fields:
                words = _("%(system)s có thông tin khác với đơn của bạn ở: %(fields)s.") % {**said, "fields": fields}
            found.append(f"{words} {_('Đơn của bạn được giữ nguyên; cán bộ đang xem xét.')}")
        elif own and row.state in (Enquiry.State.NOT_FOUND, Enquiry.State.DUPLICATE):
            found.append(_("%(system)s không xác nhận được thông tin này (%(title)s); cán bộ đang xem xét.") % said)
    return found


def _moment(at: Any) -> str:
    return date_format(timezone.localtime(at), "H:i d/m/Y")
