"""What a system may ask to know, in plain words, and the claims behind each (OpenID Connect Core 1.0, 5.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.suspending import resting
from hienluong.foundation.organisations.models import Position
from hienluong.foundation.people.models import Representation

Claims = dict[str, Any]


@dataclass(frozen=True)
class Scope:
    """One scope: what the person reads before consenting, and the claims it opens."""

    name: str
    words: Promise
    claims: Callable[[Account], Claims]
    personal: bool = False  # a number that identifies: only for systems whose level is at least 2
    for_systems: bool = False  # nothing of a person: what a system may do by itself (client credentials)


def _nothing(account: Account) -> Claims:
    return {}


def _profile(account: Account) -> Claims:
    return {
        "name": account.display_name,
        "preferred_username": account.username,
        "locale": account.language,
    }


def _email(account: Account) -> Claims:
    return {"email": account.email, "email_verified": False} if account.email else {}


def _phone(account: Account) -> Claims:
    phone = account.party.phone if account.party else ""
    return {"phone_number": phone, "phone_number_verified": False} if phone else {}


def _address(account: Account) -> Claims:
    """As it is written on papers, in one line (OpenID Connect Core 1.0, 5.1.1)."""
    address = account.party.address if account.party else ""
    return {"address": {"formatted": address}} if address else {}


def _identity(account: Account) -> Claims:
    """The personal identification number (Law 26/2023/QH15 on identification, article 12) and the date of birth."""
    party = account.party
    if party is None:
        return {}
    claims: Claims = {"personal_id": party.identifier} if party.identifier else {}
    if party.date_of_birth:
        claims["birthdate"] = party.date_of_birth.isoformat()
    return claims


def _organisation(account: Account) -> Claims:
    """The posts an official holds today and whose powers do not rest."""
    if account.official_id is None:
        return {}
    posts = (
        Position.objects.filter(~resting(), official_id=account.official_id, valid__contains=timezone.localdate())
        .select_related("organization")
        .order_by("-is_primary", "pk")
    )
    return {
        "organisations": [
            {
                "code": post.organization.code,
                "name": post.organization.name,
                "position": post.title,
                "role": post.role,
                "primary": post.is_primary,
            }
            for post in posts
        ]
    }


def _represented(account: Account) -> Claims:
    """The enterprises a person may act for today."""
    if account.party_id is None:
        return {}
    held = Representation.objects.filter(
        representative_id=account.party_id, valid__contains=timezone.localdate()
    ).select_related("represented")
    return {
        "represents": [
            {
                "tax_code": each.represented.identifier,
                "name": each.represented.name,
                "role": each.role,
                "legal": each.legal,
                **({"acts": each.acts} if each.acts else {}),
                **({"procedures": each.procedures} if each.procedures else {}),
            }
            for each in held.order_by("pk")
        ]
    }


SCOPES = {
    scope.name: scope
    for scope in (
        Scope("openid", _("Nhận ra bạn bằng một mã riêng của hệ thống này"), _nothing),
        Scope("profile", _("Họ và tên, tên đăng nhập"), _profile),
        Scope("email", _("Địa chỉ thư điện tử"), _email),
        Scope("phone", _("Số điện thoại"), _phone),
        Scope("address", _("Địa chỉ"), _address),
        Scope("identity", _("Số định danh cá nhân và ngày sinh"), _identity, personal=True),
        Scope("organisation", _("Cơ quan và chức vụ của bạn"), _organisation),
        Scope("represent", _("Doanh nghiệp mà bạn đại diện"), _represented),
        Scope("api.read", _("Đọc dữ liệu của tỉnh thay bạn, như bạn được đọc"), _nothing),
        Scope("api.write", _("Ghi dữ liệu của tỉnh thay bạn, như bạn được ghi"), _nothing),
        Scope("offline_access", _("Giữ kết nối khi bạn không có mặt"), _nothing),
        Scope("scim", _("Đọc và ghi danh sách cán bộ của cơ quan (SCIM)"), _nothing, for_systems=True),
    )
}


def claims_of(account: Account, granted: Iterable[str]) -> Claims:
    """The claims of all scopes that were granted; scopes of systems' own have none."""
    claims: Claims = {}
    for name in granted:
        if scope := SCOPES.get(name):
            claims.update(scope.claims(account))
    return claims
