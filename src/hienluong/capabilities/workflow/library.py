"""The shipped process models, and taking a model in."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources

from . import engine
from .models import ProcessModel

SHIPPED = ("single_agency", "field_inspection", "parallel_opinions", "inter_level", "same_day")


@cache
def shipped_xml(code: str) -> str:
    """The text of a shipped model; KeyError for an unknown code."""
    if code not in SHIPPED:
        raise KeyError(code)
    return resources.files("hienluong.capabilities.workflow").joinpath(f"models_bpmn/{code}.bpmn").read_text("utf-8")


def digest_of(xml: str) -> str:
    """What a model is found by: the SHA-256 of its text."""
    return hashlib.sha256(xml.encode()).hexdigest()


def take_in(code: str, xml: str) -> ProcessModel:
    """Check a model and keep it; the same text is kept once. Raises ``ModelRefused`` naming the fault."""
    engine.load(xml)
    model, _ = ProcessModel.objects.get_or_create(digest=digest_of(xml), defaults={"code": code, "xml": xml})
    return model


def shipped(code: str) -> ProcessModel:
    """The shipped model of this code, kept in the database at first use."""
    return take_in(code, shipped_xml(code))
