"""What the pages of one register on the bench share: opening it, its tabs, saving an operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.actions import spec_of
from hienluong.capabilities.registers.models import Definition as Installed
from hienluong.capabilities.registers.models import Register
from hienluong.foundation.actions import NotFound
from hienluong.foundation.codelists.models import CodeList
from hienluong.foundation.schemas.properties import Property, properties
from hienluong.services.building import register_operations as ops
from hienluong.services.building import workspace
from hienluong.services.building.workspace import Bench, Operation


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

    def edit(self, request: HttpRequest, operation: Operation, words: str) -> str:
        """Apply an operation and save; what was refused, in words."""
        expected = self.expected or workspace.expected_of(request)
        return workspace.tried(lambda: workspace.edit(self.bench, self.path, operation, words=words, expected=expected))


def opened(request: HttpRequest, name: str, stem: str) -> Opened:
    """The register; raises NotFound when the draft has no such file, or it cannot be read (then as text only)."""
    bench = workspace.open_draft(request, name)
    path = f"registers/{stem}.yaml"
    definition = bench.definition(path)
    if definition is None:
        raise NotFound(_("Tệp %(path)s không đọc được; hãy sửa chữ của tệp.") % {"path": path})
    return Opened(bench, stem, path, definition)


def again(request: HttpRequest, found: Opened) -> Opened:
    """The register after a first change of this request, for another one."""
    now = opened(request, *found.args)
    return replace(now, expected=now.bench.head.pk)


def page(request: HttpRequest, template: str, found: Opened, tab: str, **more: Any) -> HttpResponse:
    """A page about a register: its tabs and its faults stand on all of them."""
    title = str(found.definition.get("title") or found.stem)
    tabs = (
        ("register", _("Các trường")),
        ("register_about", _("Thông tin chung")),
        ("register_lists", _("Danh sách, tìm kiếm")),
        ("register_access", _("Quyền xem, ghi")),
        ("register_rules", _("Quy tắc")),
        ("register_certificate", _("Giấy chứng nhận")),
        ("register_trial", _("Xem thử")),
        ("register_version", _("Phiên bản")),
    )
    return workspace.page(
        request,
        template,
        found.bench,
        title=title,
        found=found,
        definition=found.definition,
        tabs=[{"label": label, "href": found.address(key), "current": key == tab} for key, label in tabs],
        faults=found.bench.faults(found.path),
        is_installed=tab != "register_version" and _is_installed(found),
        **more,
    )


def _is_installed(found: Opened) -> bool:
    """Whether the version that is worked on is in force already: what is changed now needs a version of its own."""
    number, code = found.definition.get("version"), str(found.definition.get("code", ""))
    return isinstance(number, int) and Installed.objects.filter(register__code=code, version=number).exists()


def code_lists(bench: Bench) -> list[tuple[str, str]]:
    """The code lists that a field may name: the draft's own and those that are there."""
    own = {
        stem: str((bench.definition(f"codelists/{stem}.yaml") or {}).get("title", stem))
        for stem in bench.stems("codelists")
    }
    there = {each.code: each.label for each in CodeList.objects.order_by("code")}
    return sorted({**there, **own}.items(), key=lambda item: item[1])


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
