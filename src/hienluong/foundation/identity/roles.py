"""The roles every installation has, as patterns over the permission catalogue.

A code is taken as it stands; a pattern with ``*`` takes what the modules have registered.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase

from hienluong.foundation.actions import permissions

from .models import Role


@dataclass(frozen=True)
class RoleSpec:
    """A role: its Vietnamese name and what it may do."""

    code: str
    name: str
    may: tuple[str, ...]


_SEES = ("dossiers.view", "dossiers.note", "adapters.ask")
_KEEPS = ("registers.read", "registers.write")
_BRINGS = ("registers.import", "registers.export")
_ASSESSES = ("scoring.read", "scoring.assess")
_DRAFTS = ("documents.read", "documents.draft")
_LEADS = (*_DRAFTS, "documents.assign", "documents.approve", "assignments.give", "assignments.follow")

ROLES: tuple[RoleSpec, ...] = (
    RoleSpec(
        "clerk",
        "Cán bộ một cửa",
        (
            *_SEES,
            *_KEEPS,
            *_DRAFTS,
            "dossiers.file_at_counter",
            "dossiers.receive",
            "dossiers.refuse",
            "dossiers.request_supplement",
            "dossiers.review",  # same-day procedures: a clerk's post is at the counter, so only what is decided there
            "dossiers.draft_result",
            "dossiers.transfer",
            "dossiers.assign",
            "dossiers.return_result",
            "dossiers.withdraw",
            "dossiers.apologise",
            "payments.collect",
            "counter.identify",
        ),
    ),
    RoleSpec(
        "officer",
        "Chuyên viên thẩm định",
        (
            *_SEES,
            *_KEEPS,
            *_BRINGS,
            *_ASSESSES,
            *_DRAFTS,
            "bus.request",
            "streams.request",
            "dossiers.review",
            "dossiers.request_supplement",
            "dossiers.give_opinion",
            "dossiers.draft_result",
            "dossiers.refuse",
            "dossiers.stop",
            "dossiers.transfer",
            "dossiers.apologise",
        ),
    ),
    RoleSpec(
        "head",
        "Trưởng phòng",
        (
            *_SEES,
            *_KEEPS,
            *_BRINGS,
            *_ASSESSES,
            *_LEADS,
            "scoring.sign",
            "registers.share",
            "bus.provide",
            "bus.request",
            "bus.share",
            "bus.monitor",
            "flows.manage",
            "streams.request",
            "streams.share",
            "lookups.answer",
            "powers.review",
            "dossiers.assign",
            "dossiers.transfer",
            "dossiers.review",
            "dossiers.request_supplement",
            "dossiers.give_opinion",
            "dossiers.draft_result",
            "dossiers.submit_for_signature",
            "dossiers.refuse",
            "dossiers.stop",
            "dossiers.apologise",
            "oversight.view",
        ),
    ),
    RoleSpec(
        "leader",
        "Lãnh đạo ký",
        (
            *_SEES,
            *_LEADS,
            "documents.sign",
            "workfiles.approve",
            "registers.read",
            "registers.certify",
            "registers.share",
            "bus.request",
            "bus.share",
            "bus.monitor",
            "streams.request",
            "streams.share",
            "scoring.read",
            "scoring.sign",
            "lookups.answer",
            "powers.review",
            "dossiers.assign",
            "dossiers.give_opinion",
            "dossiers.sign",
            "dossiers.refuse",
            "dossiers.stop",
            "dossiers.reopen",
            "dossiers.apologise",
            "signing.revoke",
            "oversight.view",
        ),
    ),
    RoleSpec(  # whoever takes the cash does not also give money back
        "accountant",
        "Kế toán phí, lệ phí",
        ("dossiers.view", *_DRAFTS, "payments.reconcile", "payments.refund"),
    ),
    RoleSpec("document_clerk", "Văn thư cơ quan", (*_DRAFTS, "documents.clerk", "signing.seal", "workfiles.archive")),
    # posts in the agency itself that have to do with its documents only, not with the dossiers of all below it
    RoleSpec("drafter", "Chuyên viên tổng hợp", _DRAFTS),
    RoleSpec("executive", "Lãnh đạo cơ quan", (*_LEADS, "documents.sign", "workfiles.approve")),
    RoleSpec(
        "admin",
        "Quản trị hệ thống",
        (
            "organisations.*",
            "identity.*",
            "powers.*",
            "emergency.review",
            "calendars.*",
            "codelists.*",
            "signing.keys",
            "procedures.*",
            "packs.*",
            "packs.build",
            "decisions.*",
            "forms.*",
            "workflow.*",
            "notifications.*",
            "house.*",
            "national.manage",
            "adapters.manage",
            "agentnode.manage",
            "exchange.manage",
            "documents.mailbox",
            "payments.reconcile",
            "payments.refund",
            "payments.accounts",
            "organisations.manage",
            "calendars.manage",
            "procedures.manage",
            "identity.manage",
            "sso.manage",
            "eid.manage",
            "signing.trust",
            "identity.explain",
            "oversight.view",
            "registers.define",
            "scoring.define",
            "registers.share",
            "bus.*",
            "flows.*",
            "streams.*",
        ),
    ),
    RoleSpec(
        "auditor",
        "Kiểm toán hệ thống",
        ("audit.*", "audit.view", "dossiers.view", "oversight.view", "identity.explain", "emergency.review"),
    ),
    RoleSpec("duty", "Trực khẩn cấp", ("emergency.take",)),
    RoleSpec("oversight", "Lãnh đạo tỉnh theo dõi", ("oversight.*", "oversight.view")),
    RoleSpec(  # Luật 91/2025/QH15, khoản 2 Điều 33; appointed in writing (Nghị định 356/2025/NĐ-CP, Điều 13)
        "data_protection", "Nhân sự bảo vệ dữ liệu cá nhân", ("breaches.handle", "lookups.answer")
    ),
)


def permissions_of(spec: RoleSpec) -> list[str]:
    """The permission codes of a role, with patterns filled in from the catalogue, sorted."""
    registered = [permission.code for permission in permissions.catalogue()]
    codes: set[str] = set()
    for wanted in spec.may:
        if "*" in wanted:
            codes.update(code for code in registered if fnmatchcase(code, wanted))
        else:
            codes.add(wanted)
    return sorted(codes)


def permissions_by_code(code: str) -> frozenset[str] | None:
    """What a role allows: as kept in the database, else as the product brings it; None when there is no such role."""
    kept = Role.objects.filter(pk=code.replace("\0", "")).first()
    if kept:
        return frozenset(kept.permissions)
    spec = next((each for each in ROLES if each.code == code), None)
    return frozenset(permissions_of(spec)) if spec else None


def seed() -> list[Role]:
    """Write the roles, or bring them up to date with the catalogue; may be called again at any time."""
    rows = [Role(code=spec.code, name=spec.name, permissions=permissions_of(spec)) for spec in ROLES]
    return Role.objects.bulk_create(
        rows, update_conflicts=True, update_fields=("name", "permissions"), unique_fields=("code",)
    )
