"""The page of the agent node: who may see and change it, what is refused in words, what it says of certificates and rights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from hienluong.foundation.actions import NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.house.simulators import node_papers
from hienluong.services.agentnode import actions, connection, weaving
from hienluong.services.agentnode.models import Exchange, Offer, Passage, Subsystem
from hienluong.services.bus import catalogue, publishing
from tests.factories import actor_for_role
from tests.services.bus.sample import Province
from tests.services.test_wrong_user import browser_of

pytestmark = pytest.mark.django_db
PAGE = "/quan-tri/truc-du-lieu/nut-dai-ly"
POPULATION = "VN/GOV/G01/DANCU/tra-cuu"


class Node(Province):
    """The same departments, who looks after the node, and a draft that describes a national service."""

    def __init__(self) -> None:
        super().__init__()
        self.manager = actor_for_role("admin", self.province)
        self.officer = actor_for_role("officer", self.owner)
        self.draft = self.version(published=False, upstream="")

    def subsystem(self, **changes: Any) -> Subsystem:
        given = {"identifier": "VN/GOV/H50/LGSP", "title": "Trục của tỉnh", "ours": True, "organization": self.province}
        return actions.add_subsystem(self.manager, **{**given, **changes})

    def through(self) -> Passage:
        made = actions.add_passage(self.manager, place="land-prices/v1", service=POPULATION)
        self.draft.refresh_from_db()
        return made


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.GATEWAY_FOLDER = tmp_path / "gateway"
    node_papers.make(tmp_path / "papers")
    settings.AGENT_NODE = connection.simulated("http://127.0.0.1:8102", tmp_path / "papers")
    return tmp_path


@pytest.fixture
def here(folder: Path) -> Node:
    return Node()


def test_a_national_service_passes_through_the_node_as_the_subsystem_of_who_calls(here: Node, folder: Path) -> None:
    here.through()
    catalogue.publish(here.provider, version=here.draft)
    here.subsystem()
    here.agreed(here.draft)

    made = publishing.snapshot_of(timezone.now())

    (service, operation, grant) = next(made.routes())
    assert (service.upstream, service.tls.client_cert_file) == (
        "https://127.0.0.1:8102",
        str(folder / "papers/client.pem"),
    )
    assert operation.mediate
    assert operation.passes_mediator(grant)
    assert service.node is not None
    client = str(here.system.client_id)
    assert (service.node.service, service.node.clients) == (POPULATION, {client: "VN/GOV/H50/LGSP"})
    here.subsystem(identifier="VN/GOV/H50/THUE", organization=here.consumer, system=here.system)
    assert weaving.known_as([client]) == {client: "VN/GOV/H50/THUE"}  # its own before the shared one
    publishing.publish(timezone.now())


def test_without_a_node_it_passes_nowhere(here: Node, settings: Any) -> None:
    here.through()
    catalogue.publish(here.provider, version=here.draft)
    here.agreed(here.draft)
    settings.AGENT_NODE = None
    assert publishing.snapshot_of(timezone.now()).services == []


def test_those_outside_are_a_system_here_and_what_they_may_call_is_an_agreement(
    here: Node, folder: Path, settings: Any
) -> None:
    papers = folder / "papers"
    door = {"port": 8443, "certificate_file": str(papers / "node.pem"), "key_file": str(papers / "node.key")}
    told = {"ca_file": str(papers / "ca.pem"), "certificate_file": str(papers / "client.pem")}
    file = folder / "node.json"
    whole = {"url": "https://10.1.1.1:8443", "key_file": str(papers / "client.key"), "member": "VN/GOV/H50", **told}
    file.write_text(json.dumps({**whole, "incoming": {**door, "ca_file": str(papers / "ca.pem")}}))
    settings.AGENT_NODE = connection.from_file(str(file))
    catalogue.serve(here.provider, version=here.draft, upstream="https://dulieu.example.gov.vn/gia")
    catalogue.publish(here.provider, version=here.draft)
    ours = here.subsystem()
    here.subsystem(identifier="VN/GOV/G12/THUE", ours=False, organization=here.consumer, system=here.system)
    offer = actions.add_offer(here.manager, place="land-prices/v1", subsystem=ours, code="gia-dat")
    agreement = here.agreed(here.draft)

    made = publishing.snapshot_of(timezone.now())

    assert made.door is not None
    assert made.door.clients == {"VN/GOV/G12/THUE": str(here.system.client_id)}
    assert made.door.services == {"VN/GOV/H50/LGSP/gia-dat": "land-prices/v1"}
    page = browser_of(here.manager).get(PAGE).content.decode()
    assert agreement.code in page
    assert "VN/GOV/G12/THUE" in page
    with pytest.raises(actions.InUse):
        actions.end_subsystem(here.manager, subsystem=ours, text="Hết việc")
    actions.drop_offer(here.manager, offer=offer, text="Hết việc")
    actions.end_subsystem(here.manager, subsystem=ours, text="Hết việc")
    assert publishing.snapshot_of(timezone.now()).door.services == {}  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"identifier": "VN/GOV"}, "identifier"),
        ({"identifier": "VN/GOV/../LGSP"}, "identifier"),
        ({"identifier": "VN/GOV/G01/LGSP"}, "identifier"),  # another member is not ours
        ({"ours": False, "identifier": "VN/GOV/G01/X"}, "system"),
        ({"title": " "}, "title"),
    ],
)
def test_what_is_no_subsystem_is_refused_at_its_field(here: Node, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(actions.InvalidInput) as refused:
        here.subsystem(**changes)
    assert refused.value.field == field
    assert not Subsystem.objects.exists()


def test_what_others_call_already_is_not_led_elsewhere(here: Node) -> None:
    catalogue.serve(here.provider, version=here.draft, upstream="https://dulieu.example.gov.vn/gia")
    catalogue.publish(here.provider, version=here.draft)
    with pytest.raises(actions.InvalidInput):
        here.through()
    assert not Passage.objects.exists()


def test_only_who_looks_after_the_node_enters(here: Node) -> None:
    passage, subsystem = here.through(), here.subsystem()
    addresses = (PAGE, f"{PAGE}/phan-he", f"{PAGE}/goi-ra", f"{PAGE}/goi-vao", f"{PAGE}/goi-ra/{passage.pk}/bo")
    for wrong in (here.officer, actor_for_role("head", here.owner), actor_for_role("admin", here.owner)):
        browser = browser_of(wrong)
        for address in addresses:
            assert browser.get(address).status_code == 403, address
        assert browser.post(f"{PAGE}/thu").status_code == 403
        assert browser.post(f"{PAGE}/phan-he/{subsystem.pk}/bo", {"text": "x"}).status_code == 403
        with pytest.raises(NotAllowed):
            actions.add_passage(wrong, place="land-prices/v1", service=POPULATION)
        with pytest.raises(NotAllowed):
            actions.drop_passage(wrong, passage=passage, text="x")
        with pytest.raises(NotAllowed):
            actions.add_subsystem(wrong, identifier="a/b/c", title="x", ours=True, organization=here.owner)
    subsystem.refresh_from_db()
    assert subsystem.ended_at is None
    browser = browser_of(here.manager)
    assert [browser.get(address).status_code for address in addresses] == [200] * len(addresses)
    assert browser.get(f"{PAGE}/goi-vao/99999/bo").status_code == 404


def test_one_adds_and_ends_on_the_pages_and_it_is_on_record(here: Node) -> None:
    browser = browser_of(here.manager)
    wrong = {"identifier": "VN/GOV", "title": "Trục", "side": "ours", "organization": here.province.code}
    answer = browser.post(f"{PAGE}/phan-he", wrong)
    assert answer.status_code == 422
    assert "INSTANCE/CLASS/MEMBER/SUBSYSTEM" in answer.content.decode()
    assert browser.post(f"{PAGE}/phan-he", {**wrong, "identifier": "VN/GOV/H50/LGSP"}).status_code == 302
    made = Subsystem.objects.get()
    assert browser.post(f"{PAGE}/goi-ra", {"place": "land-prices/v1", "service": POPULATION}).status_code == 302
    assert browser.post(f"{PAGE}/goi-vao", {"place": "x/v1", "subsystem": made.pk, "code": "x"}).status_code == 422
    assert not Offer.objects.exists()
    page = browser.get(PAGE).content.decode()
    assert POPULATION in page
    assert "Còn hiệu lực" in page
    assert "mô phỏng" in page
    assert browser.post(f"{PAGE}/phan-he/{made.pk}/bo", {"text": ""}).status_code == 422
    assert browser.post(f"{PAGE}/phan-he/{made.pk}/bo", {"text": "Đổi mã"}).status_code == 302
    made.refresh_from_db()
    assert made.ended_at is not None
    verbs = set(Entry.objects.filter(verb__startswith="agentnode.").values_list("verb", flat=True))
    assert verbs == {"agentnode.subsystem.add", "agentnode.passage.add", "agentnode.subsystem.end"}


def test_a_certificate_that_ends_soon_or_is_not_there_is_shown(here: Node, folder: Path) -> None:
    papers = folder / "papers"
    by = node_papers.authority("Khác")
    node_papers.issue(by, "H50", papers, "client", days=10)
    (papers / "ca.pem").unlink()
    page = browser_of(here.manager).get(PAGE).content.decode()
    assert "Còn 9 ngày" in page
    assert "Không có tệp" in page
    node_papers.issue(by, "H50", papers, "client", days=-1)
    assert "Hết hạn" in browser_of(here.manager).get(PAGE).content.decode()


def test_messages_are_listed_without_what_they_said(here: Node) -> None:
    told = {"service": POPULATION, "client": "VN/GOV/H50/LGSP", "message": "thong-diep-1", "user_code": "VNabc"}
    Exchange.objects.create(call="00000000-0000-0000-0000-000000000001", at=timezone.now(), incoming=False, **told)
    page = browser_of(here.manager).get(PAGE).content.decode()
    assert "thong-diep-1" in page
    assert "VNabc" not in page


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "http://10.1.1.1"},
        {"url": "https://10.1.1.1/r1"},
        {"member": "H50"},
        {"key_file": ""},
        {"ca_file": "/khong/co"},
        {"errors": {"X": "khong-co-ma-nay"}},
        {"lạ": 1},
        {"incoming": {"port": 0}},
        {"timeout_s": 0},
    ],
)
def test_a_file_that_says_something_wrong_is_refused_at_the_start(folder: Path, changes: dict[str, Any]) -> None:
    papers = folder / "papers"
    right = {"url": "https://10.1.1.1:443", "member": "VN/GOV/H50", "ca_file": str(papers / "ca.pem")}
    right |= {"certificate_file": str(papers / "client.pem"), "key_file": str(papers / "client.key")}
    file = folder / "node.json"
    file.write_text(json.dumps(right))
    assert connection.from_file(str(file)).prefix == "/r1"
    file.write_text(json.dumps({**right, **changes}))
    with pytest.raises((ValueError, OSError)):
        connection.from_file(str(file))
