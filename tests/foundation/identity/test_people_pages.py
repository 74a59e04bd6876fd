"""Officials, posts, accounts, roles, passwords and delegations, by their pages."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.foundation.identity import actions
from hienluong.foundation.identity.models import Account, RoleGrant
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.organisations.models import Delegation, Official, Organization, Position
from tests.factories import TESTER, make_account, make_citizen, make_official
from tests.foundation.administrators import browser_of, written

pytestmark = pytest.mark.django_db

PASSWORD, NEW = "Mat-khau-thu-2026", "Con-song-Thach-Han-1972"


@pytest.fixture
def admin(mine: Organization) -> Client:
    return browser_of("admin", mine)


def test_an_official_is_added_with_a_post_and_an_account_and_signs_in(admin: Client, mine: Organization) -> None:
    given = {
        "full_name": "Lê Thị Hoa",
        "code": "cb-hoa",
        "organization": "000.00.101.H50",
        "title": "Chuyên viên",
        "role": "officer",
        "valid_from": written(),
    }
    assert admin.post("/quan-tri/can-bo/them", given).status_code == 422  # the legacy form has no room for 101
    added = admin.post("/quan-tri/can-bo/them", {**given, "organization": mine.code})
    assert added.headers["Location"] == "/quan-tri/can-bo/CB-HOA"
    told = admin.post("/quan-tri/can-bo/CB-HOA/tai-khoan", {"username": "lehoa"})
    assert told.headers["Cache-Control"].count("no-store") == 1
    password = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", told.content.decode())
    assert password
    hoa = Client()
    signed_in = hoa.post("/dang-nhap", {"username": "lehoa", "password": password[0]})
    assert signed_in.status_code == 302
    for address in ("/", "/quan-tri/co-quan", "/tai-khoan/uy-quyen"):
        assert hoa.get(address).headers["Location"] == "/tai-khoan/mat-khau"
    changed = {"old": password[0], "new": NEW, "again": NEW}
    assert hoa.post("/tai-khoan/mat-khau", changed).status_code == 302
    assert hoa.get("/tai-khoan/uy-quyen").status_code == 200
    assert Client().post("/dang-nhap", {"username": "lehoa", "password": password[0]}).status_code == 422


def test_what_was_written_wrongly_is_put_right_but_not_ones_own(admin: Client, mine: Organization) -> None:
    official = make_official("Lê Thị Hoà", org=mine, title="Chuyên viên")
    post = official.positions.get()
    page = f"/quan-tri/can-bo/{official.code}"
    assert admin.post(f"{page}/sua", {"full_name": "", "email": "x"}).status_code == 422
    assert admin.post(f"{page}/sua", {"full_name": "Lê Thị Hòa", "email": "hoa@tinh.example"}).status_code == 302
    told = {"title": "Chuyên viên chính", "valid_to": written(30)}
    assert admin.post(f"/quan-tri/chuc-vu/{post.pk}/sua", told).status_code == 302
    post.refresh_from_db()
    official.refresh_from_db()
    assert (official.full_name, post.title, post.is_primary) == ("Lê Thị Hòa", "Chuyên viên chính", False)
    assert post.valid.upper == timezone.localdate() + timedelta(days=31)
    own = Official.objects.get(positions__role="admin")
    assert admin.post(f"/quan-tri/can-bo/{own.code}/sua", {"full_name": "Sếp"}).status_code == 422
    assert admin.post(f"/quan-tri/chuc-vu/{own.positions.get().pk}/sua", {"title": "Sếp"}).status_code == 422


def test_a_failed_first_post_leaves_no_official(admin: Client, theirs: Organization) -> None:
    given = {
        "full_name": "Lê Thị Hoa",
        "code": "CB-HOA",
        "organization": theirs.code,
        "title": "Chuyên viên",
        "role": "officer",
        "valid_from": written(),
    }
    assert admin.post("/quan-tri/can-bo/them", given).status_code == 403
    assert not Official.objects.filter(code="CB-HOA").exists()


def _objects(org: Organization) -> dict[str, dict[str, str]]:
    """Each page that names somebody of `org`, and what to post there."""
    official = make_official("Trần Văn Xa", role="leader", org=org)
    account = make_account(official=official)
    grant = actions.grant_role(TESTER, account=account, role="auditor", organization=org, reason="Kiểm tra")
    lent = Delegation.objects.create(
        position=official.positions.get(),
        delegate=make_official(org=org),
        valid=(timezone.localdate(), timezone.localdate() + timedelta(days=9)),
        reason="Họp",
    )
    nobody = make_official(org=org)
    post = {"organization": org.code, "title": "Phó", "role": "officer", "valid_from": written()}
    lend = {
        "position": str(official.positions.get().pk),
        "to": nobody.code,
        "valid_from": written(),
        "valid_to": written(2),
    }
    return {
        f"/quan-tri/can-bo/{official.code}": {},
        f"/quan-tri/can-bo/{official.code}/bo-nhiem": post,
        f"/quan-tri/can-bo/{official.code}/uy-quyen": {**lend, "reason": "Thử"},
        f"/quan-tri/can-bo/{nobody.code}/tai-khoan": {"username": "moimo"},
        f"/quan-tri/can-bo/{official.code}/sua": {"full_name": "Trần Văn Khác"},
        f"/quan-tri/chuc-vu/{official.positions.get().pk}/sua": {"title": "Khác"},
        f"/quan-tri/chuc-vu/{official.positions.get().pk}/ket-thuc": {"on": written()},
        f"/quan-tri/tai-khoan/{account.pk}": {},
        f"/quan-tri/tai-khoan/{account.pk}/mat-khau": {"reason": "Thử"},
        f"/quan-tri/tai-khoan/{account.pk}/khoa": {"reason": "Thử"},
        f"/quan-tri/tai-khoan/{account.pk}/mo-lai": {"reason": "Thử"},
        f"/quan-tri/tai-khoan/{account.pk}/vai-tro": {
            "role": "clerk",
            "organization": org.code,
            "valid_from": written(),
            "reason": "Thử",
        },
        f"/quan-tri/vai-tro-da-giao/{grant.pk}/thu-hoi": {"on": written()},
        f"/tai-khoan/uy-quyen/{lent.pk}/thu-hoi": {"x": "1"},
    }


def _state() -> tuple[object, ...]:
    return (
        sorted(Position.objects.values_list("pk", "valid", "title")),
        sorted(Official.objects.values_list("pk", "full_name")),
        sorted(Account.objects.values_list("pk", "is_active", "password")),
        sorted(RoleGrant.objects.values_list("pk", "valid")),
        sorted(Delegation.objects.values_list("pk", "revoked_at")),
    )


@pytest.mark.parametrize("who", ["nobody", "another admin", "a clerk of the place"])
def test_the_wrong_person_gets_nothing(who: str, mine: Organization, theirs: Organization) -> None:
    objects = _objects(theirs)
    client = {"nobody": Client, "another admin": lambda: browser_of("admin", mine)}.get(
        who, lambda: browser_of("clerk", theirs)
    )()
    before = _state()
    for address, post in objects.items():
        assert client.get(address).status_code in (302, 403, 404), address
        if post:
            assert client.post(address, post).status_code in (302, 403, 404), address
    assert _state() == before


def test_the_right_person_sees_every_page(theirs: Organization) -> None:
    client = browser_of("admin", theirs)
    for address in _objects(theirs):
        assert client.get(address).status_code == 200, address
    for address in ("/quan-tri/can-bo", "/quan-tri/can-bo?q=xa", "/quan-tri/tai-khoan", "/quan-tri/vai-tro"):
        assert client.get(address).status_code == 200, address
    for address in ("/quan-tri/can-bo", "/quan-tri/tai-khoan", "/quan-tri/vai-tro", "/quan-tri/can-bo/them"):
        assert browser_of("clerk", theirs).get(address).status_code == 403, address


def test_an_account_offers_only_the_help_that_fits_it(admin: Client, mine: Organization) -> None:
    official = make_account(official=make_official("Lê Văn Quên", org=mine))
    page = admin.get(f"/quan-tri/tai-khoan/{official.pk}").content.decode()
    assert "Cấp lại mật khẩu" in page
    assert f"/quan-tri/tai-khoan/{official.pk}/khoi-phuc" in page
    assert f"/quan-tri/tai-khoan/{official.pk}/yeu-to" not in page  # an official's takes two administrators
    assert f"/quan-tri/tai-khoan/{official.pk}/moi" not in page  # a password was set
    Account.objects.filter(pk=official.pk).update(email="quen@tinh.example", password="!")
    assert f"/quan-tri/tai-khoan/{official.pk}/moi" in admin.get(f"/quan-tri/tai-khoan/{official.pk}").content.decode()


def test_lists_show_ones_own_place_at_a_constant_cost(
    admin: Client, mine: Organization, theirs: Organization, django_assert_max_num_queries
) -> None:  # type: ignore[no-untyped-def]
    for number in range(60):
        make_account(f"nguoi{number}", official=make_official(f"Lê Văn {number}", org=mine))
    make_account("nguoixa", official=make_official("Lê Văn Xa", org=theirs))
    make_account("dan", party=make_citizen())
    for address in ("/quan-tri/can-bo", "/quan-tri/tai-khoan"):
        with django_assert_max_num_queries(14):
            text = admin.get(address).content.decode()
        assert "trong 61" in text
        assert "Lê Văn Xa" not in admin.get(f"{address}?q=văn").content.decode()


@pytest.mark.parametrize("verb", ["khoa", "mat-khau"])
def test_a_reason_is_asked_and_kept(admin: Client, mine: Organization, verb: str) -> None:
    account = make_account(official=make_official(org=mine))
    address = f"/quan-tri/tai-khoan/{account.pk}/{verb}"
    assert admin.post(address, {"reason": "  "}).status_code == 422
    assert admin.post(address, {"reason": "Nghỉ thai sản"}).status_code in (200, 302)
    account.refresh_from_db()
    assert account.is_active == (verb != "khoa")
    assert account.must_change_password == (verb == "mat-khau")


def test_a_role_is_given_and_taken_back(admin: Client, mine: Organization, theirs: Organization) -> None:
    account = make_account(official=make_official(org=mine))
    given = {"role": "auditor", "organization": mine.code, "valid_from": written(), "reason": "Kiểm tra quý IV"}
    address = f"/quan-tri/tai-khoan/{account.pk}/vai-tro"
    assert admin.post(address, {**given, "organization": theirs.code}).status_code == 403
    for wrong in ({"role": "king"}, {"reason": ""}, {"valid_to": written(-1)}, {"organization": "H50.999"}):
        assert admin.post(address, {**given, **wrong}).status_code == 422
    assert admin.post(address, given).status_code == 302
    assert actor_of(account).can("audit.view", mine.path)
    grant = RoleGrant.objects.get()
    admin.post(f"/quan-tri/vai-tro-da-giao/{grant.pk}/thu-hoi", {"on": written(-1)})
    assert not actor_of(account).can("audit.view", mine.path)


def test_a_post_ends_after_its_last_day(admin: Client, mine: Organization) -> None:
    official = make_official(role="clerk", org=mine)
    post = official.positions.get()
    assert admin.post(f"/quan-tri/chuc-vu/{post.pk}/ket-thuc", {"on": "01/01/1999"}).status_code == 422
    assert admin.post(f"/quan-tri/chuc-vu/{post.pk}/ket-thuc", {"on": written(5)}).status_code == 302
    post.refresh_from_db()
    assert post.valid.upper == timezone.localdate() + timedelta(days=6)


def test_an_official_lends_powers_and_takes_them_back(mine: Organization) -> None:
    leader, deputy = make_official("Lê Văn Ký", role="leader", org=mine), make_official("Trần Thị Phó", org=mine)
    client = Client()
    client.force_login(make_account(official=leader))
    lend = {
        "position": str(leader.positions.get().pk),
        "to": "trần thị phó",
        "powers": ["dossiers.sign"],
        "valid_from": written(),
        "valid_to": written(),
        "reason": "Họp tỉnh",
    }
    for wrong in (
        {"to": "CB-KHONG"},
        {"to": leader.code},
        {"powers": ["identity.manage"]},
        {"valid_to": written(-1)},
        {"position": "999999999"},
        {"position": "x"},
        {"reason": ""},
        {"reason": "x" * 500},
    ):
        response = client.post("/tai-khoan/uy-quyen/moi", {**lend, **wrong})
        assert response.status_code == 422, wrong
    assert client.post("/tai-khoan/uy-quyen/moi", lend).status_code == 302
    account = make_account(official=deputy)
    assert actor_of(account).can("dossiers.sign", mine.path)
    assert not actor_of(account, on=timezone.localdate() + timedelta(days=1)).can("dossiers.sign", mine.path)
    other = Client()
    other.force_login(account)
    text = other.get("/tai-khoan/uy-quyen").content.decode()
    assert "Tôi được ủy quyền" in text
    assert "Ký kết quả" in text
    lent = Delegation.objects.get()
    assert other.post(f"/tai-khoan/uy-quyen/{lent.pk}/thu-hoi").status_code == 403
    assert client.post(f"/tai-khoan/uy-quyen/{lent.pk}/thu-hoi").status_code == 302
    assert not actor_of(account).can("dossiers.sign", mine.path)


def test_citizens_lend_nothing_but_change_their_password(province: Organization) -> None:
    client = Client()
    client.force_login(make_account("dan", party=make_citizen()))
    for address in ("/tai-khoan/uy-quyen", "/tai-khoan/uy-quyen/moi"):
        assert client.get(address).status_code == 403
    for wrong in (
        {"old": "sai", "new": NEW, "again": NEW},
        {"old": PASSWORD, "new": NEW, "again": "khác"},
        {"old": PASSWORD, "new": "ngắn", "again": "ngắn"},
        {"old": "", "new": "", "again": ""},
        {"old": PASSWORD, "new": "x" * 3000, "again": "x" * 3000},
    ):
        answer = client.post("/tai-khoan/mat-khau", wrong)
        assert answer.status_code == 422
        assert NEW not in answer.content.decode()
    assert client.post("/tai-khoan/mat-khau", {"old": PASSWORD, "new": NEW, "again": NEW}).status_code == 302
    assert client.get("/tai-khoan/mat-khau").status_code == 200  # still signed in
    assert Client().post("/dang-nhap", {"username": "dan", "password": NEW}).status_code == 302


def test_guessing_the_old_password_is_slowed_down(province: Organization) -> None:
    client = Client()
    client.force_login(make_account("dan", party=make_citizen()))
    answers = [
        client.post("/tai-khoan/mat-khau", {"old": f"sai{n}", "new": NEW, "again": NEW}).content.decode()
        for n in range(7)
    ]
    assert "Hãy chờ" in answers[-1]
    right = client.post("/tai-khoan/mat-khau", {"old": PASSWORD, "new": NEW, "again": NEW})
    assert right.status_code == 422


def test_a_run_out_one_time_password_is_said_at_the_door(province: Organization) -> None:
    account = make_account("dan", party=make_citizen())
    given = actions.reset_password(TESTER, account=account, reason="Quên")
    Account.objects.filter(pk=account.pk).update(one_time_until=timezone.now() - timedelta(hours=1))
    answer = Client().post("/dang-nhap", {"username": "dan", "password": given})
    assert answer.status_code == 422
    assert "hết hạn" in answer.content.decode()
