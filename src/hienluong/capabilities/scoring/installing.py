"""Putting a scoring form into force, and finding the one that is."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, InvalidInput, NotFound, action
from hienluong.foundation.organisations.models import Organization

from .definition import ScoringSpec, problems
from .models import ScoringDefinition, ScoringForm
from .permissions import DEFINE


@action("scoring.install")
def install(act: Act, *, spec: ScoringSpec, owner: Organization, pack: str = "") -> ScoringDefinition:
    """Put a version of a scoring form into force; the same version again changes nothing.

    The version before ends on the day this one begins. Assessments keep the version they were begun under.
    Raises InvalidInput for faults, and for another text under a number that is taken.
    """
    act.require(DEFINE, owner.path)
    for place, message in problems(spec):
        raise InvalidInput(f"{'.'.join(map(str, place))}: {message}", field="spec")
    form, is_new = ScoringForm.objects.get_or_create(code=spec.code, defaults={"owner": owner, "pack": pack})
    form = ScoringForm.objects.select_for_update().get(pk=form.pk)
    if form.pack != pack:
        raise InvalidInput(
            _("Biểu chấm điểm “%(code)s” thuộc gói khác (%(pack)s).") % {"code": spec.code, "pack": form.pack},
            field="code",
        )
    same = ScoringDefinition.objects.filter(form=form, version=spec.version).first()
    if same:
        if same.digest != spec.digest:
            raise InvalidInput(
                _("Phiên bản %(version)s đã có với nội dung khác; hãy đặt số phiên bản mới.")
                % {"version": spec.version},
                field="version",
            )
        act.record(form, note=_("Không có gì mới."))
        return same
    _end_version_before(form, spec)
    definition = ScoringDefinition.objects.create(
        form=form,
        version=spec.version,
        spec=spec.model_dump(mode="json", by_alias=True),
        digest=spec.digest,
        valid=DateRange(spec.effective_from, spec.effective_to),
    )
    act.record(
        form,
        after={"version": spec.version, "digest": spec.digest, "pack": pack, "new": is_new},
        organization_id=owner.pk,
    )
    act.emit("scoring.defined", form, {"version": spec.version})
    return definition


def _end_version_before(form: ScoringForm, spec: ScoringSpec) -> None:
    latest = ScoringDefinition.objects.filter(form=form).order_by("-version").first()
    if latest is None:
        return
    if spec.version <= latest.version or spec.effective_from <= latest.valid.lower:
        raise InvalidInput(
            _("Phiên bản mới phải có số lớn hơn %(version)s và có hiệu lực sau %(day)s.")
            % {"version": latest.version, "day": f"{latest.valid.lower:%d/%m/%Y}"},
            field="version",
        )
    if latest.valid.upper is None or latest.valid.upper > spec.effective_from:
        ScoringDefinition.objects.filter(pk=latest.pk).update(valid=DateRange(latest.valid.lower, spec.effective_from))


@lru_cache(maxsize=256)
def _parsed(pk: int, digest: str) -> ScoringSpec:
    return ScoringSpec.model_validate(ScoringDefinition.objects.values_list("spec", flat=True).get(pk=pk))


def spec_of(definition: ScoringDefinition) -> ScoringSpec:
    """The definition read; it never changes, so it is read once."""
    return _parsed(definition.pk, definition.digest)


def definition_on(code: str, day: date) -> ScoringDefinition:
    """The version of a scoring form that is in force on a day; NotFound when there is none."""
    found = (
        ScoringDefinition.objects.select_related("form__owner")
        .filter(form__code=code.replace("\x00", ""), valid__contains=day)
        .first()
    )
    if found is None:
        raise NotFound(_("Không có biểu chấm điểm này đang có hiệu lực."), code="scoring.no_form")
    return found


def in_force(day: date) -> list[ScoringDefinition]:
    """Every scoring form that is in force on a day, by code."""
    return list(
        ScoringDefinition.objects.select_related("form__owner").filter(valid__contains=day).order_by("form__code")
    )
