"""Packs: folders that declare the procedures of a sector. Reading one, and saying what is wrong with it, by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import metadata, util
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from hienluong.capabilities.decisions import DecisionSpec, gaps
from hienluong.capabilities.decisions import definition as decisions
from hienluong.capabilities.forms.engine import validate
from hienluong.capabilities.registers import definition
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.scoring import definition as scoring
from hienluong.capabilities.scoring.definition import ScoringSpec
from hienluong.capabilities.workflow import engine, library
from hienluong.foundation.actions import DomainError
from hienluong.foundation.codelists import reading as code_lists
from hienluong.foundation.codelists import shipped
from hienluong.foundation.schemas import lists
from hienluong.foundation.schemas.positions import Document, Fault, read, validated

from . import known_sources, naming, paper_basis, process_steps, result_templates
from .checks import decider_problems, problems
from .effect_checks import effect_problems
from .spec import ProcedureSpec, ResultKind

MAX_FILES = 2000
#: Characters of the name of a template: a longer one is no file's.
MAX_TEMPLATE = 200
#: Distributions that bring packs name them under this group: ``"forestry.trees" = "province_packs.trees"``.
ENTRY_POINTS = "hienluong.packs"

#: Folders of a pack that other engines read; see DESIGN, "A pack".
_KNOWN_FOLDERS = frozenset(
    (
        "codelists",
        "procedures",
        "results",
        "examples",
        "registers",
        "processes",
        "decisions",
        "scoring",
        "forms",
        "indicators",
        "templates",  # pages of a pack that is a Python package, too
        "__pycache__",
    )
)


class Manifest(BaseModel):
    """``pack.yaml``: what the pack is and who answers for it."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", max_length=80)  # business.household
    title: str
    version: str = Field(pattern=r"^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}$")
    owner: str = ""
    description: str = ""
    legal_basis: list[str] = []
    depends_on: list[str] = []  # names of packs that must be there before, with a version or without: a.b>=1.2.0
    uses_codelists: list[str] = []  # lists of other packs, or of the province, that definitions here name


@dataclass
class Loaded:
    """One procedure file: its specification, its label (``2022`` in ``1.001193.2022.yaml``) and where it was read."""

    spec: ProcedureSpec
    file: str
    label: str


@dataclass
class Pack:
    """A folder as it was read. `faults` must be empty before it is installed."""

    folder: Path
    manifest: Manifest | None = None
    procedures: list[Loaded] = field(default_factory=list)
    examples: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    processes: dict[str, str] = field(default_factory=dict)  # code → BPMN text
    registers: list[tuple[str, RegisterSpec]] = field(default_factory=list)  # file, definition
    scoring: list[tuple[str, ScoringSpec]] = field(default_factory=list)  # file, definition
    decisions: dict[str, DecisionSpec] = field(default_factory=dict)  # name → table
    codelists: list[code_lists.Loaded] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict, repr=False)  # file → where each part of it stands
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)  # what could not be judged, or had better be mended

    @property
    def name(self) -> str:
        """The declared name, or the folder's."""
        return self.manifest.name if self.manifest else self.folder.name

    def line_of(self, file: str, *path: str | int) -> int:
        """The line of a part of a file; 1 when it is not known."""
        return self.documents[file].line_of(path) if file in self.documents else 1


def product_folders() -> list[Path]:
    """The packs that are part of the product: ``sectors/<sector>/<pack>/``."""
    return sorted(path.parent for path in known_sources.sectors().glob("*/*/pack.yaml"))


def is_of_product(folder: Path) -> bool:
    """Whether a pack is part of the product, and so as trusted as its code."""
    return folder.resolve().is_relative_to(known_sources.sectors().resolve())


def distribution_folders() -> list[Path]:
    """The packs of other installed distributions (wheels), found by their entry points."""
    found = {_folder_of(point) for point in metadata.entry_points(group=ENTRY_POINTS)}
    return sorted(folder for folder in found if folder is not None)


def _folder_of(point: metadata.EntryPoint) -> Path | None:
    """The folder that an entry point names; None when there is no pack. Nothing of the distribution is run for it."""
    if point.dist is not None:
        folder = Path(str(point.dist.locate_file(point.module.replace(".", "/"))))
        if (folder / "pack.yaml").is_file():
            return folder
    try:  # installed for development: the files are elsewhere
        spec = util.find_spec(point.module)
    except (ImportError, ValueError):
        return None
    places = spec.submodule_search_locations if spec else None
    return next((Path(place) for place in places or () if (Path(place) / "pack.yaml").is_file()), None)


