"""Which organisation decides, which division works on it, and where it is received."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.organisations.models import Organization
from hienluong.services.procedures.models import RuleSet
from hienluong.services.procedures.rules import RuleSetSpec
from hienluong.services.procedures.spec import ProcedureSpec

from .models import Channel, Dossier

_NO_UPPER = "dossiers.no_upper"
_LEVELS = {"commune": _("Ủy ban nhân dân cấp xã"), "department": _("Sở, ngành của tỉnh")}
_KIND = {
    "province": Organization.Kind.PROVINCE,
    "department": Organization.Kind.DEPARTMENT,
    "district": Organization.Kind.DISTRICT,
    "commune": Organization.Kind.COMMUNE,
}


def competent_for(spec: ProcedureSpec, *, on: date, commune_code: str = "") -> Organization:
    """The organisation competent for a procedure on a day; a commune procedure needs the commune's code.

    Raises :class:`InvalidInput` when there is none: the page asks for the place again.
    """
    level, key = spec.agency.level, spec.agency.key
    found = Organization.objects.filter(kind=_KIND[level], valid__contains=on)
    if level == "commune":
        found = found.filter(commune_code=commune_code) if commune_code else found.none()
    elif level == "department":
        found = found.filter(versions__short_name=key, versions__valid__contains=on)
    elif level == "district" and commune_code:
        found = found.filter(commune_code=commune_code)
    organization = found.order_by("code").first()
    if organization is None:
        raise InvalidInput(
            _("Chưa xác định được cơ quan giải quyết. Hãy chọn lại nơi giải quyết."),
            code="dossiers.no_competent",
            field="commune",
        )
    return organization


def department_named(key: str, *, on: date) -> Organization | None:
    """The department of the province with this short name on a day."""
    return (
        Organization.objects.filter(
            kind=Organization.Kind.DEPARTMENT,
            valid__contains=on,
            versions__short_name=key,
            versions__valid__contains=on,
        )
        .order_by("code")
        .first()
    )


def deciding(spec: ProcedureSpec, *, on: date) -> str:
    """Who decides, in words: as published, the department by its name, else the level."""
    agency = spec.agency
    named = department_named(agency.key, on=on) if agency.level == "department" and agency.key else None
    return agency.name or (named.name if named else str(_LEVELS.get(agency.level, _("Ủy ban nhân dân tỉnh"))))


def division_named(organization: Organization, key: str, *, on: date) -> Organization | None:
    """The division with this short name in the organisation on a day."""
    return Organization.objects.filter(
        parent=organization,
        kind=Organization.Kind.DIVISION,
        valid__contains=on,
        versions__short_name=key,
        versions__valid__contains=on,
    ).first()


def commune_of(spec: ProcedureSpec, data: dict[str, Any], field: str, *, on: date) -> Organization | None:
    """The commune that the form names: in `field`, or in its only question for a commune."""
    named = field or commune_asked(spec)
    code = str(data.get(named, "")) if named else ""
    if not code:
        return None
    return Organization.objects.filter(kind=Organization.Kind.COMMUNE, commune_code=code, valid__contains=on).first()


def commune_asked(spec: ProcedureSpec) -> str:
    """The only question of the form for a commune; empty when there is none or several."""
    asked = [
        name
        for name, question in (spec.form.data_schema.get("properties", {}) if spec.form else {}).items()
        if question.get("x-widget") == "commune"
    ]
    return asked[0] if len(asked) == 1 else ""


def upper_for(spec: ProcedureSpec, competent: Organization, *, on: date, needed: bool = False) -> Organization | None:
    """The agency of the next level on a day, from the process parameter ``upper``; None when the process has none.

    `needed`: the process has a step for it, so that there must be one.
    ``{"level": "department", "key": "SNV", "division": "…"}``; `level` is ``province``, ``department``, ``district``
    (the one above a commune) or ``competent`` (the commune prepares, the competent organisation decides), `division`
    names who works on it there. Raises :class:`InvalidInput` when it is not declared or does not exist on that day.
    """
    wanted = spec.process.params.get("upper")
    if not wanted:
        if needed:
            raise InvalidInput(
                _("Quy trình liên thông của thủ tục này chưa khai báo cơ quan cấp trên."), code=_NO_UPPER
            )
        return None
    level, key = str(wanted.get("level", "department")), str(wanted.get("key", ""))
    upper: Organization | None
    if level == "competent":
        upper = competent
    elif level == "department":
        upper = department_named(key, on=on)
    else:
        above = [int(part) for part in competent.path.strip("/").split("/")]
        upper = Organization.objects.filter(pk__in=above, kind=_KIND[level], valid__contains=on).first()
    if upper is None:
        raise InvalidInput(
            _("Chưa xác định được cơ quan cấp trên “%(key)s” của quy trình liên thông.") % {"key": key or level},
            code=_NO_UPPER,
        )
    return division_of(upper, str(wanted.get("division", "")), on=on)


def why_not_online(on: date) -> str:
    """Why the one-stop rules of a day let nobody file on our own pages; empty when they do."""
    found = RuleSet.objects.filter(valid__contains=on).first()
    return _not_online(found.spec) if found else ""


def _not_online(rules: RuleSetSpec) -> str:
    if rules.own_online_filing:
        return ""
    return gettext("Theo %(rules)s, hồ sơ trực tuyến được nộp tại Cổng Dịch vụ công quốc gia.") % {"rules": rules.name}


def require_way_open(
    rules: RuleSetSpec, *, channel: str, counter: Organization, competent: Organization, on: date
) -> None:
    """Refuse a way to file, or a place to file at, that the one-stop rules of the day do not allow."""
    if channel == Channel.ONLINE and (why := _not_online(rules)):
        raise InvalidInput(why, code="dossiers.way_closed", field="channel")
    if channel == Channel.NATIONAL_PORTAL and not rules.national_portal_filing:
        raise InvalidInput(
            _("%(rules)s không có kênh Cổng Dịch vụ công quốc gia.") % {"rules": rules.name},
            code="dossiers.way_closed",
            field="channel",
        )
    if rules.anywhere_in_province or counter.path.startswith(competent.path):
        return
    if counter_of(competent, on=on).pk != counter.pk:
        raise InvalidInput(
            _("Theo %(rules)s, hồ sơ này phải nộp tại bộ phận một cửa của %(agency)s.")
            % {"rules": rules.name, "agency": competent.name},
            code="dossiers.wrong_counter",
            field="received_at_org",
        )


def transfer_targets(dossier: Dossier, *, on: date) -> QuerySet[Organization]:
    """Who may be given the work on a dossier: the competent organisation and its divisions, in force on the day.

    Competence itself does not move by a transfer. A province's committee hands work to its departments and to their
    divisions, not to communes. Counters receive and hand over, they do not decide.
    """
    kind, competent = Organization.Kind, dossier.competent
    under = Q(path__startswith=competent.path, kind=kind.DIVISION)
    if competent.kind == kind.PROVINCE:
        under = Q(parent=competent, kind__in=(kind.DEPARTMENT, kind.DIVISION)) | Q(
            parent__parent=competent, parent__kind=kind.DEPARTMENT, kind=kind.DIVISION
        )
    return (
        Organization.objects.filter(Q(pk=competent.pk) | under, valid__contains=on)
        .exclude(pk=dossier.handling_id)
        .order_by("code")
    )


def division_of(organization: Organization, key: str, *, on: date) -> Organization:
    """The division with this short name in the organisation, or the organisation itself."""
    if not key:
        return organization
    return division_named(organization, key, on=on) or organization


def counter_of(organization: Organization, *, on: date) -> Organization:
    """Where dossiers of this organisation are received: its service centre or counter, else the province's centre.

    Since 2025-07-01 departments receive at the provincial centre (Nghị định 118/2025/NĐ-CP).
    """
    kinds = (Organization.Kind.SERVICE_CENTRE, Organization.Kind.COUNTER)
    own = Organization.objects.filter(parent=organization, kind__in=kinds, valid__contains=on).order_by("code").first()
    if own:
        return own
    if organization.parent_id and organization.parent:
        above = (
            Organization.objects.filter(parent_id=organization.parent_id, kind__in=kinds, valid__contains=on)
            .order_by("code")
            .first()
        )
        if above:
            return above
    return organization
