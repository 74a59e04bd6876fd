"""Keys of holders: taking one on, retiring it. What is kept is where the key lies and its certificate."""

from __future__ import annotations

import unicodedata
from typing import Any

from asn1crypto import x509 as asn1_x509
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, Actor, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.organisations.models import Official, Organization

from . import pki, revocation
from .keys import Chain
from .models import Holder, SigningKey
from .providers import Credential, provider_of
from .providers.demo import label_of

#: Who looks after the keys of officials and organisations.
MANAGE = "signing.keys"


def enrol(
    actor: Actor, *, holder: Official | Organization, provider: str, source: str = "", credential: str = ""
) -> SigningKey:
    """Take on the key with which a holder signs from now on; the one before it is retired.

    An official may take on a key at a remote service for themselves: each signature is confirmed on their own telephone.
    Everything else takes ``signing.keys`` where the holder is. The certificate must hold today and name the holder. The
    token or the service is asked before the transaction begins, so that none of ours waits for a network.
    """
    _require(actor, holder, provider)
    if provider == SigningKey.Provider.PKCS12:
        if not settings.SIGNING_DEMO_KEYS:
            raise InvalidInput(_("Hệ thống này không dùng chứng thư trình diễn."), field="provider")
        credential = label_of(demo_holder(holder))
    found = provider_of(provider, source).find(credential)
    return _take_on(actor, holder=holder, provider=provider, source=source, found=found)


class NeedsTelephone(InvalidInput):
    """The key lies at a service that asks its holder each time, and nobody is there to be asked."""

    code = "signing.needs_telephone"


class NoKey(InvalidInput):
    """Somebody is to sign and has no key."""

    code = "signing.no_key"


@action("signing.enrol_key")
def _take_on(act: Act, *, holder: Official | Organization, provider: str, source: str, found: Credential) -> SigningKey:
    _require(act.actor, holder, provider)
    _require_name(found.chain.certificate, holder)
    key = SigningKey(
        **_held_by(holder), provider=provider, source=source, credential=found.label, **_described(found.chain)
    )
    _require_in_force(key)
    before = key_of(holder)
    if before is not None:
        _retire(act, before, str(_("Thay bằng khóa mới.")))
    key.save()
    act.record(key, after={"holder": str(holder), "provider": provider, "serial": key.serial})
    return key


@action("signing.retire_key")
def retire(act: Act, *, key: SigningKey, reason: str) -> SigningKey:
    """Sign no longer with a key: it was lost, its holder left, another came. What it signed stays as it is."""
    found = SigningKey.objects.select_for_update(of=("self",)).select_related("official", "organization").get(pk=key.pk)
    if found.official_id is None or found.official_id != act.actor.official_id:
        _require_manager(act.actor, found.holder)
    if not reason.strip():
        raise InvalidInput(_("Hãy ghi lý do thôi dùng khóa."), field="reason")
    if found.state == SigningKey.State.ACTIVE:
        _retire(act, found, reason.strip()[:300])
    else:
        act.record(found, note=str(_("Đã thôi dùng từ trước.")))
    return found


@action("signing.follow_certificate")
def follow(act: Act, *, key: SigningKey) -> SigningKey:
    """Write down the certificate that a key has now: the demo's are made anew before they end, under the same label."""
    found = SigningKey.objects.select_for_update().get(pk=key.pk)
    described = _described(provider_of(found.provider, found.source).find(found.credential).chain)
    before = found.serial
    for name, value in described.items():
        setattr(found, name, value)
    found.save(update_fields=list(described))
    act.record(found, before={"serial": before}, after={"serial": found.serial})
    return found


def key_of(holder: Official | Organization) -> SigningKey | None:
    """The key with which this holder signs today; None when none was taken on."""
    return SigningKey.objects.filter(state=SigningKey.State.ACTIVE, **_held_by(holder)).first()