def shipped_folders() -> list[Path]:
    """The packs that come with this installation: the product's own and those of installed distributions."""
    return [*product_folders(), *distribution_folders()]


def name_of(folder: Path) -> str:
    """The name that a pack's folder declares, without reading the rest; empty when it cannot be read."""
    manifest = validated(read(folder / "pack.yaml", "pack.yaml"), Manifest)
    return manifest.name if manifest else ""


def load(folder: Path) -> Pack:
    """Read and check a pack; never raises for what is in the folder, every fault is in the answer."""
    pack = Pack(folder)
    manifest_file = folder / "pack.yaml"
    if not manifest_file.is_file():
        pack.faults.append(Fault("pack.yaml", 1, "không có tệp pack.yaml: đây không phải thư mục gói"))
        return pack
    manifest = pack.documents["pack.yaml"] = read(manifest_file, "pack.yaml")
    pack.manifest = validated(manifest, Manifest)
    pack.faults += manifest.faults
    _check_folders(pack)
    _load_codelists(pack)
    elsewhere = pack.manifest.uses_codelists if pack.manifest else []
    with lists.reading(shipped.Files(pack.codelists, elsewhere)):
        _load_parts(pack)
    return pack


def _load_codelists(pack: Pack) -> None:
    """``codelists/<code>.yaml``: lists that the pack brings; no other pack may bring one of the product's."""
    for path in sorted(pack.folder.glob("codelists/*.yaml")):
        name = f"codelists/{path.name}"
        loaded = code_lists.load(path, name=name)
        if path.stem in code_lists.shipped_names():
            pack.faults.append(Fault(name, 1, f"danh mục “{path.stem}” đã đi kèm hệ thống"))
        pack.codelists.append(loaded)
        pack.faults += loaded.faults


def _load_parts(pack: Pack) -> None:
    """Everything that may name a code list."""
    folder = pack.folder
    files = sorted(folder.glob("procedures/*.yaml"))
    if len(files) > MAX_FILES:
        pack.faults.append(Fault("procedures", 1, f"quá {MAX_FILES} tệp"))
        return
    for path in sorted(folder.glob("processes/*.bpmn")):
        _load_process(pack, path)
    for path in sorted(folder.glob("registers/*.yaml")):
        _load_register(pack, path)
    for path in sorted(folder.glob("decisions/*.yaml")):
        _load_decision(pack, path)
    for path in sorted(folder.glob("scoring/*.yaml")):
        _load_scoring(pack, path)
    for path in files:
        _load_procedure(pack, path)
    _check_results(pack)
    _note_certificates(pack)
    pack.faults += _overlaps(pack.procedures)
    for path in sorted(folder.glob("examples/*.yaml")):
        _load_examples(pack, path)


def _load_process(pack: Pack, path: Path) -> None:
    """``processes/<code>.bpmn``: a model of the pack's own. What the engine cannot run, or no verb can do, is a fault."""
    name = f"processes/{path.name}"
    try:
        xml = path.read_text("utf-8")
        model = engine.load(xml)
    except UnicodeDecodeError:
        pack.faults.append(Fault(name, 1, "tệp phải ở bảng mã UTF-8"))
    except DomainError as error:
        pack.faults.append(Fault(name, 1, str(error.message)))
    else:
        if path.stem in library.SHIPPED:
            pack.faults.append(Fault(name, 1, "trùng tên với mô hình có sẵn"))
        pack.faults += [Fault(name, line, message) for line, message in process_steps.model_problems(model)]
        pack.processes[path.stem] = xml


