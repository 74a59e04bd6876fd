"""What the pages of one register on the bench share: opening it, its tabs, saving an operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property, wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.actions import spec_of
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Definition as Installed
from hienluong.capabilities.registers.models import Register
from hienluong.foundation.actions import InvalidInput, NotFound
from hienluong.foundation.codelists.models import CodeList
from hienluong.foundation.schemas import lists
from hienluong.foundation.schemas.properties import Property, properties
from hienluong.services.building import actions, files, presets, workspace, yaml_text
from hienluong.services.building import register_operations as ops
from hienluong.services.building.carrying import Broken, broken
from hienluong.services.building.lists_declared import declared
from hienluong.services.building.workspace import Bench, Operation
from hienluong.services.packs.called import own_lists

#: The button with which an edit of an installed version begins the next.
BEGIN = "phien-ban-moi"


@dataclass(frozen=True)
class Opened:
    """One register of a draft: its file and what the file says."""

    bench: Bench
    stem: str
    path: str
    definition: Mapping[str, Any]
    #: The state that is worked on, where it is not the one that the page showed: what the same request saved before.
    expected: int = 0

    @property
    def fields(self) -> Mapping[str, Property]:
        """Its fields by name."""
        return properties(ops.schema_of(self.definition))

    @property
    def args(self) -> list[str]:
        """The parts of its addresses."""
        return [self.bench.draft.name, self.stem]

    def address(self, page: str = "register") -> str:
        """One of its pages."""
        return reverse(f"building:{page}", args=self.args)

    @cached_property
    def installed(self) -> list[Installed]:
        """The versions of this register that are installed, the newest first."""
        code = str(self.definition.get("code", ""))
        return list(Installed.objects.filter(register__code=code).order_by("-version"))

    @property
    def is_installed(self) -> bool:
        """Whether the version that is worked on is installed already: what is changed now needs a version of its own."""
        return any(each.version == self.definition.get("version") for each in self.installed)

    @property
    def spec(self) -> RegisterSpec | None:
        """What its file declares; None while it has faults that hide it."""
        return next((spec for file, spec in self.bench.checked.pack.registers if file == self.path), None)

    @cached_property
    def before(self) -> RegisterSpec | None:
        """The installed version that the one worked on follows."""
        spec = self.spec
        one = next((each for each in self.installed if spec and each.version < spec.version), None)
        return spec_of(one) if one else None

    @cached_property
    def broken(self) -> list[Broken]:
        """What records of the version before would not satisfy in this one."""
        return broken(self.before, self.spec) if self.before and self.spec else []

    @property
    def waiting(self) -> list[str]:
        """The labels of the fields of which it is still to be said how records come over."""
        said = self.definition.get("migrate")
        known = said if isinstance(said, Mapping) else {}
        return [each.label for each in self.broken if each.field not in known]

    @property
    def is_closed(self) -> str:
        """Why a version that is installed is not changed, and what to do."""
        said = _(
            "Phiên bản %(number)s đã cài, không sửa được nữa: bản ghi đã có theo nó. Chưa sửa gì. "
            "Bấm “Bắt đầu phiên bản mới” thì điều vừa làm vào phiên bản sau."
        )
        return said % {"number": self.definition.get("version")}

    @property
    def first_day(self) -> date:
        """The first day from which a next version may hold: after the one that is installed began, and not before tomorrow,
        so that what was written today stays as it was judged."""
        began: list[date] = [each.valid.lower for each in self.installed]
        return max([timezone.localdate() + timedelta(days=1), *(day + timedelta(days=1) for day in began)])

    def edit(self, request: HttpRequest, operation: Operation, words: str) -> str:
        """Apply an operation and save; what was refused, in words.

        A version that is installed is not changed: the page offers to begin the one after it (:data:`BEGIN`), in which the
        operation is then done.
        """
        expected = self.expected or workspace.expected_of(request)
        if not self.is_installed:
            return workspace.tried(
                lambda: workspace.edit(self.bench, self.path, operation, words=words, expected=expected)
            )
        may_begin = BEGIN in request.POST
        return workspace.tried(lambda: self._edit_after(operation, words, expected, may_begin=may_begin))

    def _edit_after(self, operation: Operation, words: str, expected: int, *, may_begin: bool) -> None:
        if yaml_text.dump(operation(self.definition)) == yaml_text.dump(self.definition):
            return
        if not may_begin:
            raise InvalidInput(self.is_closed, code="building.installed")
        self.begin_next(self.first_day, expected, operation, words)

    def begin_next(self, day: date, expected: int, operation: Operation | None = None, words: str = "") -> None:
        """Go on to the next version, from a day on; the one that is installed stays in a file of its own (``cho.v1.yaml``).
        With an operation it is done in the new version."""
        changed: Mapping[str, Any] = ops.next_version(self.definition, effective_from=day)
        said = _("Bắt đầu phiên bản %(number)s của “%(title)s”")
        told = said % {"number": changed["version"], "title": changed.get("title", "")}
        if operation is not None:
            changed, told = operation(changed), f"{told}. {words}"
        state = self.bench.draft.installed
        old = files.of(state).get(self.path) if state else None
        kept = {f"registers/{self.stem}.v{self.definition.get('version')}.yaml": old} if old is not None else {}
        text = yaml_text.dump(changed, yaml_text.leading_comment(self.bench.text(self.path)))
        actions.save(
            self.bench.actor,
            draft=self.bench.draft,
            files=declared({**self.bench.files, **kept, self.path: text}, self.path),
            words=told,
            expected=expected,
        )


def tell_saved(request: HttpRequest, found: Opened, *parts: tuple[str | int, ...]) -> None:
    """Say that the draft is kept, and what is wrong in the definition as it now is: in these parts first."""
    now = opened(request, found.bench.draft.name, found.stem)
    faults = sorted(now.bench.faults(now.path), key=lambda told: not any(told.within(*part) for part in parts))
    workspace.tell_saved(request, faults)


def opened(request: HttpRequest, name: str, stem: str) -> Opened:
    """The register; raises NotFound when the draft has no such file, or it cannot be read (then as text only)."""
    bench = workspace.open_draft(request, name)
    path = f"registers/{stem}.yaml"
    definition = bench.definition(path)
    if definition is None:
        raise NotFound(_("Tệp %(path)s không đọc được; hãy sửa chữ của tệp.") % {"path": path})
    return Opened(bench, stem, path, definition)


def with_own_lists(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view of a register in which the draft's own code lists are chosen from, before they are installed."""

    @wraps(view)
    def wrapped(request: HttpRequest, name: str, stem: str) -> HttpResponse:
        with lists.besides(own_lists(workspace.open_draft(request, name).checked.pack)):
            return view(request, name, stem)

    return wrapped


