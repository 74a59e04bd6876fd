"""A draft as a page works on it: opened for who may build it, its definitions read, one operation saved."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.forms import BaseFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.schemas.positions import parse

from . import actions, files, yaml_text
from .files import Checked, Told
from .legible import is_legible
from .lists_declared import declared
from .models import Draft, State
from .permission import BUILD

Definition = Mapping[str, Any]
Operation = Callable[[Definition], Definition]


@dataclass(frozen=True)
class Bench:
    """A draft on the bench: who works on it, and its texts at the state that is worked on."""

    actor: Actor
    draft: Draft
    head: State
    files: Mapping[str, str]

    @cached_property
    def checked(self) -> Checked:
        """The texts read as a pack, with every fault."""
        return files.check(self.files)

    def text(self, path: str) -> str:
        """The text of a file; raises NotFound."""
        if path not in self.files:
            raise NotFound(_("Bản nháp không có tệp này."))
        return self.files[path]

    def definition(self, path: str) -> dict[str, Any] | None:
        """What a YAML file says; None when it cannot be read or worked on (its faults then say why)."""
        value = parse(self.text(path), path).value
        return value if isinstance(value, dict) and is_legible(path, value) else None

    def faults(self, path: str) -> list[Told]:
        """The faults of one file."""
        return self.checked.of(path)

    def stems(self, folder: str, ending: str = ".yaml") -> list[str]:
        """The files of a folder of the pack, without folder and ending."""
        return sorted(
            path.removeprefix(f"{folder}/").removesuffix(ending)
            for path in self.files
            if path.startswith(f"{folder}/") and path.endswith(ending)
        )


def drafts(actor: Actor) -> QuerySet[Draft]:
    """The drafts that one may build, by title. Raises NotAllowed when there can be none."""
    paths = actor.paths_with(BUILD.code)
    if not paths:
        raise NotAllowed(_("Bạn không có quyền soạn gói khai báo."), permission=BUILD.code)
    mine = Q(pk__in=[])
    for path in paths:
        mine |= Q(owner__path__startswith=path)
    return Draft.objects.filter(mine).select_related("owner", "head", "installed").order_by("title", "name")


def open_draft(request: HttpRequest, name: str) -> Bench:
    """The draft of this name; raises NotFound when it is not there or not one's own to build."""
    actor = actor_of(request)
    draft = drafts(actor).filter(name=name.replace("\0", "")[:80]).first()
    if draft is None or draft.head is None:
        raise NotFound(_("Không có bản nháp này."))
    return Bench(actor, draft, draft.head, files.of(draft.head))


def expected_of(request: HttpRequest) -> int:
    """The state that the page showed; 0, which is none, when it does not say."""
    given = request.POST.get("ban", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 18 else 0


def edit(
    bench: Bench, path: str, operation: Operation, *, words: str, expected: int, without: Collection[str] = ()
) -> State:
    """Apply an operation to a YAML file of the draft and save; files `without` which it does from then on go. Raises what
    the operation or the saving refuses."""
    text = bench.text(path)
    definition = bench.definition(path)
    if definition is None:
        raise InvalidInput(
            _("Tệp “%(path)s” không đọc được; hãy sửa chữ của tệp trước.") % {"path": path}, code="building.unreadable"
        )
    changed = yaml_text.dump(operation(definition), yaml_text.leading_comment(text))
    kept = {known: text for known, text in bench.files.items() if known not in without}
    texts = declared({**kept, path: changed}, path)
    return actions.save(bench.actor, draft=bench.draft, files=texts, words=words, expected=expected)


def write(bench: Bench, path: str, text: str | None, *, words: str, expected: int) -> State:
    """Put a text in the place of a file, or take the file away (None), and save."""
    files.sound_path(path)
    others = {known: kept for known, kept in bench.files.items() if known != path}
    changed = others if text is None else {**others, path: text}
    return actions.save(bench.actor, draft=bench.draft, files=changed, words=words, expected=expected)


def tell_saved(request: HttpRequest, faults: Sequence[Told]) -> None:
    """Say that the draft is kept, and the first of what is wrong in it."""
    if faults:
        messages.warning(request, _("Bản nháp được giữ, nhưng còn lỗi: %(fault)s") % {"fault": faults[0].message})
    else:
        messages.success(request, _("Đã lưu."))


def tried(call: Callable[[], Any]) -> str:
    """What a rule said no to, in words; empty when it was done. That one may not, or that it is not there, goes on up."""
    try:
        call()
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        return str(error.message)
    return ""


def back_to(request: HttpRequest, otherwise: str) -> HttpResponseRedirect:
    """Back to the page that a form stood on (``ve``), when that is one of ours."""
    wanted = request.POST.get("ve", "")[:400]
    sound = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return HttpResponseRedirect(wanted if sound else otherwise)


def page(
    request: HttpRequest, template: str, bench: Bench, *, title: str, refused: str = "", **more: Any
) -> HttpResponse:
    """A page about a draft, with what all of them show: where one is, the state, undo and redo, what is wrong."""
    draft, head = bench.draft, bench.head
    here = reverse("building:show", args=[draft.name])
    crumbs = [(_("Xưởng khai báo"), reverse("building:drafts")), (draft.title, here)]
    form = more.get("form")
    context = {
        "bench": bench,
        "draft": draft,
        "head": head,
        "title": title,
        "can_undo": head.parent_id is not None,
        "following": actions.next_of(draft) if draft.tip_id != draft.head_id else None,
        "refused": refused,
        "refusals": [refused] if refused else [],
        "breadcrumbs": [*crumbs, *more.pop("crumbs", ()), (title, "")]
        if title != draft.title
        else [*crumbs[:1], (title, "")],
        **more,
    }
    rows = more.get("columns", more.get("codes"))  # the boxes of a table, where the page has them
    is_wrong = bool(refused) or bool(form is not None and form.errors)
    is_wrong = is_wrong or (isinstance(rows, BaseFormSet) and rows.is_bound and not rows.is_valid())
    said = _said(request)
    answer = render(request, template, context, status=422 if is_wrong else 200)
    if said:
        answer["HX-Trigger"] = said
    return answer


def _said(request: HttpRequest) -> str:
    """Where only the bench is put into the page that stands (htmx), the last message goes along in a header."""
    if "HX-Request" not in request.headers:
        return ""
    told = list(messages.get_messages(request))
    return json.dumps({"hl:toast": {"text": str(told[-1]), "tone": told[-1].level_tag}}) if told else ""