def _load_procedure(pack: Pack, path: Path) -> None:
    name = f"procedures/{path.name}"
    document = pack.documents[name] = read(path, name)
    for where, message in naming.put_in(document.value, pack.decisions):
        document.fault(where, message)
    spec = validated(document, ProcedureSpec)
    if spec is not None:
        own = pack.processes.get(spec.process.model, "")
        spec.process.digest = library.digest_of(own) if own else ""
        rest = path.stem.removeprefix(spec.code)
        if rest == path.stem or (rest and not rest.startswith(".")):
            document.fault(("code",), f"tên tệp phải là {spec.code}.yaml hoặc {spec.code}.<nhãn>.yaml")
        for where, message in (*problems(spec, own), *decider_problems(spec)):
            document.fault(where, message)
        for where, message in effect_problems(spec, [one for _file, one in pack.registers]):
            document.fault(where, message)
        for where, message in known_sources.register_problems(
            spec, [one for _file, one in pack.registers], _needs(pack)
        ):
            document.fault(where, message)
        for index, result in enumerate(spec.results):
            result.body = ""
            if result.template and _template_file(pack.folder, result.template) is None:
                document.fault(("results", index, "template"), f"không có tệp mẫu “{result.template}”")
            elif result.template:
                pack.faults += _take_template(pack.folder, result, result.printable(spec.form))
        if rest == "":  # of versions before, nobody mends the paper any more
            found = paper_basis.notes(spec, partial(_template_text, pack.folder))
            pack.notes += [Fault(name, document.line_of(where), message) for where, message in found]
        pack.procedures.append(Loaded(spec, name, rest.removeprefix(".")))
    pack.faults += document.faults


def _needs(pack: Pack) -> bool:
    """Whether the pack builds on others, in which what it names may be."""
    return bool(pack.manifest and pack.manifest.depends_on)


def _check_results(pack: Pack) -> None:
    """Papers that are earlier results, once all procedures of the pack are read."""
    specs = [item.spec for item in pack.procedures]
    for item in pack.procedures:
        document, before = pack.documents[item.file], len(pack.documents[item.file].faults)
        for where, message in known_sources.result_problems(item.spec, specs, _needs(pack)):
            document.fault(where, message)
        pack.faults += document.faults[before:]


def _load_register(pack: Pack, path: Path) -> None:
    """``registers/<name>.yaml`` or ``registers/<name>.v<version>.yaml``: one version of a register's definition."""
    name = f"registers/{path.name}"
    document = pack.documents[name] = read(path, name)
    spec = validated(document, RegisterSpec)
    if spec is not None:
        for where, message in definition.problems(spec):
            document.fault(where, message)
        template = spec.certificate.template if spec.certificate else ""
        if template and _template_file(pack.folder, template) is None:
            document.fault(("certificate", "template"), f"không có tệp mẫu “{template}”")
        elif template and not is_of_product(pack.folder):
            said = "mẫu giấy riêng chỉ có ở gói đi kèm hệ thống; để trống để dùng mẫu chung"
            document.fault(("certificate", "template"), said)
        for file, other in pack.registers:
            if (other.code, other.version) == (spec.code, spec.version):
                document.fault(("version",), f"phiên bản {spec.version} của “{spec.code}” đã ở {file}")
        pack.registers.append((name, spec))
    pack.faults += document.faults


def _note_certificates(pack: Pack) -> None:
    """Certificates whose papers say no legal basis, once the procedures that issue them are read."""
    text_of = partial(_template_text, pack.folder)
    issuing = [item.spec for item in pack.procedures if not item.label]
    for name, spec in pack.registers:
        found = paper_basis.certificate_notes(spec, issuing, text_of)
        pack.notes += [Fault(name, pack.documents[name].line_of(where), message) for where, message in found]


def _load_decision(pack: Pack, path: Path) -> None:
    """``decisions/<name>.yaml``: a decision table that procedures name; its gaps and overlaps are faults."""
    name = f"decisions/{path.name}"
    document = read(path, name)
    spec = validated(document, DecisionSpec)
    if spec is not None:
        for where, message in decisions.problems(spec, path.stem):
            document.fault(where, message)
        if doubt := gaps.doubt(spec.table(path.stem), spec.domains()):
            pack.notes.append(Fault(name, document.line_of(("rows",)), f"không xét hết khoảng hở, chồng lấn: {doubt}"))
        pack.decisions[path.stem] = spec
    pack.faults += document.faults


def _load_scoring(pack: Pack, path: Path) -> None:
    """``scoring/<name>.yaml`` or ``scoring/<name>.v<version>.yaml``: one version of a scoring form."""
    name = f"scoring/{path.name}"
    document = pack.documents[name] = read(path, name)
    spec = validated(document, ScoringSpec)
    if spec is not None:
        for where, message in scoring.problems(spec):
            document.fault(where, message)
        for file, other in pack.scoring:
            if (other.code, other.version) == (spec.code, spec.version):
                document.fault(("version",), f"phiên bản {spec.version} của “{spec.code}” đã ở {file}")
        pack.scoring.append((name, spec))
    pack.faults += document.faults


