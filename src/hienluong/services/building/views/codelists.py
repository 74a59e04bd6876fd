"""A code list of a draft: begin one, its rows as a table, lines pasted, the next edition, taking it away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.codelists.models import Code
from hienluong.foundation.codelists.reading import shipped_names
from hienluong.foundation.codelists.rows import CodeRow
from hienluong.foundation.identity import officials
from hienluong.foundation.schemas.positions import parse
from hienluong.ui import asked

from .. import codelist_operations as ops
from .. import workspace, yaml_text
from ..codelist_forms import CodeListForm, CodeRows, NewCodeListForm, code_rows
from ..files import Told
from ..lists_declared import named
from ..workspace import Bench, Definition

#: Rows on one page of the table.
PER_PAGE = 100
#: Rows of a table beside the list that are taken into its file.
MOST_ROWS = 3000
_MOST_DIGITS = 6


@dataclass(frozen=True)
class Opened:
    """One code list of a draft."""

    bench: Bench
    stem: str
    definition: Mapping[str, Any]
    #: Of a table beside it, which the page writes into the file itself.
    rows: Sequence[CodeRow] = ()

    @property
    def tables(self) -> list[str]:
        """The tables beside it that its file then names no more."""
        before, now = self.bench.definition(self.path) or {}, self.definition
        return [f"codelists/{name}" for name in ops.tables(before) - ops.tables(now)] if self.rows else []

    @property
    def path(self) -> str:
        """Its file."""
        return f"codelists/{self.stem}.yaml"

    @property
    def address(self) -> str:
        """Its page."""
        return reverse("building:codelist", args=[self.bench.draft.name, self.stem])

    @property
    def is_begun(self) -> bool:
        """Whether the edition that is worked on has a code, or a table or a rule that gives some."""
        edition = ops.edition_of(self.definition)
        return bool(edition.get("codes") or edition.get("table") or edition.get("computed") or self.rows)

    @property
    def faults(self) -> list[Told]:
        """What is wrong in its file; that it has no code yet is no fault of who is about to write them."""
        place = ("editions", ops.at(self.definition), "codes")
        return [told for told in self.bench.faults(self.path) if self.is_begun or not told.within(*place)]

    @cached_property
    def held(self) -> frozenset[str]:
        """The codes of the edition that is worked on which are installed."""
        found = Code.objects.filter(
            edition__codelist__code=self.definition.get("code"),
            edition__codelist__pack=self.bench.draft.name,
            edition__code=ops.edition_of(self.definition).get("code"),
        )
        return frozenset(found.values_list("value", flat=True))


@require_http_methods(["GET", "POST"])
@officials.only()
def add(request: HttpRequest, name: str) -> HttpResponse:
    """A new code list in the draft."""
    bench = workspace.open_draft(request, name)
    form = NewCodeListForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        code = said["code"] or ops.code_of(said["title"])
        if code in bench.stems("codelists") or code in shipped_names():
            form.add_error("code", _("Đã có danh mục mã “%(code)s”; hãy ghi mã khác.") % {"code": code})
        else:
            made = yaml_text.dump(ops.new_list(code, said["title"], bench.draft.owner.name, said["valid_from"]))
            words = _("Thêm danh mục “%(title)s”") % {"title": said["title"]}
            expected = workspace.expected_of(request)
            if attempt(
                form, lambda: workspace.write(bench, f"codelists/{code}.yaml", made, words=words, expected=expected)
            ):
                return redirect("building:codelist", name=name, stem=code)
    return workspace.page(request, "building/new_part.html", bench, title=_("Danh mục mới"), form=form)


@require_http_methods(["GET", "POST"])
@officials.only()
def show(request: HttpRequest, name: str, stem: str) -> HttpResponse:
    """The list and its rows; every button of the page keeps all that was typed, in one state."""
    bench = workspace.open_draft(request, name)
    definition = bench.definition(f"codelists/{stem}.yaml")
    rows = _of_table(bench, stem, definition) if definition else None
    if definition is None or rows is None:
        return redirect("building:source", name=name, file=f"codelists/{stem}.yaml")
    found = Opened(bench, stem, ops.taken_in(definition, rows) if rows else definition, rows)
    if request.POST.get("viec") == "bo-danh-muc":
        return _removed(request, found)
    return _edited(request, found)


def _of_table(bench: Bench, stem: str, definition: Definition) -> Sequence[CodeRow] | None:
    """The rows of the table beside the list that the edition names; none when it names none. None when the table cannot be
    read, or is too long for a page: then it is a file to edit, or to bring in anew."""
    edition = ops.edition_of(definition)
    if not (table := edition.get("table")):
        return ()
    loaded = next((one for one in bench.checked.pack.codelists if one.file == f"codelists/{stem}.yaml"), None)
    rows = loaded.rows.get(str(edition.get("code")), ()) if loaded else ()
    is_read = loaded is not None and not any(fault.file == f"codelists/{table}" for fault in loaded.faults)
    return rows if is_read and 0 < len(rows) <= MOST_ROWS else None


def _edited(request: HttpRequest, found: Opened) -> HttpResponse:
    rows = ops.entries(found.definition)
    shown = Paginator(rows, PER_PAGE).get_page(asked.number(request, "page", 1, 10**4) or 1)
    start = (shown.number - 1) * PER_PAGE
    is_sent = request.method == "POST"
    form = CodeListForm(request.POST if is_sent else None, initial=_boxes(found.definition), is_held=bool(found.held))
    codes = code_rows(request.POST if is_sent else None, list(shown))
    refused = ""
    looked: list[ops.Looked] = []
    if is_sent and form.is_valid() and codes.is_valid():
        looked = _looked(found, form)
    if count := sum(1 for each in looked if each.fault):
        refused = _("%(count)d dòng chưa đúng, nên chưa ghi dòng nào.") % {"count": count}
    elif is_sent and form.is_valid() and codes.is_valid() and request.POST.get("viec") != "xem-dan":
        expected = workspace.expected_of(request)
        words = _("Sửa danh mục “%(title)s”") % {"title": form.cleaned_data["title"]}
        refused = workspace.tried(
            lambda: workspace.edit(
                found.bench,
                found.path,
                lambda definition: _changed(
                    ops.taken_in(definition, found.rows) if found.rows else definition,
                    request,
                    form,
                    codes,
                    start,
                    found.held,
                ),
                words=words,
                expected=expected,
                without=found.tables,
            )
        )
        if not refused:
            _tell_saved(request, found)
            return workspace.back_to(request, found.address + (f"?page={shown.number}" if shown.number > 1 else ""))
    return _page(request, found, form, codes, shown, refused, looked)


def _looked(found: Opened, form: CodeListForm) -> list[ops.Looked]:
    """What the pasted lines would do."""
    pasted = ops.pasted(form.cleaned_data["lines"])
    return ops.look(found.definition, said=pasted) if pasted else []


def _changed(
    definition: Definition,
    request: HttpRequest,
    form: CodeListForm,
    codes: CodeRows,
    start: int,
    held: frozenset[str],
) -> Definition:
    """All that the page says, then what was pressed (``len 3``, ``xuong 3``, ``bo 3``, ``dan``, ``an-ban``)."""
    given = {part: value for part, value in form.cleaned_data.items() if part not in ("lines", "next_from")}
    verb, _space, place = request.POST.get("viec", "")[:40].partition(" ")
    number = int(place) if place.isascii() and place.isdigit() and len(place) <= _MOST_DIGITS else -1
    if verb == "an-ban":
        day = form.cleaned_data.get("next_from")
        if day is None:
            raise InvalidInput(_("Chọn ngày ấn bản mới bắt đầu dùng."), field="next_from")
        definition = ops.next_edition(definition, valid_from=day)
        held = frozenset()
        given.pop("valid_from", None)
    changed = ops.set_about(definition, held=held, **given)
    changed = ops.put_codes(changed, start=start, said=codes.said, held=held if verb != "bo" else ())
    if form.cleaned_data["lines"].strip():
        changed = ops.add_codes(changed, said=ops.pasted(form.cleaned_data["lines"]), held=held if verb != "bo" else ())
    at = _place_now(codes, start, number)
    if at is None or verb not in ("bo", "len", "xuong"):
        return changed
    if verb == "bo":
        return ops.remove_code(changed, number=at, held=held)
    return ops.step_code(changed, number=at, by=-1 if verb == "len" else 1)


def _place_now(codes: CodeRows, start: int, number: int) -> int | None:
    """Where a row of the page stands once the blank ones are left out; None for one that is blank."""
    is_there = [bool(row["code"] or row["name"]) for row in codes.said]
    place = number - start
    return start + sum(is_there[:place]) if 0 <= place < len(is_there) and is_there[place] else None


def _removed(request: HttpRequest, found: Opened) -> HttpResponse:
    """Take the list away, unless something names it or it is installed."""
    bench, code = found.bench, str(found.definition.get("code", found.stem))
    users = sorted({path for path in _readers(bench, code) if path != found.path})
    words = _("Bỏ danh mục “%(title)s”") % {"title": found.definition.get("title", "")}
    expected = workspace.expected_of(request)
    if users:
        refused = _("Danh mục đang được dùng ở %(files)s.") % {"files": ", ".join(users[:5])}
    else:
        refused = workspace.tried(lambda: workspace.write(bench, found.path, None, words=words, expected=expected))
    if refused:
        messages.error(request, refused)
        return redirect(found.address)
    return redirect("building:show", name=bench.draft.name)


def _readers(bench: Bench, code: str) -> Iterator[str]:
    """The files of the draft whose fields name a list."""
    for path, text in bench.files.items():
        if path.endswith(".yaml") and code in text and code in named(parse(text, path).value):
            yield path


def _tell_saved(request: HttpRequest, found: Opened) -> None:
    now = workspace.open_draft(request, found.bench.draft.name)
    definition = now.definition(found.path)
    faults = now.faults(found.path) if definition is None else Opened(now, found.stem, definition).faults
    workspace.tell_saved(request, faults)


def _boxes(definition: Definition) -> dict[str, Any]:
    edition = ops.edition_of(definition)
    return {
        "coding": "published",
        **{part: definition[part] for part in ops.OF_LIST if part in definition},
        **{part: edition[part] for part in ops.OF_EDITION if part in edition},
    }


def _page(
    request: HttpRequest,
    found: Opened,
    form: CodeListForm,
    codes: CodeRows,
    shown: Page[Any],
    refused: str,
    looked: Sequence[ops.Looked],
) -> HttpResponse:
    start = (shown.number - 1) * PER_PAGE
    first = codes.initial_form_count()
    rows = [
        {
            "boxes": row,
            "number": start + number,
            "is_new": number >= first,
            "name": row["name"].value() or row["code"].value() or "",
        }
        for number, row in enumerate(codes)
    ]
    edition = ops.edition_of(found.definition)
    return workspace.page(
        request,
        "building/codelist.html",
        found.bench,
        title=str(found.definition.get("title") or found.stem),
        found=found,
        form=form,
        codes=codes,
        rows=rows,
        shown=shown,
        edition=edition,
        older=[each for each in found.definition["editions"] if each is not edition],
        parents=[(str(row.get("code", "")), str(row.get("name", ""))) for row in ops.entries(found.definition)],
        faults=found.faults,
        refused=refused,
        looked=looked,
    )
