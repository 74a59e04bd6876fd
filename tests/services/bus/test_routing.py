"""How the gateway goes to a version, as its owner says it: who may, what is refused, what the gateway is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.services.bus import catalogue, publishing, routing
from hienluong.services.bus.gateway.snapshot import Breaker, Canary, ServiceRoute
from hienluong.services.bus.models import Service, Version
from tests.services.test_wrong_user import browser_of

from .sample import UPSTREAM, Province, document, somebody
from .test_pages import ONE, Offices

pytestmark = pytest.mark.django_db
NEW, COPY = "https://moi.example.gov.vn/gia-dat", "https://ghi.example.gov.vn/gia-dat"
EVERY = {
    "canary": NEW,
    "canary_percent": 5,
    "mirror": COPY,
    "cache": 60,
    "at_once": 20,
    "failures": 3,
    "rest": 7,
    "websocket": True,
    "whole": True,
}


class Plain(Province):
    """The same, of data that are nobody's; an agreement on calls of which no answer is described."""

    def __init__(self) -> None:
        super().__init__()
        self.service(personal=False)
        self.one = self.version()
        self.agreed(self.one, fields={"health": []})

    @property
    def told(self) -> ServiceRoute:
        (service,) = publishing.snapshot_of(timezone.now()).services
        return service


@pytest.fixture
def here() -> Plain:
    return Plain()


def test_what_is_said_of_a_version_is_told_to_the_gateway_and_is_on_record(here: Plain) -> None:
    usual = here.told
    assert (usual.canary, usual.mirror, usual.cache_s, usual.websocket, usual.personal) == (None, None, 0, False, False)
    assert usual.breaker == Breaker()
    catalogue.serve(here.provider, version=here.one, upstream=UPSTREAM, **EVERY)  # type: ignore[arg-type]
    told = here.told
    assert (told.canary, told.mirror, told.cache_s, told.websocket) == (Canary(NEW, 5), COPY, 60, True)
    assert told.breaker == Breaker(20, 20, 20, 3, 7)
    entry = Entry.objects.filter(verb="bus.version.serve").latest("pk")
    assert entry.after["routing"]["mirror"] == COPY
    assert entry.actor_id == here.provider.account_id
    catalogue.serve(here.provider, version=here.one, upstream=UPSTREAM, canary=NEW)  # nothing goes there yet
    assert (here.told.canary, here.told.mirror) == (None, None)


