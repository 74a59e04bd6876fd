"""Packages signed with the seal of the agency: xmlsec1 judges what we make; what comes is judged, held, refused, let in."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hienluong.capabilities.signing import pki, revocation, xades
from hienluong.capabilities.signing.judging import chain as judging_chain
from hienluong.capabilities.signing.keys import Chain
from hienluong.capabilities.signing.models import SigningKey
from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.services.documents.models import Arrival, Document
from hienluong.services.exchange import edxml, judging, managing, receiving
from hienluong.services.exchange.models import Incoming, Outgoing
from tests.capabilities.signing.strangers import Authority, Person, make_authority
from tests.factories import actor_for_role
from tests.services.documents.offices import Agency
from tests.services.exchange.conftest import PEER
from tests.services.exchange.offices import issued
from tests.services.exchange.packages import document as package_of_ours
from tests.services.exchange.process import AxisProcess
from tests.services.exchange.test_queue_page import PAGE, browser, text
from tests.services.exchange.test_receiving import SENDER, sent_to, told
from tests.services.exchange.test_receiving import turn as take_turn
from tests.services.exchange.test_sending import at_peer, turn
from tests.thorough import examples

pytestmark = [pytest.mark.django_db, pytest.mark.once]
DS = "http://www.w3.org/2000/09/xmldsig#"
C14N11 = "http://www.w3.org/2006/12/xml-c14n11"
NAMESPACE = "http://www.mic.gov.vn/TBT/QCVN_102_2016"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
FORMS = [edxml.AXIS, edxml.QCVN_102, replace(edxml.AXIS, alone=True), replace(edxml.QCVN_102, alone=True)]


def xmlsec(signed: bytes, folder: Path) -> bool:
    """What xmlsec1 says."""
    root = folder / "root.pem"
    root.write_bytes(pki.certificate_of(pki.root_file()).public_bytes(Encoding.PEM))
    path = folder / "goi.edxml"
    path.write_bytes(signed)
    ids = ["--id-attr:Id", f"{xades.XADES}:SignedProperties"]
    command = ["xmlsec1", "--verify", *ids, "--trusted-pem", str(root), str(path)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def believed(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority of others that is believed here, with its list beside; nobody is asked over the network."""
    authority = make_authority("Cơ quan chứng thực khác")
    settings.TRUST_FOLDER = tmp_path / "trust"
    settings.TRUST_FOLDER.mkdir()
    (settings.TRUST_FOLDER / "goc.cer").write_bytes(authority.der)
    settings.REVOCATION_ASK = False
    own, listed = revocation.lists, authority.list_now()
    monkeypatch.setattr(revocation, "lists", lambda: [*own(), listed])
    monkeypatch.setattr(judging_chain, "_is_ours", lambda path, anchors: True)
    return authority


@pytest.fixture
def signing(axis: AxisProcess, settings: Any) -> AxisProcess:
    """The axis, with our packages signed."""
    settings.DOCUMENT_AXIS = {**settings.DOCUMENT_AXIS, "sign": "sign"}
    return axis


def sealed(package: edxml.DocumentPackage, who: Person, form: edxml.Form = edxml.AXIS) -> bytes:
    """A package signed by another system."""
    content = edxml.write(package, form)
    chain = Chain(who.asn1)
    prepared = xades.prepare(edxml.to_be_signed(content, form), chain, within=edxml.signature_path(form), own=True)
    raw = who.key.sign(prepared.to_sign, PKCS1v15(), hashes.SHA256())
    return xades.finish(prepared, raw, chain, timestamp=False)


def hand_over(axis: AxisProcess, content: bytes, agency: Agency) -> None:
    given = {"from": PEER, "to": f'["{agency.place.code}"]', "servicetype": "eDoc", "messagetype": "edoc"}
    assert axis.call("sendEdoc", "H57", content, **given)["ErrorCode"] == "0"


def sent(axis: AxisProcess) -> list[bytes]:
    return [axis.get("H57", item["docId"]) for item in axis.waiting("H57", "edoc")]


# Out


