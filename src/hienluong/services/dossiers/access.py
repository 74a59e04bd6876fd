"""Who may see a dossier and what they may do with it: object rules, in one place, able to explain themselves."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, Decision, NotFound
from hienluong.foundation.actions.permissions import Permission, register
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party

from .models import Channel, Dossier

VERBS: dict[str, tuple[str, str]] = {
    "view": ("Xem hồ sơ", "See dossiers"),
    "file_at_counter": ("Lập hồ sơ tại quầy", "File at the counter"),
    "receive": ("Tiếp nhận hồ sơ", "Receive dossiers"),
    "request_supplement": ("Yêu cầu bổ sung", "Request a supplement"),
    "refuse": ("Từ chối tiếp nhận", "Refuse reception"),
    "assign": ("Phân công", "Assign"),
    "transfer": ("Chuyển hồ sơ", "Transfer"),
    "review": ("Thẩm định", "Review"),
    "give_opinion": ("Cho ý kiến", "Give an opinion"),
    "draft_result": ("Dự thảo kết quả", "Draft the result"),
    "submit_for_signature": ("Trình ký", "Submit for signature"),
    "sign": ("Ký kết quả", "Sign the result"),
    "return_result": ("Trả kết quả", "Return the result"),
    "stop": ("Dừng giải quyết", "Stop"),
    "withdraw": ("Ghi nhận người dân rút hồ sơ", "Record a withdrawal"),
    "reopen": ("Mở lại hồ sơ", "Reopen"),
    "apologise": ("Xin lỗi, hẹn lại", "Apologise with a new date"),
    "note": ("Ghi chú nội bộ", "Internal notes"),
}


def register_permissions() -> None:
    """Hand the verbs over to the permission catalogue."""
    register(*(Permission(f"dossiers.{verb}", vi, en) for verb, (vi, en) in VERBS.items()))


def view_paths(dossier: Dossier) -> Iterator[str]:
    """The organisations whose officials may see this dossier: who received it, works on it, must act; then the asked.

    Those asked for an opinion are looked up only when none before was the right one.
    """
    paths = {dossier.handling_path, dossier.received_at_org.path, dossier.waiting_path}
    if dossier.upper_id and dossier.upper:
        paths.add(dossier.upper.path)
    yield from sorted(paths - {""})
    asked = {opinion.organization.path for opinion in dossier.opinions.select_related("organization")}
    yield from sorted(asked - paths)


def decide_view(actor: Actor, dossier: Dossier) -> Decision:
    """Whether `actor` may see this dossier: its own people, or officials of the organisations it concerns."""
    if is_own(actor, dossier):
        return Decision(True, (_("Là người nộp hoặc chủ hồ sơ."),))
    reasons: list[str] = [_("Không phải người nộp, chủ hồ sơ hoặc người đại diện.")]
    for path in view_paths(dossier):
        decision = actor.decide("dossiers.view", path)
        if decision.allowed:
            return decision
        reasons += [reason for reason in decision.reasons if reason not in reasons]
    return Decision(False, tuple(reasons))


def require_view(actor: Actor, dossier: Dossier) -> None:
    """Raise :class:`NotFound` unless the actor may see the dossier: a stranger does not learn that it exists."""
    if not decide_view(actor, dossier).allowed:
        raise NotFound(_("Không tìm thấy hồ sơ."))


def is_own(actor: Actor, dossier: Dossier) -> bool:
    """Whether the actor is (or represents) the person the dossier belongs to, within the limits of an appointment."""
    return may_do(actor, dossier, "")


def may_do(actor: Actor, dossier: Dossier, act: str, *, amount: int = 0) -> bool:
    """Whether the actor may do this (``file``, ``pay``, ``receive``; empty: look) with a dossier of their own or of whom
    they represent. Who filed online for an enterprise may do so no longer than they represent it."""
    limit = actor.limit_for(dossier.subject_id)
    procedure = dossier.procedure_version.spec_json["code"] if limit and limit.procedures else ""
    if actor.may_for(dossier.subject_id, act, procedure=procedure, amount=amount):
        return True
    return actor.acts_for(dossier.filer_id) and not _filed_for_enterprise(dossier)


def _filed_for_enterprise(dossier: Dossier) -> bool:
    """Whether it was filed online by somebody who stood for an enterprise or a household business."""
    if dossier.channel != Channel.ONLINE or dossier.filer_id == dossier.subject_id:
        return False
    return dossier.subject.kind != Party.Kind.CITIZEN


def concerns(actor: Actor, dossier: Dossier) -> bool:
    """Whether the dossier is the actor's own matter: filed by them, about them, or represented by them."""
    return any(actor.acts_for(each) for each in (dossier.subject_id, dossier.filer_id, dossier.representative_id))


def under(paths: tuple[str, ...], *fields: str) -> Q:
    """A filter: any of these path fields lies under any of these paths."""
    found = Q(pk__in=[])
    for path in paths:
        if path == "/":
            return Q()
        for field in fields:
            found |= Q(**{f"{field}__startswith": path})
    return found


def places_of(actor: Actor) -> list[int] | None:
    """The organisations whose dossiers an official may list; None is all of them."""
    paths = actor.paths_with("dossiers.view")
    if "/" in paths:
        return None
    return list(Organization.objects.filter(under(paths, "path")).values_list("pk", flat=True))


def at_places(places: list[int] | None) -> QuerySet[Dossier]:
    """Dossiers handled or received at one of these organisations (None: anywhere).

    By their keys the database can bring together the index of places and the index of words, which a comparison of
    paths in a joined table does not let it.
    """
    if places is None:
        return Dossier.objects.all()
    return Dossier.objects.filter(Q(handling_id__in=places) | Q(received_at_org_id__in=places))


def visible_to(actor: Actor) -> QuerySet[Dossier]:
    """Dossiers that an official may list: those handled or received under the paths of its grants."""
    return at_places(places_of(actor))


def own_dossiers(actor: Actor) -> QuerySet[Dossier]:
    """Dossiers of the person and of those it represents (those an appointment names), newest first."""
    parties = [p for p in (actor.party_id, *actor.represented) if p]
    named = {limit.party_id: limit.procedures for limit in actor.limits if limit.procedures}
    found = Q(subject_id__in=[p for p in parties if p not in named])
    for party, codes in named.items():
        found |= Q(subject_id=party, procedure_version__procedure__code__in=codes)
    found |= Q(filer_id__in=parties) & (~Q(channel=Channel.ONLINE) | Q(subject__kind=Party.Kind.CITIZEN))
    return Dossier.objects.filter(found).order_by("-submitted_at")