def test_nothing_of_it_goes_with_what_is_tried(here: Plain) -> None:
    version = catalogue.add_version(here.provider, service=here.one.service, document=document(), sandbox=COPY)
    version = catalogue.to_test(here.provider, version=version)
    catalogue.serve(
        here.provider, version=version, upstream=UPSTREAM, sandbox=COPY, canary=NEW, canary_percent=50, mirror=NEW
    )
    here.agreed(version, fields={"health": []})
    tried = next(one for one in publishing.snapshot_of(timezone.now()).services if one.major == version.major)
    assert (tried.upstream, tried.canary, tried.mirror, tried.cache_s) == (COPY, None, None, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"canary": "https://169.254.169.254/"}, "canary"),
        ({"mirror": "http://127.0.0.1:5432"}, "mirror"),
        ({"mirror": "file:///etc/passwd"}, "mirror"),
        ({"canary_percent": 5}, "canary"),
        ({"canary": NEW, "canary_percent": 101}, "canary_percent"),
        ({"canary": NEW, "canary_percent": -1}, "canary_percent"),
        ({"cache": -1}, "cache"),
        ({"cache": 86_401}, "cache"),
        ({"at_once": 0}, "at_once"),
        ({"failures": 0}, "failures"),
        ({"rest": 601}, "rest"),
        ({"websocket": True}, "whole"),
        ({"grpc": True}, "whole"),
        ({"grpc": True, "websocket": True, "whole": True}, "grpc"),
        ({"grpc": True, "whole": True}, "upstream"),  # with a path
    ],
)
def test_what_cannot_be_is_said_at_its_field(here: Plain, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        catalogue.serve(here.provider, version=here.one, upstream=UPSTREAM, **changes)
    assert refused.value.field == field
    here.one.refresh_from_db()
    assert routing.of(here.one) == routing.Routing()


def test_data_of_persons_are_neither_kept_nor_copied_elsewhere_nor_pass_unread(here: Plain) -> None:
    said = {"title": "Giá đất", "data": "Giá", "contact_name": "A", "contact_email": "a@example.gov.vn"}
    catalogue.serve(here.provider, version=here.one, upstream=UPSTREAM, **EVERY)  # type: ignore[arg-type]
    service = catalogue.change(here.provider, service=here.one.service, personal=True, **said)  # said afterwards
    told = here.told
    assert (told.cache_s, told.websocket, told.grpc, told.mirrored) == (0, False, False, None)
    for changes, field in (
        ({"mirror": COPY}, "mirror"),
        ({"cache": 60}, "cache"),
        ({"websocket": True, "whole": True}, "websocket"),
        ({"grpc": True, "whole": True}, "grpc"),
    ):
        with pytest.raises(InvalidInput) as refused:
            catalogue.serve(here.provider, version=here.one, upstream=UPSTREAM, **changes)
        assert refused.value.field == field
    same = UPSTREAM.replace("/gia-dat", "/ghi")
    catalogue.serve(here.provider, version=here.one, upstream=UPSTREAM, mirror=same)
    assert (here.told.mirrored, service.personal) == (same, True)


def test_nobody_else_says_it(here: Plain) -> None:
    for stranger in (here.asker, here.decider, somebody(here.consumer, "provide", "share")):
        with pytest.raises(NotAllowed):
            catalogue.serve(stranger, version=here.one, upstream=UPSTREAM, mirror=COPY)
    assert Version.objects.get(pk=here.one.pk).routing == {}


def test_it_is_said_and_shown_on_the_pages(settings: Any) -> None:
    here = Offices()
    here.service(personal=False)
    here.version()
    head, officer = browser_of(here.head), browser_of(here.officer)
    page = head.get(f"{ONE}/v1/dia-chi").content.decode()
    for words in ("Chuyển dần sang máy chủ mới", "Sao lời gọi", "Ngắt mạch", "WebSocket", "gRPC", 'value="1024"'):
        assert words in page
    sent = {"upstream": UPSTREAM, "timeout": 9, "retries": 1, **EVERY, "whole": "on", "websocket": "on"}
    wrong = head.post(f"{ONE}/v1/dia-chi", {**sent, "mirror": "https://10.0.0.1/"})
    text = wrong.content.decode()
    assert (wrong.status_code, "nội bộ" in text, NEW in text) == (422, True, True)
    assert officer.post(f"{ONE}/v1/dia-chi", sent).status_code == 403
    assert not Version.objects.get().routing
    assert head.post(f"{ONE}/v1/dia-chi", sent).status_code == 302
    assert routing.of(Version.objects.get()).cache == 60
    shown = head.get(ONE).content.decode()
    for words in (f"5% lời gọi tới {NEW}", COPY, "60 giây", "hỏng 3 lần liên tiếp thì nghỉ 7 giây", "WebSocket"):
        assert words in shown
    assert head.post(f"{ONE}/v1/dia-chi", {**sent, "at_once": 2048}).status_code == 302
    assert "2.048 lời gọi cùng lúc" in head.get(ONE).content.decode()
    assert "Từ 1 đến 4.096." in head.post(f"{ONE}/v1/dia-chi", {**sent, "at_once": 9999}).content.decode()
    assert COPY not in officer.get(ONE).content.decode(), "where copies go is its owner's to know"
    assert 'value="60"' in head.get(f"{ONE}/v1/dia-chi").content.decode()
    Service.objects.update(personal=True)
    refused = head.post(f"{ONE}/v1/dia-chi", sent)
    assert (refused.status_code, "cùng tên với nơi dịch vụ chạy" in refused.content.decode()) == (422, True)


def test_engineers_are_told_how_grpc_is_called(client: Any, settings: Any) -> None:
    settings.BUS_URL = "https://lgsp.example.gov.vn"
    here = Plain()
    catalogue.serve(here.provider, version=here.one, upstream="https://dulieu.example.gov.vn", grpc=True, whole=True)
    page = client.get("/dich-vu-du-lieu/land-prices").content.decode()
    assert "https://lgsp.example.gov.vn (gRPC" in page
    assert "curl" not in page
    described = client.get("/dich-vu-du-lieu/land-prices/v1/openapi.json").json()
    assert described["servers"] == [{"url": "https://lgsp.example.gov.vn"}]
