"""From what was found out about one signature to what is said of it: the same for PDF, XML and CMS."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from asn1crypto import cms, core
from asn1crypto import x509 as asn1_x509
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from pyhanko_certvalidator.path import ValidationPath

from .. import revocation
from . import entitlement, strength
from .chain import Anchors, Chain, Held, common_name, judge, stray
from .finding import Problem, SignatureFinding


@dataclass(frozen=True)
class Stamp:
    """A timestamp on a signature: `sound` when it is really over this signature, `trusted` when its authority is."""

    at: datetime
    sound: bool
    trusted: bool
    authority: str = ""
    detail: str = ""

    @property
    def proves(self) -> bool:
        """Whether the time may be relied on."""
        return self.sound and self.trusted


@dataclass
class Facts:
    """What was found out about one signature, before its certificate is judged."""

    form: str
    certificate: asn1_x509.Certificate
    held: Held
    mechanism: str
    digest: str
    digests: tuple[str, ...] = ()  # other digests that it stands on, such as those of an XML signature's references
    came_along: list[asn1_x509.Certificate] = field(default_factory=list)  # certificates within the signature itself
    claimed_at: datetime | None = None
    stamp: Stamp | None = None
    covers_whole_file: bool = True
    existed: datetime | None = None  # the earliest moment at which it is known to have been there; None for now
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def conclude(facts: Facts, anchors: Anchors) -> SignatureFinding:
    """Judge the certificate at the moment that is proven, and say everything that is wrong."""
    stamp = facts.stamp
    proven = stamp is not None and stamp.proves
    moment = stamp.at if stamp is not None and proven else facts.existed or timezone.now()
    chain = judge(facts.certificate, facts.held, anchors, moment)
    known_to_us = revoked_by_us(chain.path, moment)
    if known_to_us is not None and chain.trouble in ("", "unchecked"):
        chain = Chain("revoked", chain.path, known_to_us, "our own book", "own")
    problems = [*facts.problems, *_of_chain(chain, proven=proven), *_weak(facts, chain)]
    if odd := stray(facts.came_along, chain.path, anchors):
        said = _("Dữ liệu kèm theo chữ ký bị sửa hoặc không thuộc về chữ ký.")
        problems.append(Problem("altered", said, f"nobody present issued {odd}"))
    notes = list(facts.notes)
    signed_at = stamp.at if stamp is not None and proven else facts.claimed_at
    position = ""
    if chain.trouble in ("", "unchecked"):
        day = timezone.localtime(signed_at or timezone.now()).date()
        found = entitlement.on(entitlement.holder_of(facts.certificate), day)
        position = found.post
        if found.state == "not_entitled":
            said = _("Vào ngày ký, người ký không giữ chức vụ nào ở %(place)s.")
            problems.append(Problem("not_entitled", said % {"place": _organization(facts.certificate)}))
    if stamp is not None and not stamp.sound:
        said = _("Dấu thời gian kèm theo không khớp với chữ ký.")
        problems.append(Problem("altered", said, stamp.detail))
    elif not proven:
        notes.append(_not_proven(stamp, facts.claimed_at))
    return SignatureFinding(
        signer=common_name(facts.certificate.subject),
        issuer=common_name(facts.certificate.issuer),
        signed_at=signed_at,
        timestamped=proven,
        intact=not any(each.code in ("altered", "changed") for each in problems),
        trusted=chain.trouble in ("", "unchecked"),  # whether it was revoked is another question
        covers_whole_file=facts.covers_whole_file,
        long_term=proven and chain.source == "file",
        algorithm=f"{facts.mechanism} {facts.digest}",
        form=facts.form,
        organization=_organization(facts.certificate),
        serial=f"{facts.certificate.serial_number:x}",
        certificate_from=facts.certificate.not_valid_before,
        certificate_until=facts.certificate.not_valid_after,
        chain=chain.names,
        revocation=chain.source,
        stamped_by=stamp.authority if stamp is not None else "",
        position=position,
        problems=tuple(problems),
        notes=tuple(notes),
    )


def _of_chain(chain: Chain, *, proven: bool) -> list[Problem]:
    trouble = chain.trouble
    if trouble in ("untrusted", "usage"):
        said = _("Chứng thư của người ký không do cơ quan chứng thực mà hệ thống này tin cậy cấp.")
        if trouble == "usage":
            said = _("Chứng thư của người ký không được cấp để ký văn bản.")
        return [Problem("untrusted", said, chain.detail)]
    day = _day(chain.since)
    late = "" if proven else " " + _("Không có dấu thời gian chứng minh đã ký trước ngày đó.")
    if trouble == "revoked":
        said = _("Chứng thư đã bị thu hồi từ ngày %(day)s.") % {"day": day}
        return [Problem("certificate_revoked", said + late, chain.detail)]
    if trouble == "expired":
        said = _("Chứng thư không có hiệu lực vào lúc ký (mốc %(day)s).") % {"day": day}
        return [Problem("certificate_expired", said + late, chain.detail)]
    if trouble == "unchecked":
        said = _("Lúc này không hỏi được chứng thư có bị thu hồi hay không.")
        return [Problem("unchecked", said, chain.detail)]
    return []


def _weak(facts: Facts, chain: Chain) -> list[Problem]:
    found = [strength.weak_digest(each) for each in {facts.digest, *facts.digests}]
    found.append(strength.weak_key(facts.certificate.public_key))
    if chain.path is not None:
        certificates = list(chain.path.iter_certs(include_root=True))
        for number, certificate in enumerate(certificates):
            found.extend(strength.weak_in(certificate, root=number == 0))
    reasons = list(dict.fromkeys(each for each in found if each))
    if not reasons:
        return []
    said = _("Chữ ký dùng thuật toán yếu, có thể bị làm giả: %(reasons)s.")
    return [Problem("weak", said % {"reasons": "; ".join(reasons)})]


def _not_proven(stamp: Stamp | None, claimed: datetime | None) -> str:
    if stamp is not None:
        return _("Dấu thời gian do %(who)s cấp, hệ thống này không tin cậy nơi đó.") % {"who": stamp.authority}
    if claimed is not None:
        return _("Thời điểm ký do máy của người ký tự khai, không có dấu thời gian chứng minh.")
    return _("Chữ ký không ghi thời điểm ký.")


def stamp_of(status: Any, token: cms.SignedData | None, anchors: Anchors, moment: datetime) -> Stamp:
    """What the library found out about a timestamp, as judged at a `moment`; `token`: all of its bytes, which are to be read."""
    weak = strength.weak_digest(str(status.md_algorithm))
    odd = "" if token is None else strict_fault(token)
    if token is not None and not odd and (name := stray(held_in(token).certificates, status.validation_path, anchors)):
        odd = f"nobody present issued {name}"
    return Stamp(
        at=status.timestamp,
        sound=bool(status.intact and status.valid) and not odd,
        trusted=bool(status.trusted) and not weak and revoked_by_us(status.validation_path, moment) is None,
        authority=common_name(status.signing_cert.subject),
        detail=odd or weak,
    )


def revoked_by_us(path: ValidationPath | None, moment: datetime) -> datetime | None:
    """Since when our own book says that a certificate of this path does not hold, if that was before `moment`."""
    if path is None:
        return None
    for certificate in path.iter_certs(include_root=False):
        since = revocation.revoked_at(certificate.serial_number)
        if since is not None and since <= moment:
            return since
    return None


def _organization(certificate: asn1_x509.Certificate) -> str:
    return entitlement.holder_of(certificate).organization


def _day(moment: datetime | None) -> str:
    return date_format(timezone.localtime(moment), "d/m/Y") if moment else ""


def held_in(signed_data: cms.SignedData, signer_info: cms.SignerInfo | None = None) -> Held:
    """The certificates, lists and answers that a CMS signature carries."""
    held = Held()
    for choice in signed_data["certificates"] or []:
        if choice.name == "certificate":
            held.certificates.append(choice.chosen)
    for choice in signed_data["crls"] or []:
        if choice.name == "certificate_list":
            held.lists.append(choice.chosen)
    for attribute in (signer_info or signed_data["signer_infos"][0])["signed_attrs"] or []:
        if attribute["type"].native == "adobe_revocation_info_archival":
            for kept in attribute["values"]:
                held.lists.extend(kept["crl"] or [])
                held.answers.extend(kept["ocsp"] or [])
    return held


def strict_fault(signed_data: cms.SignedData) -> str:
    """What is out of order in a CMS signature though its signature value may be right; empty when nothing is.

    Whoever changes a byte that the signature does not cover is found here as well.
    """
    info = signed_data["signer_infos"][0]
    if info["version"].native != ("v1" if info["sid"].name == "issuer_and_serial_number" else "v3"):
        return "the version of the signer does not fit"
    digest = info["digest_algorithm"]["algorithm"].native
    if digest not in {each["algorithm"].native for each in signed_data["digest_algorithms"]}:
        return "the digest of the signer is not among those announced"
    if (own := _digest_of(info["signature_algorithm"])) not in ("", digest):
        return f"signed with {own}, digested with {digest}"
    for choice in signed_data["certificates"] or []:
        if choice.name != "certificate":
            continue
        inside, outside = choice.chosen["tbs_certificate"]["signature"], choice.chosen["signature_algorithm"]
        if inside.dump() != outside.dump():
            return "a certificate names two algorithms"
    return ""


def _digest_of(algorithm: Any) -> str:
    """The digest that a signature algorithm names itself; empty when it names none."""
    try:
        return str(algorithm.hash_algo)
    except ValueError:
        return ""


def attribute_of(info: cms.SignerInfo, name: str) -> Any:
    """The value of a signed attribute; None when it is not there."""
    for attribute in info["signed_attrs"] if info["signed_attrs"] is not core.VOID else []:
        if attribute["type"].native == name and len(attribute["values"]):
            return attribute["values"][0]
    return None
