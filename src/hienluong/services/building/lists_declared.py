"""The code lists of other packs that a definition names: the pack says so in ``pack.yaml``, whoever builds need not know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hienluong.foundation.codelists.reading import shipped_names
from hienluong.foundation.schemas import lists
from hienluong.foundation.schemas.positions import parse
from hienluong.services.procedures.packs import Manifest

from . import yaml_text
from .files import MANIFEST, Files


def declared(files: Files, path: str) -> Files:
    """The files, with the lists of other packs that the file at `path` names among those that the pack uses.

    Only lists that are there: what is spelled wrongly stays a fault.
    """
    manifest = parse(files.get(MANIFEST, ""), MANIFEST).value
    used = manifest.get("uses_codelists", []) if isinstance(manifest, dict) else None
    if not isinstance(used, list):
        return files
    here = {*used, *shipped_names(), *(name.removeprefix("codelists/").removesuffix(".yaml") for name in files)}
    others = dict.fromkeys(name for name in named(parse(files[path], path).value) if name not in here)
    wanted = [name for name in others if lists.knows(name)]
    if not wanted:
        return files
    changed = yaml_text.put(manifest, "uses_codelists", [*used, *wanted], Manifest.model_fields)
    return {**files, MANIFEST: yaml_text.dump(changed, yaml_text.leading_comment(files[MANIFEST]))}


def named(part: Any) -> Iterator[str]:
    """The code lists that fields of a definition name."""
    if isinstance(part, Mapping):
        if isinstance(name := part.get("x-list"), str) and name:
            yield name
        for inner in part.values():
            yield from named(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from named(inner)
