"""A procedure of a draft as a page works on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.actions import spec_of
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Register
from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.schemas.checking import schema_fault
from hienluong.services.procedures.spec import ProcedureSpec

from . import actions, result_lines, workspace, yaml_text
from .form_shape import fields_of
from .lists_declared import declared
from .models import State
from .workspace import Bench


class Unreadable(InvalidInput):
    """The file of the procedure cannot be read; its text must be mended first."""

    code = "building.unreadable"


@dataclass(frozen=True)
class Opened:
    """A procedure on the bench."""

    bench: Bench
    stem: str
    definition: Mapping[str, Any]

    @property
    def path(self) -> str:
        """Its file."""
        return f"procedures/{self.stem}.yaml"

    @property
    def title(self) -> str:
        """What it is called."""
        return str(self.definition.get("name") or self.stem)

    @property
    def spec(self) -> ProcedureSpec | None:
        """The procedure as the engine sees it; None while its shape is wrong, or its form has no schema to judge by."""
        found = next((item.spec for item in self.bench.checked.pack.procedures if item.file == self.path), None)
        return None if found and found.form and schema_fault(found.form.data_schema) else found

    @property
    def template(self) -> str:
        """The file of its result's template; empty without one."""
        return next(iter(_templates(self.definition)), "")

    @property
    def process_file(self) -> str:
        """The file of its own process; empty for a shipped one."""
        path = _process_file(self.definition)
        return path if path in self.bench.files else ""

    def url(self, view: str, *args: Any) -> str:
        """The address of a page about it."""
        return reverse(f"building:{view}", args=[self.bench.draft.name, self.stem, *args])

    def save(
        self, operation: Callable[[Mapping[str, Any]], Mapping[str, Any]], words: str, expected: int, **texts: str
    ) -> State:
        """Apply an operation and save, with other files of the draft that change with it (``path=text``)."""
        before = self.bench.text(self.path)
        changed = yaml_text.dump(operation(self.definition), yaml_text.leading_comment(before))
        files = declared({**self.bench.files, self.path: changed, **texts}, self.path)
        return actions.save(self.bench.actor, draft=self.bench.draft, files=files, words=words, expected=expected)

    def renamed_texts(self, name: str, to: str) -> dict[str, str]:
        """Other files that name a field of the form, with its new name: the template and the examples."""
        changed = {}
        if self.template in self.bench.files:
            changed[self.template] = result_lines.renamed(self.bench.files[self.template], name, to)
        path = f"examples/{self.stem}.yaml"
        example = self.bench.definition(path) if path in self.bench.files else None
        if example and isinstance(dossiers := example.get("dossiers"), list):
            told = [
                {to if field == name else field: value for field, value in dossier.items()}
                if isinstance(dossier, Mapping)
                else dossier
                for dossier in dossiers
            ]
            changed[path] = yaml_text.dump({**example, "dossiers": told})
        return changed

    def page(self, request: HttpRequest, template: str, *, title: str, **more: Any) -> HttpResponse:
        """A page about the procedure."""
        crumbs = [(self.title, self.url("procedure"))] if title != self.title else []
        return workspace.page(
            request,
            template,
            self.bench,
            title=title,
            crumbs=[*crumbs, *more.pop("crumbs", ())],
            opened=self,
            stem=self.stem,
            faults=self.bench.faults(self.path),
            **more,
        )

    @property
    def fields(self) -> Mapping[str, Any]:
        """The fields of its form, with their kinds written out."""
        return fields_of(self.definition)


def opened(request: HttpRequest, name: str, stem: str) -> Opened:
    """The procedure of a draft; raises NotFound, or :class:`Unreadable` when its text must be mended first."""
    bench = workspace.open_draft(request, name)
    definition = bench.definition(f"procedures/{stem}.yaml")
    if definition is None:
        raise Unreadable(_("Tệp của thủ tục không đọc được; hãy sửa chữ của tệp trước."))
    return Opened(bench, stem, definition)


def using(bench: Bench, file: str) -> str:
    """The procedure, without folder and ending, whose result is printed by this template or which runs by this process.

    The first where there are several, and empty without one.
    """
    for stem in bench.stems("procedures") if file.startswith(("results/", "processes/")) else ():
        definition = bench.definition(f"procedures/{stem}.yaml")
        if definition is not None and file in (*_templates(definition), _process_file(definition)):
            return stem
    return ""


def _templates(definition: Mapping[str, Any]) -> list[str]:
    """The file of each result's template; empty for a result without one."""
    results = definition.get("results")
    named = (
        [str(each.get("template", "")) for each in results if isinstance(each, Mapping)]
        if isinstance(results, list)
        else []
    )
    return [name[name.index("results/") :] if "results/" in name else "" for name in named]


def _process_file(definition: Mapping[str, Any]) -> str:
    process = definition.get("process")
    return f"processes/{process.get('model')}.bpmn" if isinstance(process, Mapping) else ""


def registers_of(found: Opened) -> dict[str, RegisterSpec]:
    """The registers of the draft (the newest version of each) and those in force, by code."""
    own = sorted((spec for _file, spec in found.bench.checked.pack.registers), key=lambda spec: spec.version)
    known: dict[str, RegisterSpec] = {}
    for register in Register.objects.order_by("code").prefetch_related("definitions"):
        if newest := max(register.definitions.all(), key=lambda one: one.version, default=None):
            known[register.code] = spec_of(newest)
    return {
        **{spec.code: spec for spec in own},
        **{code: spec for code, spec in known.items() if code not in {s.code for s in own}},
    }
