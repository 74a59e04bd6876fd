from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.foundation.identity import actions as identity
from hienluong.foundation.identity import suspending
from hienluong.foundation.identity.explain import Explanation, Place, explain, register_finder
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations import actions
from hienluong.foundation.organisations.models import Organization
from tests.factories import TESTER, make_account, make_official, make_org, make_roles

pytestmark = pytest.mark.django_db


@pytest.fixture
def province() -> Organization:
    make_roles()
    return make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")


@pytest.fixture
def department(province: Organization) -> Organization:
    return make_org("Sở Tư pháp", code="H50.03", parent=province)


def _ask(account: Account, permission: str, org: Organization, on: date | None = None) -> Explanation:
    found = explain(account, permission, Place(org.name, org.path), on)
    assert found.decision.allowed == any(rule.allows for rule in found.rules)
    return found


def test_the_rule_that_allows_comes_first(department: Organization) -> None:
    official = make_official(role="clerk", org=department, title="Cán bộ một cửa")
    actions.appoint(TESTER, official=official, organization=department, title="Phó phòng", role="leader")
    rules = _ask(make_account(official=official), "dossiers.sign", department).rules
    assert [rule.allows for rule in rules] == [True, False]
    assert "Phó phòng" in rules[0].source
    assert rules[1].says == "vai trò này không có quyền đó."


def test_another_place_another_day_and_a_lent_power_that_was_taken_back(
    province: Organization, department: Organization
) -> None:
    account = make_account(official=make_official(role="leader", org=department))
    assert "chỉ trong phạm vi Sở Tư pháp" in _ask(account, "dossiers.sign", province).rules[0].says
    assert "chưa có hiệu lực" in _ask(account, "dossiers.sign", department, date(2019, 1, 1)).rules[0].says
    deputy = make_account(official=make_official(role="officer", org=department))
    today = timezone.localdate()
    lent = actions.delegate(
        TESTER,
        position=account.official.positions.get(),
        to=deputy.official,
        valid_from=today,
        valid_to=today + timedelta(days=3),
        reason="Đi công tác",
    )
    assert _ask(deputy, "dossiers.sign", department).decision.allowed
    resting = suspending.suspend(TESTER, held=account.official.positions.get(), reason="Đang xem xét")
    assert any("tạm dừng: Đang xem xét" in rule.says for rule in _ask(deputy, "dossiers.sign", department).rules)
    suspending.lift(TESTER, suspension=resting, reason="Xong")
    later = _ask(deputy, "dossiers.sign", department, today + timedelta(days=3))
    assert any("đã hết hiệu lực" in rule.says for rule in later.rules)
    actions.revoke_delegation(TESTER, delegation=lent)
    assert {"đã bị thu hồi."} <= {rule.says for rule in _ask(deputy, "dossiers.sign", department).rules}


def test_a_post_that_ended_on_its_first_day_never_allowed_anything(department: Organization) -> None:
    official = make_official(role="leader", org=department)
    actions.end_position(TESTER, position=official.positions.get(), on=date(2020, 1, 1))
    assert (
        "chưa từng"
        in _ask(make_account(official=official), "dossiers.sign", department, date(2020, 1, 1)).rules[0].says
    )


def test_a_closed_account_may_nothing(department: Organization) -> None:
    account = make_account(official=make_official(role="leader", org=department))
    identity.deactivate(TESTER, account=account, reason="Nghỉ hưu")
    assert "bị khóa" in _ask(account, "dossiers.sign", department).rules[0].says


def test_the_page_is_for_those_who_may_explain(
    client: Client, province: Organization, department: Organization
) -> None:
    lan = make_account("lan", official=make_official("Trần Thị Lan", role="clerk", org=department))
    asked = {"ai": "lan", "quyen": "identity.manage", "o_dau": "H50.03"}
    assert client.get("/quan-tri/giai-thich").headers["Location"].startswith("/dang-nhap")
    client.force_login(lan)
    assert client.get("/quan-tri/giai-thich", asked).status_code == 403
    client.force_login(make_account(official=make_official(role="auditor", org=province)))
    text = client.get("/quan-tri/giai-thich", asked).content.decode()
    assert "Không được phép" in text
    assert "Trần Thị Lan" in text
    wrong = client.get("/quan-tri/giai-thich", {**asked, "ai": "<b>ai", "o_dau": "X"})
    assert wrong.status_code == 422
    assert "Không có tài khoản" in wrong.content.decode()


def test_an_explainer_of_one_place_does_not_see_another(client: Client, department: Organization) -> None:
    other = make_org("Sở Y tế", code="H50.16", parent=department.parent)
    client.force_login(make_account("mai", official=make_official(role="admin", org=other)))
    asked = {"ai": "mai", "quyen": "identity.manage", "o_dau": "H50.03"}
    assert client.get("/quan-tri/giai-thich", asked).status_code == 403
    assert client.get("/quan-tri/giai-thich", {**asked, "o_dau": "h50.16"}).status_code == 200


def test_an_app_above_can_offer_its_objects(client: Client, province: Organization, department: Organization) -> None:
    def by_dossier_code(text: str) -> Place | None:
        return Place("Hồ sơ thử", department.path) if text == "H50.03-261124-0001" else None

    register_finder(by_dossier_code)
    client.force_login(make_account("mai", official=make_official(role="admin", org=province)))
    asked = {"ai": "mai", "quyen": "identity.manage", "o_dau": "H50.03-261124-0001"}
    assert "Hồ sơ thử" in client.get("/quan-tri/giai-thich", asked).content.decode()