@pytest.mark.parametrize("place", ["form", "Signature", "ds"])
@pytest.mark.parametrize("form", ["axis", "standard"])
def test_xmlsec_accepts_what_goes_out_and_refuses_a_flipped_byte(
    health: Agency, signing: AxisProcess, settings: Any, tmp_path: Path, form: str, place: str
) -> None:
    settings.DOCUMENT_AXIS = {**settings.DOCUMENT_AXIS, "form": form, "signature": place}
    issued(health, PEER)
    turn()
    (content,) = sent(signing)
    assert xmlsec(content, tmp_path)
    for words in (b"V/v b", b"<ContentTransferEncoded>", b"OrganId>", b"<ds:DigestValue>", b"<ds:SignatureValue Id="):
        spot = content.index(b">", content.index(words) + len(words) - 1) + 1
        flipped = content[:spot] + bytes([content[spot] ^ 1]) + content[spot + 1 :]
        assert not xmlsec(flipped, tmp_path), words
    reading = edxml.read(content)
    assert reading.signed
    assert judging.judge(content, reading).seal == "valid"
    holder = {"ds": b"<edXML:edXMLHeader>", "Signature": b"<edXML:Signature>"}.get(place)
    holder = holder or {"axis": b"<edXML:DigitalSignature>", "standard": b"<edXML:Signature>"}[form]
    assert holder in content
    assert (b"<edXML:DigitalSignature" in content or b"<edXML:Signature" in content) == (place != "ds")


def test_nothing_is_signed_unless_that_was_chosen(health: Agency, axis: AxisProcess) -> None:
    issued(health, PEER)
    turn()
    (content,) = sent(axis)
    assert b"<edXML:DigitalSignature/></edXML:edXMLHeader>" in content
    assert not edxml.read(content).signed
    assert not SigningKey.objects.exists()


def test_a_package_is_signed_once_and_sent_again_to_the_byte(health: Agency, signing: AxisProcess) -> None:
    issued(health, PEER)
    signing.switch(refuse=2)
    for _ in range(3):
        turn()
    row = Outgoing.objects.get()
    assert (row.state, row.attempts) == ("sent", 2)
    assert Entry.objects.filter(verb="signing.seal").count() == 1
    (content,) = sent(signing)
    assert row.signature is not None
    assert bytes(row.signature) in content


def test_what_changed_meanwhile_is_signed_anew(health: Agency, signing: AxisProcess) -> None:
    document = issued(health, PEER)
    signing.switch(refuse=1)
    turn()
    Document.objects.filter(pk=document.pk).update(subject="V/v khác")
    turn()
    (content,) = sent(signing)
    assert judging.judge(content, edxml.read(content)).seal == "valid"
    assert Entry.objects.filter(verb="signing.seal").count() == 2


def test_without_a_key_it_waits_with_the_reason_and_goes_when_there_is_one(
    health: Agency, signing: AxisProcess, settings: Any
) -> None:
    settings.SIGNING_DEMO_KEYS = False
    issued(health, PEER)
    turn()
    row = Outgoing.objects.get()
    assert row.state == "waiting"
    assert row.last_error.startswith("Chưa đóng dấu được: Con dấu của “Sở Y tế” chưa có khóa ký số.")
    assert "chưa có khóa ký số" in row.last_error
    assert at_peer(signing) == []
    settings.SIGNING_DEMO_KEYS = True
    turn()
    assert len(at_peer(signing)) == 1


def test_a_key_that_is_confirmed_on_a_telephone_does_not_seal_by_itself(
    health: Agency, signing: AxisProcess, settings: Any
) -> None:
    issued(health, PEER)
    settings.SIGNING_SERVICES = {
        "dv": {"name": "Dịch vụ", "url": "http://127.0.0.1:9", "client_id": "a", "client_secret": "b"}
    }
    holder = {"holder_kind": "organization", "organization": health.place}
    turned = key_columns(health)
    SigningKey.objects.create(provider="csc", source="dv", credential="1", **holder, **turned)
    turn()
    assert "phải xác nhận trên điện thoại" in Outgoing.objects.get().last_error


def key_columns(agency: Agency) -> dict[str, Any]:
    """The columns of a key of this agency's seal."""
    person = make_authority().issue(agency.place.name, agency.place.name)
    return {
        "certificate": person.certificate.public_bytes(Encoding.DER),
        "chain": b"",
        "serial": "1",
        "issuer_name": "Thử",
        "valid_from": person.certificate.not_valid_before_utc,
        "valid_until": person.certificate.not_valid_after_utc,
    }


def test_only_the_system_seals(health: Agency) -> None:
    from hienluong.capabilities.signing import sealing

    with pytest.raises(NotAllowed):
        sealing.take_key(health.clerk, organization=health.place, sha256="", reason="")


