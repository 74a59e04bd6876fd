"""The draft of a result: what the officer fills in beside the form's answers, and what the leader was shown."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from hienluong.capabilities.forms import engine
from hienluong.foundation.actions import InvalidInput
from hienluong.services.procedures.spec import Form

from .models import Dossier, Result


def form_of(dossier: Dossier) -> Form | None:
    """The fields that the officer fills in for the dossier's result; None when the result needs none."""
    return dossier.procedure_version.spec.results[0].officer_form


def require_fields(dossier: Dossier, fields: Mapping[str, Any], *, whole: bool) -> dict[str, Any]:
    """The officer's fields as data. Not `whole` (a draft): what is still empty is let pass, what is wrong is not.

    Raises :class:`InvalidInput` that names the first field at fault. A result that declares no field takes none.
    """
    form = form_of(dossier)
    if form is None:
        return {}
    outcome = engine.validate(form, fields)
    for name, messages in outcome.errors.items():
        if whole or name in outcome.data:
            raise InvalidInput(messages[0], field=name)
    return outcome.data


def current(dossier: Dossier) -> Result | None:
    """The draft of the dossier, if there is one that is not signed yet."""
    return dossier.results.filter(state=Result.State.DRAFT).first()


def digest(result: Result) -> str:
    """A fingerprint of all that the draft prints: what the leader was shown is what is signed."""
    printed = [
        result.kind,
        result.name,
        result.grants,
        result.conclusion,
        result.fields,
        result.dossier.data,
        result.dossier.procedure_version_id,
    ]
    return hashlib.sha256(json.dumps(printed, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


__all__ = ["current", "digest", "form_of", "require_fields"]
