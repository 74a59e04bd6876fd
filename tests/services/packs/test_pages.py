"""The pages of packs: who may come, a pack from upload to removal, hostile files, the plan that was agreed to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers.models import Register
from hienluong.foundation.actions import Actor, NotAllowed
from hienluong.foundation.codelists.models import CodeList
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Organization
from hienluong.services.packs import actions, opening, planning, shipped, signatures, tasks
from hienluong.services.packs.contents import Content
from hienluong.services.packs.models import Installation, Offer, Package, TrustedSigner
from hienluong.services.packs.opening import Origin
from hienluong.services.packs.urls import urlpatterns
from hienluong.services.procedures import packs
from tests.factories import actor_for_role, make_org
from tests.snapshots import ready

from .sample import ACTOR, OWNER, bundle, files, version, with_, zipped

pytestmark = pytest.mark.django_db
NAME = "thu.rung"
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


@dataclass
class Town:
    """Who manages packs in the province, an administrator of one department, a clerk of the province."""

    department: Organization
    manager: Actor
    elsewhere: Actor
    clerk: Actor


def town() -> Town:
    root = make_org("UBND tỉnh thử", code="H50", kind="province")
    department = make_org("Chi cục Kiểm lâm", code=OWNER, parent=root)
    return Town(
        department, actor_for_role("admin", root), actor_for_role("admin", department), actor_for_role("clerk", root)
    )


@pytest.fixture
def place(db: None) -> Town:
    return ready(town)


def browser(actor: Actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def send(client: Client, body: bytes) -> Any:
    return client.post(reverse("packs:upload"), {"file": SimpleUploadedFile("goi.zip", body)})


def mark(answer: Any) -> str:
    """The mark of the plan that a page shows."""
    found = re.search(r'name="ke-hoach" value="([0-9a-f]{64})"', answer.content.decode())
    assert found, answer.content.decode()[-3000:]
    return found[1]


def signed(content: Content) -> Content:
    return Content({**content.files, **signatures.sign(content, KEY)})


@pytest.mark.once
def test_only_who_manages_packs_in_the_province_sees_or_does_anything(place: Town) -> None:
    package = actions.install(ACTOR, bundle=bundle()).package
    offer = actions.offer(place.manager, body=with_(version("1.1.0")).to_zip())
    signer = actions.trust(ACTOR, name="Sở", key=signatures.public_text(KEY))
    parts: dict[str, Any] = {"packs:offer": offer.pk, "packs:give_up": offer.pk, "packs:distrust": signer.pk}
    own, wrong = browser(place.manager), (browser(place.elsewhere), browser(place.clerk), Client())
    for pattern in urlpatterns:
        name = f"packs:{pattern.name}"
        args = [parts.get(name, NAME)] if pattern.pattern.converters else []
        address = reverse(name, args=args)
        assert own.get(address).status_code in (200, 405), name
        posted = {"ke-hoach": planning.for_uninstall(package).mark, "reason": "x"}
        for client in wrong:
            for answer in (client.get(address), client.post(address, posted)):
                to_sign_in = answer.status_code == 302 and answer["Location"].startswith(settings.LOGIN_URL)
                assert to_sign_in or answer.status_code in (403, 405), (name, answer.status_code)
    assert (Package.objects.get().state, Offer.objects.count()) == ("installed", 1)
    assert TrustedSigner.objects.get().removed_at is None


def test_a_pack_goes_from_upload_over_its_plan_into_force_and_out_again(place: Town) -> None:
    client = browser(place.manager)
    answer = send(client, zipped({f"goi/{name}": body for name, body in files().items()}))
    offer = Offer.objects.get()
    assert (answer.status_code, answer.url) == (302, reverse("packs:offer", args=[offer.pk]))
    page = client.get(answer.url)
    for word in ("forest-trees", "registers/rung.yaml", "1.900001", "Cài lần đầu", "Chưa ký"):
        assert word in page.content.decode()
    assert not CodeList.objects.exists()
    assert NAME in client.get(reverse("packs:list")).content.decode()
    done = client.post(answer.url, {"ke-hoach": mark(page), "reason": "Quyết định 5"})
    assert (done.status_code, done.url) == (302, reverse("packs:show", args=[NAME]))
    written = Installation.objects.get()
    assert (written.origin, written.reason, written.account_id) == ("upload", "Quyết định 5", place.manager.account_id)
    assert (Package.objects.get().owner, Offer.objects.count()) == (place.department, 0)
    shown = client.get(done.url).content.decode()
    for word in ("Công nhận cây di sản", "Cây di sản", "Cây rừng", "Quyết định 5", "Chi cục Kiểm lâm"):
        assert word in shown
    export = reverse("packs:export", args=[NAME])
    for address in (export, f"{export}?lan={written.pk}"):
        assert opening.open_zip(client.get(address).content).content.files == files()

    register = Register.objects.get(code=NAME)
    registers.create(ACTOR, register=register, data={"code": "C001", "name": "Đa"})
    away = reverse("packs:uninstall", args=[NAME])
    page = client.get(away)
    assert "1 bản ghi còn tra cứu được" in page.content.decode()
    said = {"ke-hoach": mark(page), "reason": "Thôi làm"}
    refused = client.post(away, said)
    assert (refused.status_code, "Thôi làm" in refused.content.decode()) == (422, True)
    assert client.post(away, {**said, "keep_records": "on"}).status_code == 302
    assert Package.objects.get().state == "removed"
    assert "Dừng ghi" in client.get(done.url).content.decode()
    again = reverse("packs:bring_back", args=[NAME])
    page = client.get(again)
    assert "thủ tục nhận hồ sơ trở lại" in page.content.decode()
    assert client.post(again, {"ke-hoach": mark(page)}).status_code == 302
    assert (Package.objects.get().state, Package.objects.get().origin) == ("installed", "upload")


def test_a_pack_of_the_product_that_was_taken_away_stays_away_until_somebody_brings_it_back(
    place: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = next(folder for folder in packs.product_folders() if packs.name_of(folder) == "science.technology")
    for module in (shipped, packs):
        monkeypatch.setattr(module, "shipped_folders", lambda: [folder])
    assert shipped.install_all(ACTOR)[0] == 1
    package = Package.objects.get()
    actions.uninstall(ACTOR, package=package, reason="Chưa dùng")
    assert shipped.install_all(ACTOR)[0] == 0
    client = browser(place.manager)
    again = reverse("packs:bring_back", args=[package.name])
    page = client.get(again)
    assert "Đi kèm hệ thống" in page.content.decode()
    assert client.post(again, {"ke-hoach": mark(page), "reason": "Dùng lại"}).status_code == 302
    assert [one.kind for one in package.history.all()] == ["reinstall", "uninstall", "install"]
    assert Package.objects.get().state == "installed"


def test_the_list_costs_the_same_however_many_packs_there_are(
    place: Town, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    client = browser(place.manager)
    client.get(reverse("packs:list"))
    with django_assert_max_num_queries(60) as none:
        client.get(reverse("packs:list"))
    for number in range(4):
        manifest = f"name: thu.goi{number}\ntitle: Gói {number}\nversion: 1.0.0\n".encode()
        actions.install(ACTOR, bundle=opening.open_content(Content({"pack.yaml": manifest})))
    with django_assert_num_queries(len(none)):
        page = client.get(reverse("packs:list")).content.decode()
    places = [page.index(f"Gói {number}") for number in range(4)]
    assert places == sorted(places)


@pytest.mark.once
def test_hostile_files_are_told_by_file_and_line_and_leave_nothing(place: Town) -> None:
    client = browser(place.manager)
    script = "<script>alert(1)</script>"
    told: list[tuple[bytes, str]] = [
        (b"khong phai zip", "không phải tệp ZIP"),
        (b"PK\x03\x04" + b"x" * 50, "tệp ZIP hỏng"),
        (zipped({**files(), "../../etc/passwd.yaml": b"a"}), "đường dẫn ra ngoài gói"),
        (zipped({**files(), "code.py": b"import os"}), "không được mang mã chạy"),
        (zipped({**files(), "results/a.html": b"a\0b"}), "bảng mã UTF-8"),
        (zipped({**files(), f"{script}.yaml": b"a: 1"}), "&lt;script&gt;"),
        (zipped({**files(), "pack.yaml": b"name: rung\ntitle: x\nversion: 1.0.0\n"}), "pack.yaml"),
    ]
    for body, words in told:
        answer = send(client, body)
        page = answer.content.decode()
        assert (answer.status_code, words in page, script in page) == (422, True, False), (words, page[-3000:])
    assert client.post(reverse("packs:upload"), {"file": ""}).status_code == 422
    assert not Offer.objects.exists()


def test_who_signed_it_is_said_and_only_the_trusted_install(place: Town, settings: Any) -> None:
    settings.PACKS_NEED_SIGNATURE = True
    client = browser(place.manager)
    send(client, signed(with_()).to_zip())
    address = reverse("packs:offer", args=[Offer.objects.get().pk])
    page = client.get(address).content.decode()
    fingerprint = signatures.fingerprint(signatures.public_text(KEY))
    assert ("Khóa ký chưa được tin cậy" in page, fingerprint in page, "ke-hoach" in page) == (True, True, False)
    assert client.post(address, {"ke-hoach": "0" * 64}).status_code == 422
    said = {"name": "Sở Khoa học và Công nghệ", "key": signatures.public_text(KEY)}
    assert client.post(reverse("packs:trust"), {**said, "key": "x"}).status_code == 422
    assert client.post(reverse("packs:trust"), said).status_code == 302
    page = client.get(address)
    assert "Đã ký: Sở Khoa học và Công nghệ" in page.content.decode()
    signer = TrustedSigner.objects.get()
    distrust = reverse("packs:distrust", args=[signer.pk])
    assert client.post(distrust, {"reason": ""}).status_code == 422
    assert client.post(distrust, {"reason": "Lộ khóa"}).status_code == 302
    refused = client.post(address, {"ke-hoach": mark(page)})  # trust was taken away after the plan was shown
    assert (refused.status_code, "chưa được tin cậy" in refused.content.decode()) == (422, True)
    assert not Package.objects.exists()
    client.post(reverse("packs:give_up", args=[Offer.objects.get().pk]))
    assert client.get(address).status_code == 404


def test_what_is_installed_or_taken_away_is_what_was_agreed_to(place: Town, tmp_path: Path) -> None:
    client = browser(place.manager)
    summary = ("procedures/1.900001.yaml", "summary: Công nhận", "summary: Xét công nhận")
    send(client, with_(summary, version("3.0.0")).to_zip())
    address = reverse("packs:offer", args=[Offer.objects.get().pk])
    agreed = mark(client.get(address))
    actions.install(ACTOR, bundle=bundle())  # somebody else was faster
    late = client.post(address, {"ke-hoach": agreed, "reason": "Đợt 2"})
    page = late.content.decode()
    with_(summary, version("3.0.0")).write_to(tmp_path / "goi")
    call_command("pack", "diff", str(tmp_path / "goi"), stdout=(told := StringIO()))
    assert "    Tóm tắt: Công nhận cây là cây di sản. → Xét công nhận cây là cây di sản.  (summary)" in told.getvalue()
    assert "    đang làm: 0 hồ sơ (giữ phiên bản lúc nộp; 0 chờ bổ sung), 0 bản nháp" in told.getvalue()
    for words in ("Tóm tắt</th>", "Xét công nhận", "Công nhận cây di sản"):
        assert words in page, "in words, not as the file has it"
    assert (late.status_code, "Kế hoạch đã khác" in page, "Đợt 2" in page, "1.0.0 → 3.0.0" in page) == (
        422,
        *[True] * 3,
    )
    assert client.post(address, {"reason": "x"}).status_code == 422  # agrees to nothing
    assert Package.objects.get().version == "1.0.0"
    away = reverse("packs:uninstall", args=[NAME])
    seen = mark(client.get(away))
    assert client.post(address, {"ke-hoach": mark(late)}).status_code == 302
    assert Package.objects.get().version == "3.0.0"
    assert client.post(away, {"ke-hoach": seen}).status_code == 422  # another version than the one that was shown
    assert Package.objects.get().state == "installed"

    send(client, with_(version("2.0.0")).to_zip())
    older = reverse("packs:offer", args=[Offer.objects.get().pk])
    page = client.get(older)
    assert client.post(older, {"ke-hoach": mark(page)}).status_code == 422
    assert client.post(older, {"ke-hoach": mark(page), "allow_downgrade": "on"}).status_code == 302
    assert Package.objects.get().version == "2.0.0"


def test_what_nobody_decides_on_goes_after_a_week(place: Town) -> None:
    offers = [actions.offer(place.manager, body=with_(version(f"1.{n}.0")).to_zip()) for n in range(2)]
    Offer.objects.filter(pk=offers[0].pk).update(at=timezone.now() - tasks.KEPT * 2)
    assert tasks.forget_offers(timestamp=0) == 1
    assert Offer.objects.get() == offers[1]


def test_a_house_installs_what_it_built_itself_and_nothing_of_another(place: Town) -> None:
    manifest = "name: thu.cho\ntitle: Chợ\nversion: {}\nowner: Chi cục Kiểm lâm\n"

    def built(number: str, origin: Origin = Origin.BUILT) -> opening.Bundle:
        return opening.open_content(Content({"pack.yaml": manifest.format(number).encode()}), origin)

    stranger = actor_for_role("admin", make_org("Sở Y tế"))
    mine = {"owner": place.department}
    with pytest.raises(NotAllowed):
        actions.install(place.elsewhere, bundle=built("1.0.0", Origin.UPLOAD), **mine)
    with pytest.raises(NotAllowed):
        actions.install(stranger, bundle=built("1.0.0"), **mine)
    assert actions.install(place.elsewhere, bundle=built("1.0.0"), **mine).package.owner == place.department
    with pytest.raises(NotAllowed):
        actions.install(stranger, bundle=built("1.1.0"), owner=Organization.objects.get(name="Sở Y tế"))
    with pytest.raises(NotAllowed):
        actions.uninstall(place.elsewhere, package=Package.objects.get())
    assert actions.install(place.elsewhere, bundle=built("1.1.0"), **mine).package.version == "1.1.0"