def _load_examples(pack: Pack, path: Path) -> None:
    """``examples/<code>.yaml``: dossiers that the form of the newest version must accept."""
    document = read(path, f"examples/{path.name}")
    value = document.value
    if isinstance(value, dict):
        code = str(value.get("procedure", ""))
        dossiers = value.get("dossiers")
        versions = [item for item in pack.procedures if item.spec.code == code and not item.label]
        if not versions:
            document.fault(("procedure",), f"gói không có thủ tục “{code}”")
        elif not isinstance(dossiers, list):
            document.fault((), "thiếu danh sách dossiers")
        else:
            if not pack.documents[versions[0].file].faults:  # a form that is not sound is not tried
                _try_examples(document, versions[0].spec, dossiers)
            pack.examples[code] = [dossier for dossier in dossiers if isinstance(dossier, dict)]
    elif not document.faults:
        document.fault((), "tệp phải là một đối tượng có procedure và dossiers")
    pack.faults += document.faults


def _try_examples(document: Document, spec: ProcedureSpec, dossiers: list[object]) -> None:
    for index, dossier in enumerate(dossiers):
        if not isinstance(dossier, dict):
            document.fault(("dossiers", index), "hồ sơ mẫu phải là một đối tượng")
        elif spec.form:
            for name, messages in validate(spec.form, dossier).errors.items():
                document.fault(("dossiers", index, name), f"biểu mẫu không nhận: {messages[0]}")


def _template_file(folder: Path, template: str) -> Path | None:
    """A template is named from the folder above ``sectors`` or inside the pack itself; None when it is not there."""
    inside = Path(template)
    if inside.is_absolute() or ".." in inside.parts or "\0" in template or len(template) > MAX_TEMPLATE:
        return None
    file = folder.joinpath(*_inside(template))
    return file if file.is_file() else None


def _template_text(folder: Path, template: str) -> str:
    """The text of a template of the pack, or of one of the product that it stands on; empty when it is not there."""
    ours = known_sources.sectors().parent / template
    path = _template_file(folder, template) or (ours if template.startswith("sectors/") and ours.is_file() else None)
    return path.read_text("utf-8", errors="replace") if path else ""


def _inside(template: str) -> tuple[str, ...]:
    parts = Path(template).parts
    return parts[parts.index("results") :] if "results" in parts else parts


def _take_template(folder: Path, result: ResultKind, fields: Mapping[str, Any]) -> list[Fault]:
    """Put the text of a pack's own template into the specification, so that a version keeps it; what it may not do.

    One that came with the product is run from its file.
    """
    path = folder.joinpath(*_inside(result.template))
    name = path.relative_to(folder).as_posix()
    try:
        text = path.read_text("utf-8")
        ours = known_sources.sectors().parent / result.template
        if result.template.startswith("sectors/") and ours.is_file() and ours.read_text("utf-8") == text:
            return []
    except UnicodeDecodeError:
        return [Fault(name, 1, "tệp phải ở bảng mã UTF-8")]
    result.body = text.strip()
    return [Fault(name, line, message) for line, message in result_templates.faults(text, fields)]


def _check_folders(pack: Pack) -> None:
    for path in sorted(pack.folder.iterdir()):
        if path.is_dir() and path.name not in _KNOWN_FOLDERS and not path.name.startswith("."):
            pack.faults.append(Fault(path.name, 1, "thư mục lạ trong gói"))
        if path.is_symlink():
            pack.faults.append(Fault(path.name, 1, "không dùng liên kết tượng trưng trong gói"))


def _overlaps(loaded: Iterable[Loaded]) -> Iterator[Fault]:
    by_code: dict[str, list[Loaded]] = {}
    for item in loaded:
        by_code.setdefault(item.spec.code, []).append(item)
    for items in by_code.values():
        items.sort(key=lambda item: item.spec.effective_from)
        for earlier, later in pairwise(items):
            end = earlier.spec.effective_to
            if earlier.spec.effective_from == later.spec.effective_from:
                yield Fault(later.file, 1, f"cùng ngày có hiệu lực với {earlier.file}")
            elif end is not None and end >= later.spec.effective_from:
                yield Fault(later.file, 1, f"hiệu lực chồng lên {earlier.file} (đến {end:%d/%m/%Y})")