def key_for_signing(who: Actor | Act, holder: Official | Organization) -> SigningKey:
    """The key of a holder, in force. Raises :class:`NoKey`, or InvalidInput for one that holds no more; both say what to do.

    In the demo it is made now when there is none, or when the holder has another name or place than it says.
    """
    key = key_of(holder)
    if settings.SIGNING_DEMO_KEYS and (key is None or key.provider == SigningKey.Provider.PKCS12):
        key = _of_demo(who, holder, key)
    if key is None:
        raise no_key(holder)
    _require_in_force(key)
    return key


def require_key(holder: Official | Organization) -> SigningKey | None:
    """The key of a holder, refused when they could not sign with it: asked before something is decided that it signs.

    None: the demo makes one when it signs.
    """
    key = key_of(holder)
    if key is not None:
        _require_in_force(key)
    elif not settings.SIGNING_DEMO_KEYS:
        raise no_key(holder)
    return key


def require_at_once(holder: Official | Organization) -> None:
    """Like :func:`require_key`, for what is signed at once: a key that waits for a telephone is refused, too."""
    key = require_key(holder)
    if key is not None and key.provider == SigningKey.Provider.CSC:
        raise needs_telephone(holder)


def needs_telephone(holder: Official | Organization) -> NeedsTelephone:
    """What is said where a key would have to wait for its holder's telephone and cannot."""
    return NeedsTelephone(
        _(
            "Khóa của “%(name)s” ở dịch vụ ký từ xa, mỗi lần ký phải xác nhận trên điện thoại. Giấy tờ hệ thống tự ký "
            "cần khóa trong thiết bị của cơ quan."
        )
        % {"name": holder}
    )


def no_key(holder: Official | Organization) -> NoKey:
    """What is said where somebody has no key: whose, and where one is taken on."""
    if isinstance(holder, Official):
        words = _(
            "“%(name)s” chưa có khóa ký số. Hãy đăng ký ở mục Ký số, trang Khóa ký số của tôi (/lam-viec/ky-so/khoa), hoặc "
            "nhờ quản trị đăng ký."
        )
    else:
        words = _(
            "Con dấu của “%(name)s” chưa có khóa ký số. Hãy nhờ quản trị đăng ký ở trang Khóa ký số của cán bộ, cơ quan "
            "(/quan-tri/khoa-ky-so)."
        )
    return NoKey(words % {"name": holder})


def chain_of(key: SigningKey) -> Chain:
    """The certificate of a key and those above it."""
    return Chain.load(bytes(key.certificate), bytes(key.chain))


def may_manage(actor: Actor, holder: Official | Organization) -> bool:
    """Whether this actor looks after the keys of this holder."""
    return any(actor.can(MANAGE, path) for path in _paths(holder))


def demo_holder(holder: Official | Organization) -> pki.Holder:
    """The holder as the demo's authority names it in a certificate."""
    if isinstance(holder, Organization):
        return pki.Holder(holder.code, holder.name, holder.name)
    posts = holder.positions.filter(valid__contains=timezone.localdate()).select_related("organization")
    post = posts.order_by("-is_primary", "pk").first()
    return pki.Holder(holder.code, holder.full_name, post.organization.name if post else pki.PROVINCE)


def _of_demo(who: Actor | Act, holder: Official | Organization, key: SigningKey | None) -> SigningKey:
    """The demo's key of a holder as they are called today."""
    label = label_of(demo_holder(holder))
    found = provider_of(SigningKey.Provider.PKCS12, "").find(label)
    if key is None or key.credential != label:
        try:
            with transaction.atomic():
                return _made(who, holder=holder, found=found)
        except IntegrityError:  # another process made it meanwhile
            made = key_of(holder)
            if made is None:
                raise
            return made
    return key if found.chain.certificate.dump() == bytes(key.certificate) else follow(who, key=key)


@action("signing.enrol_key")
def _made(act: Act, *, holder: Official | Organization, found: Credential) -> SigningKey:
    held = SigningKey.objects.select_for_update().filter(state=SigningKey.State.ACTIVE, **_held_by(holder))
    before = held.first()  # None also when another process put it aside while this one waited
    if before is not None:
        _retire(act, before, str(_("Thay bằng khóa mới.")))
    key = SigningKey.objects.create(
        **_held_by(holder), provider=SigningKey.Provider.PKCS12, credential=found.label, **_described(found.chain)
    )
    act.record(key, after={"holder": str(holder), "provider": "pkcs12", "serial": key.serial})
    return key


