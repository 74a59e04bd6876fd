"""The verbs of systems that sign people in here: registering them, consenting, ending what was granted."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta
from typing import Any

from allauth.idp.oidc.models import Client, Token
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, InvalidInput, NotAllowed, action
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.organisations.models import Organization

from . import addresses, engineers, machines, proofs
from .models import Consent, SpentToken, System
from .scopes import SCOPES

MANAGE = "sso.manage"
#: How long a password of a system is good for.
SECRET_LASTS = timedelta(days=365)
#: And how long its public keys: they are nobody's secret, but a key in use for years has been copied somewhere.
KEYS_LAST = timedelta(days=730)
Grant = Client.GrantType


@action("sso.register")
def register(
    act: Act,
    *,
    owner: Organization,
    name: str,
    purpose: str,
    contact_name: str,
    contact_email: str,
    scopes: list[str],
    redirect_uris: list[str],
    proof: str,
    logout_redirects: list[str] | None = None,
    homepage: str = "",
    logout_uri: str = "",
    keys: str = "",
    certificate_subject: str = "",
    certificate_until: date | None = None,
    level: int = 1,
    for_itself: bool = False,
    for_devices: bool = False,
    trusted: bool = False,
) -> tuple[System, str]:
    """Register a system of an organisation; its password is returned to be told, and kept nowhere (empty: it has none).

    `for_itself`: it may also act without a person (client credentials). `for_devices`: its counters and kiosks are signed
    in by people's phones (RFC 8628). `trusted`: the province's own, for which people
    are not asked; only who manages systems in the whole province says so. `certificate_until`: the last day of the
    certificate, so that its people are reminded.
    """
    act.require(MANAGE, owner.path)
    if trusted:
        act.require(MANAGE, "/")
    if for_itself:  # nobody gives a system what they may not do themselves
        for permission in sorted(machines.permissions_of(scopes)):
            act.require(permission, owner.path)
    held: dict[str, Any] = {
        "purpose": _said(purpose, "purpose", 300),
        "contact_name": _said(contact_name, "contact_name", 120),
        "contact_email": contact_email,
        "homepage": homepage,
        "logout_uri": _https(logout_uri, "logout_uri"),
        "proof": proof,
        "keys": _jwks(keys) if proof == System.Proof.KEY else None,
        "certificate_subject": _subject(certificate_subject) if proof == System.Proof.CERTIFICATE else "",
        "level": level,
        "trusted": trusted,
    }
    if proof == System.Proof.KEY:
        held["keys_until"] = _until(timezone.now() + KEYS_LAST)
    elif proof == System.Proof.CERTIFICATE and certificate_until is not None:
        held["keys_until"] = timezone.make_aware(datetime.combine(certificate_until, time.max))
    client = Client(name=_said(name, "name", 100), type=_type(proof))
    client.set_scopes(_scopes(scopes, level))
    client.set_redirect_uris(_redirects(redirect_uris, "redirect_uris", needed=not (for_itself or for_devices)))
    client.set_post_logout_redirect_uris(_redirects(logout_redirects or [], "logout_redirects"))
    client.set_grant_types(_grants(scopes, proof, for_itself, bool(redirect_uris), for_devices))
    client.set_response_types(["code"])
    secret = _give_secret(client, held, proof)
    client.save(force_insert=True)
    system = System.objects.create(client=client, owner=owner, **held)
    act.record(system, after={"name": client.name, "proof": proof, "scopes": scopes}, organization_id=owner.pk)
    act.emit("sso.system_registered", system)
    return system, secret


@action("sso.change")
def change(
    act: Act,
    *,
    system: System,
    contact_name: str,
    contact_email: str,
    redirect_uris: list[str],
    logout_redirects: list[str] | None = None,
    homepage: str = "",
    logout_uri: str = "",
) -> System:
    """Other addresses and contacts of a system.

    What it is for and what it may know stay as they are: people consented to those words.
    """
    act.require(MANAGE, system.owner.path)
    client, before = system.client, _changeable(system)
    for_people = str(Grant.AUTHORIZATION_CODE) in client.get_grant_types()
    if redirect_uris and not for_people:
        raise InvalidInput(
            _("Hệ thống này đăng ký không có người đăng nhập bằng trình duyệt: hãy đăng ký hệ thống mới."),
            code="sso.not_for_people",
            field="redirect_uris",
        )
    client.set_redirect_uris(_redirects(redirect_uris, "redirect_uris", needed=for_people))
    client.set_post_logout_redirect_uris(_redirects(logout_redirects or [], "logout_redirects"))
    client.save(update_fields=["redirect_uris", "data"])
    system.contact_name = _said(contact_name, "contact_name", 120)
    system.contact_email = contact_email
    system.homepage = homepage
    system.logout_uri = _https(logout_uri, "logout_uri")
    system.save(update_fields=["contact_name", "contact_email", "homepage", "logout_uri"])
    act.record(system, before=before, after=_changeable(system), organization_id=system.owner_id)
    act.emit("sso.system_changed", system)
    return system


def _changeable(system: System) -> dict[str, Any]:
    """What :func:`change` changes, as the audit log keeps it."""
    return {
        "contact_name": system.contact_name,
        "contact_email": system.contact_email,
        "homepage": system.homepage,
        "logout_uri": system.logout_uri,
        "redirect_uris": system.client.get_redirect_uris(),
        "logout_redirects": system.client.get_post_logout_redirect_uris(),
    }


@action("sso.new_secret")
def new_secret(act: Act, *, system: System) -> str:
    """Another password for a system; the one before is worth nothing from now on. Its engineers may do it, too."""
    _require_tends(act, system)
    if system.proof not in (System.Proof.BASIC, System.Proof.POST):
        raise InvalidInput(_("Hệ thống này không dùng mật khẩu."), code="sso.no_secret")
    held: dict[str, Any] = {}
    secret = _give_secret(system.client, held, system.proof)
    system.client.save(update_fields=["secret"])
    system.secret_until = held["secret_until"]
    system.save(update_fields=["secret_until"])
    act.record(system, after={"secret_until": system.secret_until.isoformat()}, organization_id=system.owner_id)
    act.emit("sso.secret_changed", system)
    return secret


@action("sso.new_keys")
def new_keys(act: Act, *, system: System, keys: str) -> System:
    """Other public keys for a system that proves itself with a key; its engineers may do it, too."""
    _require_tends(act, system)
    if system.proof != System.Proof.KEY:
        raise InvalidInput(_("Hệ thống này không chứng minh mình bằng khóa."), code="sso.no_keys", field="keys")
    system.keys = _jwks(keys)
    system.keys_until = _until(timezone.now() + KEYS_LAST)
    system.save(update_fields=["keys", "keys_until"])
    act.record(system, after={"keys_until": system.keys_until.isoformat()}, organization_id=system.owner_id)
    act.emit("sso.keys_changed", system)
    return system


@action("sso.disable")
def disable(act: Act, *, system: System, reason: str) -> System:
    """Let nobody sign in to a system any more, and end all that it was granted."""
    act.require(MANAGE, system.owner.path)
    reason = _said(reason, "reason", 500)
    system.disabled_at = timezone.now()
    system.save(update_fields=["disabled_at"])
    ended, _by = Token.objects.filter(client=system.client).delete()
    act.record(system, after={"disabled": True, "tokens_ended": ended}, note=reason, organization_id=system.owner_id)
    act.emit("sso.system_disabled", system)
    return system


@action("sso.enable")
def enable(act: Act, *, system: System, reason: str) -> System:
    """Let people sign in to a system again."""
    act.require(MANAGE, system.owner.path)
    reason = _said(reason, "reason", 500)
    system.disabled_at = None
    system.save(update_fields=["disabled_at"])
    act.record(system, after={"disabled": False}, note=reason, organization_id=system.owner_id)
    act.emit("sso.system_enabled", system)
    return system


@action("sso.consent")
def consent(act: Act, *, account: Account, client: Client, scopes: list[str]) -> Consent:
    """Let a system know these things about oneself; what was let before stays, unless it is withdrawn."""
    _own(act, account)
    before = Consent.objects.select_for_update().filter(account=account, client=client, withdrawn_at=None).first()
    wanted = sorted(set(scopes) | set(before.scopes if before else ()))
    if before is not None:
        if wanted == sorted(before.scopes):
            act.record(before, after={"client": client.name, "scopes": wanted, "again": True})
            return before
        before.withdrawn_at = timezone.now()  # what was read at the time stays as it was: a new consent follows
        before.save(update_fields=["withdrawn_at"])
    given = Consent.objects.create(
        account=account, client=client, scopes=wanted, purpose=client.system.purpose, given_at=timezone.now()
    )
    act.record(given, after={"client": client.name, "scopes": wanted})
    act.emit("sso.consented", given)
    return given


@action("sso.withdraw")
def withdraw(act: Act, *, account: Account, given: Consent) -> Consent:
    """Take a consent back: the system loses what it was granted, at once."""
    _own(act, account)
    if given.account_id != account.pk:
        raise NotAllowed(_("Chỉ chủ tài khoản rút được đồng ý của mình."))
    if given.withdrawn_at is None:
        given.withdrawn_at = timezone.now()
        given.save(update_fields=["withdrawn_at"])
        Token.objects.filter(client=given.client, user=account).delete()
        act.record(given, after={"withdrawn": True})
        act.emit("sso.withdrawn", given)
    return given


@action("sso.end_grant")
def end_grant(act: Act, *, spent: SpentToken) -> int:
    """A refresh token was shown that had been exchanged: somebody has a stolen one. End all that came of its grant."""
    act.require(MANAGE, "/")
    ended, _by = Token.objects.filter(
        client=spent.client, user=spent.account, data__grant_id=spent.grant, type__in=("at", "rt")
    ).delete()
    act.record(spent, after={"tokens_ended": ended})
    act.emit("sso.theft_noticed", spent)
    words = _("Hệ thống “%(name)s” dùng lại một mã đã đổi. Kết nối đó đã bị ngắt; hãy đăng nhập lại.")
    body = words % {"name": spent.client.name}
    title = _("Đã ngắt một kết nối đáng ngờ")
    notify(act, account=spent.account, key=f"sso:{spent.hash[:24]}", kind="sso", title=title, body=body)
    return int(ended)


def _require_tends(act: Act, system: System) -> None:
    """Refuse unless the actor is an engineer of the system, or manages systems of its owner."""
    if not engineers.tends(act.actor, system):
        act.require(MANAGE, system.owner.path)


def _give_secret(client: Client, held: dict[str, Any], proof: str) -> str:
    if proof not in (System.Proof.BASIC, System.Proof.POST):
        client.secret = "!"  # noqa: S105  (matches nothing)
        return ""
    secret = secrets.token_urlsafe(32)
    client.secret = proofs.sealed(secret)
    held["secret_until"] = _until(timezone.now() + SECRET_LASTS)
    return secret


def _until(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _type(proof: str) -> str:
    if proof not in System.Proof.values:
        raise InvalidInput(_("Không có cách chứng minh này."), code="sso.no_such_proof", field="proof")
    return str(Client.Type.PUBLIC if proof == System.Proof.NONE else Client.Type.CONFIDENTIAL)


def _scopes(asked: list[str], level: int) -> list[str]:
    unknown = [name for name in asked if name not in SCOPES]
    if unknown or not asked:
        raise InvalidInput(_("Hãy chọn những gì hệ thống cần biết."), code="sso.bad_scopes", field="scopes")
    if level < 2 and any(SCOPES[name].personal for name in asked):
        raise InvalidInput(
            _("Số định danh chỉ cấp cho hệ thống đòi mức xác thực từ 2 trở lên."),
            code="sso.level_too_low",
            field="level",
        )
    return sorted({*asked, "openid"})


def _grants(scopes: list[str], proof: str, for_itself: bool, for_people: bool, for_devices: bool = False) -> list[str]:
    if not for_itself and any(SCOPES[name].for_systems for name in scopes):
        raise InvalidInput(
            _("Quyền này chỉ dành cho hệ thống tự làm việc."), code="sso.not_for_itself", field="for_itself"
        )
    if for_itself and proof == System.Proof.NONE:
        raise InvalidInput(
            _("Hệ thống tự làm việc thì phải có cách chứng minh mình."), code="sso.proof_needed", field="proof"
        )
    granted = [Grant.AUTHORIZATION_CODE] if for_people else []
    if "offline_access" in scopes:
        granted.append(Grant.REFRESH_TOKEN)
    if for_itself:
        granted.append(Grant.CLIENT_CREDENTIALS)
    if for_devices:
        granted.append(Grant.DEVICE_CODE)
    return [str(each) for each in granted]


def _redirects(uris: list[str], field: str, *, needed: bool = False) -> list[str]:
    if needed and not uris:
        raise InvalidInput(_("Cần ít nhất một địa chỉ quay về."), code="sso.no_redirect", field=field)
    for uri in uris:
        if wrong := addresses.fault(uri):
            raise InvalidInput(f"{uri}: {wrong}", code="sso.bad_redirect", field=field)
    return uris


def _https(uri: str, field: str) -> str:
    if uri and (wrong := addresses.fault(uri)):
        raise InvalidInput(f"{uri}: {wrong}", code="sso.bad_address", field=field)
    return uri


def _jwks(text: str) -> dict[str, Any]:
    try:
        return proofs.keys_of(text)
    except ValueError as error:
        words = {
            "private": _("Đây là khóa riêng. Chỉ đưa khóa công khai; khóa riêng đã lộ thì phải thay."),
            "no keys": _("Không thấy khóa nào trong bộ khóa (JWK Set)."),
            "not JSON": _("Bộ khóa phải là JSON (JWK Set)."),
        }.get(str(error), _("Bộ khóa không đọc được."))
        raise InvalidInput(words, code="sso.bad_keys", field="keys") from None


def _subject(told: str) -> str:
    return _said(told, "certificate_subject", 300)


def _said(text: str, field: str, most: int) -> str:
    tidy = " ".join(text.split())
    if not tidy:
        raise InvalidInput(_("Phải điền mục này."), code="sso.missing", field=field)
    if len(tidy) > most:
        raise InvalidInput(_("Dài nhất %(count)d ký tự.") % {"count": most}, code="sso.too_long", field=field)
    return tidy


def _own(act: Act, account: Account) -> None:
    if act.actor.account_id is None or act.actor.account_id != account.pk:
        raise NotAllowed(_("Chỉ chủ tài khoản quyết định được việc này."))