def again(request: HttpRequest, found: Opened) -> Opened:
    """The register after a first change of this request, for another one."""
    now = opened(request, *found.args)
    return replace(now, expected=now.bench.head.pk)


def tabs(found: Opened, current: str) -> list[dict[str, Any]]:
    """The pages of a register, its file the last of them."""
    pages = (
        ("register", _("Các trường")),
        ("register_about", _("Thông tin chung")),
        ("register_lists", _("Danh sách, tìm kiếm")),
        ("register_access", _("Quyền xem, ghi")),
        ("register_rules", _("Quy tắc")),
        ("register_certificate", _("Giấy chứng nhận")),
        ("register_trial", _("Xem thử")),
        ("register_version", _("Phiên bản")),
    )
    file = reverse("building:source", args=[found.bench.draft.name, found.path])
    return [
        *({"label": label, "href": found.address(key), "current": key == current} for key, label in pages),
        {"label": _("Tệp YAML"), "href": file, "current": current == "source"},
    ]


def page(request: HttpRequest, template: str, found: Opened, tab: str, **more: Any) -> HttpResponse:
    """A page about a register: its tabs and its faults stand on all of them."""
    title = str(found.definition.get("title") or found.stem)
    return workspace.page(
        request,
        template,
        found.bench,
        title=title,
        found=found,
        definition=found.definition,
        tabs=tabs(found, tab),
        faults=found.bench.faults(found.path),
        is_installed=tab != "register_version" and found.is_installed,
        waiting=found.waiting if tab != "register_version" else [],
        begins=_begins(request, found) if more.get("refused") == found.is_closed else None,
        **more,
    )


def _begins(request: HttpRequest, found: Opened) -> dict[str, Any]:
    """What was sent, to be sent once more with :data:`BEGIN`; and which version begins when."""
    number = found.definition.get("version")
    left_out = ("csrfmiddlewaretoken", "ban", BEGIN)
    sent = [(name, value) for name, values in request.POST.lists() for value in values if name not in left_out]
    return {
        "sent": sent,
        "number": number + 1 if isinstance(number, int) else 1,
        "day": found.first_day,
        "button": BEGIN,
    }


def presets_of(found: Opened) -> presets.Presets:
    """What a new field of the register begins with."""
    own = str(found.definition.get("code", ""))
    return presets.of_bench(found.bench, lists=code_lists(found.bench), registers=registers(found.bench), own=own)


def code_lists(bench: Bench) -> list[tuple[str, str]]:
    """The code lists that a field may name: first the draft's own, then those that are there."""
    of_pack = _("%(title)s (của gói này)")
    own = {
        stem: of_pack % {"title": (bench.definition(f"codelists/{stem}.yaml") or {}).get("title", stem)}
        for stem in bench.stems("codelists")
    }
    there = {each.code: each.label for each in CodeList.objects.order_by("code") if each.code not in own}
    return [*_by_label(own), *_by_label(there)]


def _by_label(named: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(named.items(), key=lambda item: item[1])


def registers(bench: Bench) -> list[tuple[str, str]]:
    """The registers that a reference may name: the draft's own and those that are there."""
    own: dict[str, str] = {}
    for stem in bench.stems("registers"):
        said = bench.definition(f"registers/{stem}.yaml") or {}
        own[str(said.get("code", stem))] = f"{said.get('title', stem)} ({said.get('code', stem)})"
    there: dict[str, str] = {}
    for register in Register.objects.order_by("code").prefetch_related("definitions"):
        newest = max(register.definitions.all(), key=lambda one: one.version, default=None)
        there[register.code] = f"{spec_of(newest).title} ({register.code})" if newest else register.code
    return sorted({**there, **own}.items(), key=lambda item: item[1])