def _retire(act: Act, key: SigningKey, reason: str) -> None:
    key.state, key.retired_at, key.retired_reason = SigningKey.State.RETIRED, timezone.now(), reason
    key.save(update_fields=("state", "retired_at", "retired_reason"))
    act.record(key, verb="signing.retire_key", after={"serial": key.serial, "reason": reason})


def _held_by(holder: Official | Organization) -> dict[str, Any]:
    if isinstance(holder, Official):
        return {"holder_kind": Holder.OFFICIAL, "official": holder}
    return {"holder_kind": Holder.ORGANIZATION, "organization": holder}


def _described(chain: Chain) -> dict[str, Any]:
    certificate = chain.certificate
    return {
        "certificate": certificate.dump(),
        "chain": b"".join(each.dump() for each in chain.others),
        "serial": f"{certificate.serial_number:x}",
        "issuer_name": common_name(certificate.issuer)[:200],
        "valid_from": certificate.not_valid_before,
        "valid_until": certificate.not_valid_after,
    }


def common_name(name: asn1_x509.Name) -> str:
    """The common name in a certificate's subject or issuer; empty when it has none."""
    found = name.native.get("common_name", "")
    return str(found[0] if isinstance(found, list) else found)


def _require(actor: Actor, holder: Official | Organization, provider: str) -> None:
    if provider not in SigningKey.Provider.values:
        raise InvalidInput(_("Không có loại khóa này."), field="provider")
    own = isinstance(holder, Official) and holder.pk == actor.official_id
    if not (own and provider == SigningKey.Provider.CSC):
        _require_manager(actor, holder)


def _require_manager(actor: Actor, holder: Official | Organization) -> None:
    if not may_manage(actor, holder):
        raise NotAllowed(_("Bạn không quản lý khóa ký số của người, cơ quan này."), permission=MANAGE)


def _paths(holder: Official | Organization) -> list[str]:
    """Where a holder is: an organisation itself, an official in the posts of today (at the top when there are none)."""
    if isinstance(holder, Organization):
        return [holder.path]
    today = holder.positions.filter(valid__contains=timezone.localdate())
    return list(today.values_list("organization__path", flat=True)) or ["/"]


def _require_name(certificate: asn1_x509.Certificate, holder: Official | Organization) -> None:
    """The certificate names its holder: nobody signs with somebody else's."""
    subject = common_name(certificate.subject)
    wanted = holder.full_name if isinstance(holder, Official) else holder.name
    if _plain(subject)[:60] != _plain(wanted)[:60]:  # a common name holds 64 characters
        raise InvalidInput(
            _("Chứng thư mang tên “%(subject)s”, không phải “%(wanted)s”.") % {"subject": subject, "wanted": wanted},
            field="credential",
            code="signing.other_name",
        )


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _require_in_force(key: SigningKey) -> None:
    now = timezone.now()
    if not key.valid_from <= now <= key.valid_until:
        raise InvalidInput(
            _("Chứng thư của “%(name)s” chỉ dùng được từ %(since)s đến %(until)s.")
            % {
                "name": key.holder_name,
                "since": timezone.localtime(key.valid_from).strftime("%d/%m/%Y"),
                "until": timezone.localtime(key.valid_until).strftime("%d/%m/%Y"),
            },
            field="credential",
            code="signing.not_in_force",
        )
    if revocation.revoked_at(int(key.serial, 16)) is not None:
        raise InvalidInput(
            _("Chứng thư của “%(name)s” đã bị thu hồi. Hãy đăng ký khóa khác.") % {"name": key.holder_name},
            field="credential",
            code="signing.revoked",
        )


def own_key(actor: Actor, number: int) -> SigningKey:
    """A key that this actor may look at: their own, or one that they look after."""
    key = SigningKey.objects.select_related("official", "organization").filter(pk=number).first()
    own = key is not None and key.official_id is not None and key.official_id == actor.official_id
    if key is None or not (own or may_manage(actor, key.holder)):
        raise NotFound(_("Không có khóa này."))
    return key
