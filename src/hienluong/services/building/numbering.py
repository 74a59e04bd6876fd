"""The number that a draft is installed under: nobody has to think of it, and no number means two contents."""

from __future__ import annotations

from hienluong.foundation.schemas.positions import parse
from hienluong.services.packs import planning
from hienluong.services.procedures.packs import Manifest

from . import files as texts
from . import yaml_text
from .files import MANIFEST, Files


def numbered(files: Files) -> dict[str, str]:
    """The texts as they are installed: with the next number in ``pack.yaml`` when theirs stands for other texts."""
    bundle = texts.check(files).bundle
    number = planning.free_version(bundle)
    if number == bundle.version:
        return dict(files)
    before = files[MANIFEST]
    said = yaml_text.put(parse(before, MANIFEST).value, "version", number, Manifest.model_fields)
    return {**files, MANIFEST: yaml_text.dump(said, yaml_text.leading_comment(before))}