def test_a_file_of_many_megabytes_is_signed_and_judged(believed: Authority, tmp_path: Path) -> None:
    large = edxml.Attachment("lon.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 45_000, "application/pdf")
    package = replace(package_of_ours(), attachments=(large,))
    content = sealed(package, believed.issue(package.sender.name, package.sender.name), edxml.QCVN_102)
    assert len(content) > 15_000_000
    reading = edxml.read(content)
    assert judging.judge(content, reading).seal == "valid"
    assert judging.judge(content.replace(b"AAEC", b"AAED", 1), reading).seal == "altered"


# In


def test_a_signed_package_says_so_on_the_document(health: Agency, axis: AxisProcess, believed: Authority) -> None:
    hand_over(axis, sealed(sent_to(health), believed.issue(SENDER.name, SENDER.name)), health)
    take_turn()
    row = Incoming.objects.get()
    assert (row.verdict, row.seal) == ("taken", "valid")
    assert row.document is not None
    said = "Gói tin được ký bằng con dấu số của “Sở Tài chính Huế” và còn nguyên vẹn."
    assert Arrival.objects.get().seal_said == said
    clerk = browser(health.clerk)
    page = clerk.get(reverse("documents:incoming", args=[row.document.uid])).content.decode()
    assert "Chữ ký gói tin" in page
    assert said in page


def test_no_signature_is_said_too(health: Agency, axis: AxisProcess) -> None:
    hand_over(axis, edxml.write(sent_to(health)), health)
    take_turn()
    assert Incoming.objects.get().seal == "none"
    assert Arrival.objects.get().seal_said.startswith("Gói tin không có chữ ký số")


def spoilt(content: bytes) -> bytes:
    return content.replace("phân bổ dự toán".encode(), "phân bổ kinh phí".encode())


@pytest.fixture
def held(health: Agency, axis: AxisProcess, believed: Authority) -> Incoming:
    """A package that was altered after it was signed."""
    hand_over(axis, spoilt(sealed(sent_to(health), believed.issue(SENDER.name, SENDER.name))), health)
    take_turn()
    return Incoming.objects.get()


def test_what_was_altered_is_held_with_the_reason(held: Incoming, health: Agency, axis: AxisProcess) -> None:
    assert (held.verdict, held.seal, held.document) == ("held", "altered", None)
    assert "đã bị sửa sau khi ký" in held.why
    assert not Document.objects.exists()
    assert told(axis) == []
    assert axis.waiting("H50") == []  # settled there: it is kept here, whole
    page = text(browser(actor_for_role("admin", health.place.parent)))
    assert "Gói tin đến đang giữ lại vì bị sửa sau khi ký" in page
    assert held.document_ref in page


def test_it_is_let_in_by_a_decision_that_stays_on_it(held: Incoming, health: Agency, axis: AxisProcess) -> None:
    client = browser(actor_for_role("admin", health.place.parent))
    client.post(f"{PAGE}/den/{held.pk}/nhan", {"ly-do": " "})
    assert Incoming.objects.get().verdict == "held"
    answer = client.post(f"{PAGE}/den/{held.pk}/nhan", {"ly-do": "Nơi gửi xác nhận qua điện thoại"}, follow=True)
    assert "Đã xử lý gói tin: Đã nhận" in answer.content.decode()
    held.refresh_from_db()
    assert (held.verdict, held.raw, held.seal) == ("taken", None, "altered")
    said = Arrival.objects.get().seal_said
    assert "đã bị sửa sau khi ký" in said
    assert "Nơi gửi xác nhận qua điện thoại" in said
    assert Entry.objects.filter(verb="exchange.let_in").count() == 1
    take_turn()
    assert [code for code, _words in told(axis)] == ["01"]
    again = client.post(f"{PAGE}/den/{held.pk}/nhan", {"ly-do": "Lần nữa"})
    assert again.status_code < 500
    assert Document.objects.count() == 1


def test_it_is_turned_away_and_its_sender_told(held: Incoming, health: Agency, axis: AxisProcess) -> None:
    client = browser(actor_for_role("admin", health.place.parent))
    client.post(f"{PAGE}/den/{held.pk}/tu-choi", {"ly-do": "Đề nghị gửi lại"})
    take_turn()
    ((code, words),) = told(axis)
    assert code == "02"
    assert "đã bị sửa sau khi ký" in words
    assert "Đề nghị gửi lại" in words
    assert not Document.objects.exists()


def test_nobody_else_decides(held: Incoming, health: Agency) -> None:
    for decide in (managing.let_in, managing.turn_away):
        with pytest.raises(NotAllowed):
            decide(health.clerk, row=held, reason="Cứ nhận")
        with pytest.raises(InvalidInput):
            decide(actor_for_role("admin", health.place.parent), row=held, reason="")
    other: Client = browser(health.clerk)
    assert other.post(f"{PAGE}/den/{held.pk}/nhan", {"ly-do": "x"}).status_code == 403
    assert Client().post(f"{PAGE}/den/{held.pk}/tu-choi", {"ly-do": "x"}).status_code in (302, 403)


def test_the_operator_may_have_them_accepted(
    health: Agency, axis: AxisProcess, believed: Authority, settings: Any
) -> None:
    settings.DOCUMENT_AXIS = {**settings.DOCUMENT_AXIS, "altered": "accept"}
    hand_over(axis, spoilt(sealed(sent_to(health), believed.issue(SENDER.name, SENDER.name))), health)
    take_turn()
    assert (Incoming.objects.get().verdict, Incoming.objects.get().seal) == ("taken", "altered")
    assert "đã bị sửa sau khi ký" in Arrival.objects.get().seal_said


def judged(content: bytes) -> judging.Judgement:
    return judging.judge(content, edxml.read(content))


def test_a_signer_whom_nobody_knows_is_accepted_and_said(health: Agency, axis: AxisProcess) -> None:
    hand_over(axis, sealed(sent_to(health), make_authority("Nơi lạ").issue(SENDER.name, SENDER.name)), health)
    take_turn()
    row = Incoming.objects.get()
    assert (row.verdict, row.seal) == ("taken", "unknown")
    assert "Không xác nhận được chữ ký của “Sở Tài chính Huế”" in Arrival.objects.get().seal_said


def test_the_seal_of_another_agency_is_not_that_of_the_sender(health: Agency, believed: Authority) -> None:
    found = judged(sealed(sent_to(health), believed.issue("Sở Nội vụ Huế", "Sở Nội vụ Huế")))
    assert found.seal == "unknown"
    assert "do “Sở Nội vụ Huế” ký, không phải nơi gửi “Sở Tài chính Huế”" in found.said


def test_weak_and_ended_are_told_apart(health: Agency, believed: Authority) -> None:
    small = sealed(sent_to(health), believed.issue(SENDER.name, SENDER.name, bits=1024))
    assert judged(small).seal == "weak"
    ended = believed.issue(SENDER.name, SENDER.name, ends=timezone.now() - timedelta(days=1))
    found = judged(sealed(sent_to(health), ended))
    assert found.seal == "unknown"
    assert "không có hiệu lực" in found.said


@pytest.mark.parametrize(
    ("named", "sender", "same"),
    [
        ("Sở Tài chính Huế", "Sở Tài chính HUẾ ", True),
        ("Sở Tài chính", "Sở Tài chính Huế", False),
        ("a" * 64, "a" * 64 + " b", True),  # as much of it as a certificate has room for
        ("a" * 60, "a" * 64, False),
        ("a" * 70, "a" * 64, False),
        ("", "", False),
    ],
)
def test_a_name_is_the_senders_only_when_it_is_all_of_it(named: str, sender: str, same: bool) -> None:
    assert judging._same(named, sender) is same


def test_a_person_of_the_sender_is_not_called_its_seal(health: Agency, believed: Authority) -> None:
    found = judged(sealed(sent_to(health), believed.issue("Trần Thị B", SENDER.name)))
    assert found.seal == "valid"
    assert found.said == "Gói tin do “Trần Thị B” của “Sở Tài chính Huế” ký và còn nguyên vẹn."


def test_in_another_encoding_than_utf8_nothing_is_believed(health: Agency, believed: Authority) -> None:
    signed = sealed(sent_to(health), believed.issue(SENDER.name, SENDER.name)).decode()
    other = re.sub(r"""encoding=["']utf-8["']""", 'encoding="utf-16"', signed, count=1, flags=re.IGNORECASE)
    assert other != signed
    assert judged(other.encode("utf-16")).seal == "unknown"
    assert judged(signed.encode()).seal == "valid"


def test_a_signature_that_makes_hours_of_work_is_refused(
    health: Agency, believed: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging.xml, "MOST_WORK", 0)
    parts = ["edXMLEnvelope"] * 40 + ["AttachmentEncoded"]
    many = by_name(sent_to(health), believed.issue(SENDER.name, SENDER.name), tmp_path, *parts)
    assert "quá nhiều phần" in judged(many.encode()).refused
    few = by_name(sent_to(health), believed.issue(SENDER.name, SENDER.name), tmp_path, *parts[-2:])
    assert judged(few.encode()).seal == "valid"


def test_a_signature_without_a_certificate_or_of_another_kind_is_of_nobody(health: Agency, believed: Authority) -> None:
    signed = sealed(sent_to(health), believed.issue(SENDER.name, SENDER.name))
    bare = re.sub(rb"<ds:KeyInfo>.*</ds:KeyInfo>", b"", signed)
    assert judged(bare).seal == "unknown"
    foreign = edxml.write(sent_to(health), edxml.AXIS).replace(
        b"<edXML:DigitalSignature/>", b"<edXML:DigitalSignature>MIIB</edXML:DigitalSignature>"
    )
    assert judged(foreign).seal == "unknown"


# Wrapping


def reference(uri: str, *steps: str) -> str:
    transforms = "".join(f'<ds:Transform Algorithm="{each}"/>' for each in steps)
    return (
        f'<ds:Reference URI="{uri}"><ds:Transforms>{transforms}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{SHA256}"/><ds:DigestValue/></ds:Reference>'
    )


def by_name(package: edxml.DocumentPackage, who: Person, folder: Path, *parts: str) -> str:
    """A package of which these elements (edXMLEnvelope, AttachmentEncoded) are signed by their ids."""
    content = edxml.write(package).decode()
    content = content.replace("<edXML:edXMLEnvelope ", '<edXML:edXMLEnvelope Id="than" ')
    content = content.replace("<AttachmentEncoded>", '<AttachmentEncoded Id="tep">')
    told = {
        "edXMLEnvelope": reference("#than", f"{DS}enveloped-signature", EXCLUSIVE),
        "AttachmentEncoded": reference("#tep", EXCLUSIVE),
    }
    info = "".join(told[part] for part in parts)
    block = (
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
        '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        f"{info}</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>"
    )
    content = content.replace("<edXML:Signature/>", f"<edXML:Signature>{block}</edXML:Signature>")
    for name in ("Than", "Dau"):  # the names under which the helper looks for ids
        assert f"<{name} " not in content
    path = folder / "goi.xml"
    path.write_text(content, "utf-8")
    key, chain = who.files(folder)
    ids = ["--id-attr:Id", f"{NAMESPACE}:edXMLEnvelope", "--id-attr:Id", f"{NAMESPACE}:AttachmentEncoded"]
    keys = f"{key},{chain},{folder / 'ca.pem'}"
    command = ["xmlsec1", "--sign", *ids, "--privkey-pem", keys, str(path)]
    return subprocess.run(command, check=True, capture_output=True).stdout.decode()


def test_parts_signed_by_name_are_good_when_they_are_all_of_it(
    health: Agency, believed: Authority, tmp_path: Path
) -> None:
    person = believed.issue(SENDER.name, SENDER.name)
    whole = by_name(sent_to(health), person, tmp_path, "edXMLEnvelope", "AttachmentEncoded")
    assert judged(whole.encode()).seal == "valid"
    partial = by_name(sent_to(health), person, tmp_path, "edXMLEnvelope")
    assert judged(partial.encode()).refused


def wrapped_beside(signed: str) -> str:
    """The signed envelope is put away, and another one with other words is in its place."""
    envelope = signed[signed.index("<edXML:edXMLEnvelope") : signed.index("</edXML:edXMLEnvelope>") + 22]
    block = envelope[envelope.index("<edXML:Signature>") : envelope.index("</edXML:Signature>") + 18]
    fake = envelope.replace("phân bổ dự toán", "phân bổ kinh phí").replace(' Id="than"', "").replace(block, "")
    return signed.replace(envelope, f"{fake}<Kho>{envelope}</Kho>")


def wrapped_in_object(signed: str) -> str:
    """The signed envelope is put into the signature itself."""
    envelope = signed[signed.index("<edXML:edXMLEnvelope") : signed.index("</edXML:edXMLEnvelope>") + 22]
    block = envelope[envelope.index("<ds:Signature") : envelope.index("</ds:Signature>") + 15]
    bare = envelope.replace(block, "")
    fake = bare.replace("phân bổ dự toán", "phân bổ kinh phí").replace(' Id="than"', "")
    moved = block.replace("</ds:Signature>", f"<ds:Object>{bare}</ds:Object></ds:Signature>")
    return signed.replace(
        envelope, fake.replace("<edXML:Signature></edXML:Signature>", f"<edXML:Signature>{moved}</edXML:Signature>")
    )


def same_id_twice(signed: str) -> str:
    """Two elements bear the id that is signed."""
    envelope = signed[signed.index("<edXML:edXMLEnvelope") : signed.index("</edXML:edXMLEnvelope>") + 22]
    block = envelope[envelope.index("<edXML:Signature>") : envelope.index("</edXML:Signature>") + 18]
    fake = envelope.replace("phân bổ dự toán", "phân bổ kinh phí").replace(block, "")
    return signed.replace(envelope, fake + envelope)


def another_file(signed: str) -> str:
    """A second list of files beside the signed one."""
    start, end = signed.index("<AttachmentEncoded"), signed.index("</AttachmentEncoded>") + 20
    return signed[:start] + signed[start:end].replace(' Id="tep"', "").replace("quyet-dinh", "khac") + signed[start:]


def signature_around_it(signed: str) -> str:
    """The signature is the root: the signed parts are in its object, and what is read stands beside that."""
    start, end = signed.index("<edXML:edXMLEnvelope"), signed.index("</edXML:edXMLEnvelope>") + 22
    envelope, files = signed[start:end], signed[signed.index("<AttachmentEncoded") : signed.rindex("</edXML>")]
    block = envelope[envelope.index("<ds:Signature") : envelope.index("</ds:Signature>") + 15]
    bare = envelope.replace(block, "")
    fake = bare.replace("phân bổ dự toán", "phân bổ kinh phí").replace(' Id="than"', "")
    other = files.replace(' Id="tep"', "")
    space = f'<ds:Object xmlns="{NAMESPACE}">'
    return block.replace("</ds:Signature>", f"{space}{bare}{files}</ds:Object>{fake}{other}</ds:Signature>")


@pytest.mark.parametrize("how", [wrapped_beside, wrapped_in_object, same_id_twice, another_file, signature_around_it])
@pytest.mark.parametrize("altered", ["hold", "accept"])
def test_what_is_read_must_be_what_is_signed(
    health: Agency,
    axis: AxisProcess,
    believed: Authority,
    settings: Any,
    tmp_path: Path,
    how: Callable[[str], str],
    altered: str,
) -> None:
    settings.DOCUMENT_AXIS = {**settings.DOCUMENT_AXIS, "altered": altered}
    person = believed.issue(SENDER.name, SENDER.name)
    signed = by_name(sent_to(health), person, tmp_path, "edXMLEnvelope", "AttachmentEncoded")
    content = how(signed).encode()
    assert content != signed.encode()
    listed = receiving.Listed("goi-1", "edoc", PEER, health.place.code)
    row = receiving.take_in(listed, content, None)
    assert row is not None
    assert row.verdict == "refused", row.why
    assert row.why.startswith(("M.Signature", "M.Header", "R.")), row.why
    assert not Document.objects.exists()


@given(st.data())
@hypothesis_settings(
    max_examples=examples(60, 600), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_flipped_byte_is_never_valid(health: Agency, believed: Authority, data: st.DataObject) -> None:
    content = _signed_once(health, believed)
    place, bit = data.draw(st.integers(0, len(content) - 1)), data.draw(st.integers(0, 7))
    flipped = content[:place] + bytes([content[place] ^ (1 << bit)]) + content[place + 1 :]
    try:
        reading = edxml.read(flipped)
    except edxml.BadPackage:
        return
    found = judging.judge(flipped, reading)
    same = reading.package == edxml.read(content).package
    assert same or found.refused or found.seal != "valid", (place, bit, found)


_made: dict[str, bytes] = {}


def _signed_once(health: Agency, believed: Authority) -> bytes:
    if "content" not in _made:
        _made["content"] = sealed(sent_to(health), believed.issue(SENDER.name, SENDER.name), edxml.QCVN_102)
    return _made["content"]
