"""SOAP services in the catalogue: what is read from a WSDL, what is refused, and a call in JSON to a provider that speaks SOAP."""

from __future__ import annotations

import io
import itertools
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone
from lxml import etree

from hienluong.foundation.actions import InvalidInput
from hienluong.services.bus import describing, publishing, translating, wsdl
from hienluong.services.bus.gateway import handover
from hienluong.services.bus.models import Call, Operation, Version
from tests.foundation.codelists.sample import installed
from tests.services.mediation.test_program import Running, start
from tests.services.streams.sample import HERE
from tests.services.test_wrong_user import browser_of

from .sample import Province, document
from .test_pages import BASE, Offices, declared

FILES = Path(__file__).parent / "wsdls"
PARCELS = (FILES / "parcels.wsdl").read_text()


def zipped(**files: str) -> bytes:
    """A package of files by their names."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in files.items():
            package.writestr(name, text)
    return made.getvalue()


def split_up() -> bytes:
    parts = {"a/split.wsdl": "split.wsdl", "a/kieu/ho-tich.xsd": "ho-tich.xsd", "a/kieu/chung.xsd": "chung.xsd"}
    return zipped(**{name: (FILES / file).read_text() for name, file in parts.items()}, **{"a/readme.txt": "x"})


def test_a_document_literal_operation_is_one_of_json() -> None:
    (one,) = describing.read(PARCELS).operations
    assert (one.name, one.method, one.template) == ("TraCuuThua", "POST", "/TraCuuThua")
    assert (one.title, one.person_pointer) == ("Tra cứu thửa đất", "/Thua/0/Chu/0/SoDinhDanh")
    assert one.request_schema is not None
    asked = one.request_schema["properties"]
    assert asked["SoThua"] == {"type": "string", "minLength": 1, "maxLength": 20}
    assert asked["DieuKien"]["properties"]["Loai"] == {
        "type": "array",
        "items": {"type": "string", "enum": ["ODT", "CLN"]},
    }
    assert (one.request_schema["required"], one.request_schema["additionalProperties"]) == (["SoThua"], False)
    assert one.fields == [
        "Thua.Ma",  # of the type that it extends
        "Thua.Xa",  # of the group
        "Thua.ToBanDo",
        "Thua.DienTich.value",
        "Thua.DienTich.donVi",
        "Thua.Chu.HoTen",
        "Thua.Chu.SoDinhDanh",
        "Thua.TranhChap",
        "Thua.NgayCap",
        "Tong",
    ]


def test_an_rpc_operation_and_types_of_other_files() -> None:
    (rpc,) = describing.read((FILES / "residence.wsdl").read_text()).operations
    assert rpc.fields == ["noiO.xa", "noiO.tuNam", "con_Song"]
    assert rpc.transform is not None
    assert (rpc.transform["request"]["version"], rpc.transform["request"]["root"]) == ("1.2", "n0:noiCuTru")
    assert rpc.transform["request"]["namespaces"] == {"n0": "urn:cu-tru:goi"}
    text = wsdl.packed(split_up())
    assert "readme" not in text
    (split,) = describing.read(text).operations
    assert split.fields == ["Tre.HoTen", "Tre.So"]
    assert split.request_schema is not None
    assert split.request_schema["properties"]["So"] == {"type": "string", "minLength": 12, "maxLength": 12}
    assert split.transform is not None
    assert split.transform["response"]["map"]["Tre"]["map"]["HoTen"] == {"path": "n0:HoTen"}, (
        "adopted by who includes it"
    )


def bomb(levels: int = 30) -> str:
    """Groups of groups: a little that would become a thousand million elements."""
    names = [f"G{number}" for number in range(levels)]
    groups = "".join(
        f'<xs:group name="{name}"><xs:sequence><xs:group ref="t:{below}"/><xs:group ref="t:{below}"/></xs:sequence></xs:group>'
        for name, below in itertools.pairwise(names)
    )
    last = f'<xs:group name="{names[-1]}"><xs:sequence><xs:element name="a" type="xs:string"/></xs:sequence></xs:group>'
    return PARCELS.replace('<xs:group name="ViTri">', f'{groups}{last}<xs:group name="ViTri">').replace(
        '<xs:element name="SoThua" type="c:So"/>', '<xs:group ref="t:G0"/>'
    )


ENTITIES = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<a>", "Dòng 1: XML sai"),
        ("<a/>", "Dòng 1: Tệp không phải là WSDL"),
        (PARCELS.replace("<!--", f"\n{ENTITIES}<!--", 1), "Dòng 3: không được có DOCTYPE"),
        (PARCELS.replace("?>", f"?>{ENTITIES}<!--x-->", 1), "Dòng 1: không được có DOCTYPE"),
        (bomb(), "Thông điệp quá lớn"),
        (bomb().replace("t:G1", "t:G0"), "đi vòng"),
        (PARCELS.replace('type="c:So"', 'type="c:Khac"'), "Dòng 16: “Khac” chưa được khai báo"),
        (PARCELS.replace('type="c:So"', 'type="d:So"'), "Dòng 16: Tiền tố “d” chưa khai báo"),
        (PARCELS.replace('base="t:Goc"', 'base="t:Thua"'), "đi vòng"),
        (
            PARCELS.replace('<xs:import namespace="urn:chung"/>', '<xs:import namespace="u" schemaLocation="http://169.254.169.254/a.xsd"/>'),
            "Dòng 13: “http://169.254.169.254/a.xsd” không có trong gói tải lên",
        ),
        (PARCELS.replace('<xs:import namespace="urn:chung"/>', '<xs:include schemaLocation="file:///etc/passwd"/>'), "không có trong gói"),
        (PARCELS.replace('<soap:body use="literal"/>', '<soap:body use="encoded"/>', 1), "Dòng 41"),
        (PARCELS.replace('<soap:body use="literal"/>', '<soap:header message="t:Vao" part="p" use="literal"/><soap:body use="literal"/>', 1), "soap:header"),
        (PARCELS.replace("/soap/http", "/soap/smtp"), "không có cổng"),
        (PARCELS.replace('name="TraCuuThua"', 'name="Tra cứu"'), "không dùng được ở cổng"),
        (PARCELS.replace('soapAction="urn:', 'soapAction="urn:&#34;'), "soapAction"),
        (PARCELS.replace("x-person: /Thua/0", "x-person: Thua"), "con trỏ JSON"),
        ("<a>" * 70_000, "quá lớn"),
        (f'<a b="{"x" * 30_000}"/>', "quá lớn"),
        (PARCELS.replace("</wsdl:definitions>", " " * 2_000_001 + "</wsdl:definitions>"), "1 MB"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_with_its_line(text: str, words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        describing.read(text)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04 is none", "không mở được"),
        (zipped(**{"a.xsd": "<a/>"}), "đúng một tệp .wsdl"),
        (zipped(**{"a.wsdl": "<s:service >", "b.wsdl": "<service>"}), "đúng một tệp .wsdl"),
        (zipped(**{"../a.wsdl": "<a/>"}), "Tên tệp"),
        (zipped(**{"a.wsdl": " " * 40_000_000}), "1 MB"),
        (zipped(**{f"{number}.xsd": "" for number in range(60)}), "quá 50 tệp"),
        (zipped(**{"a.wsdl": PARCELS}).replace(b"a.wsdl", b"\xffa.wsd"), "một tệp|không mở"),
    ],
)
def test_packages_that_are_none_are_refused(content: bytes, words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        wsdl.packed(content)


class LandSystem:
    """A provider as it is in an old system: SOAP 1.1 alone, by WSGI, with its own reading of XML."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, etree._Element]] = []
        self.answer = ANSWER
        server = type("Server", (ThreadingMixIn, WSGIServer), {"daemon_threads": True})
        quiet = type("Quiet", (WSGIRequestHandler,), {"log_message": lambda *_words: None})
        self.server = make_server("127.0.0.1", 0, self, server_class=server, handler_class=quiet)
        self.url = f"http://127.0.0.1:{self.server.server_port}/ThuaDat.asmx"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        root = etree.fromstring(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        self.asked.append((environ["PATH_INFO"], environ.get("HTTP_SOAPACTION", ""), root))
        number = root.findtext(".//{urn:dat-dai}SoThua")
        start_response("200 OK", [("Content-Type", "text/xml; charset=utf-8")])
        return [self.answer.replace("SO", number or "").encode()]

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


ANSWER = """<?xml version="1.0" encoding="utf-8"?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>
<KetQua xmlns="urn:dat-dai" xmlns:c="urn:chung" xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><Thua><Ma>SO</Ma><Xa>Gio Linh</Xa>
<ToBanDo>12</ToBanDo><DienTich donVi="m2">96.5</DienTich><Chu><c:HoTen>Nguyễn Thị Lành</c:HoTen><c:SoDinhDanh>045190001234</c:SoDinhDanh></Chu>
<TranhChap>0</TranhChap><NgayCap i:nil="true"/></Thua><Tong>1</Tong></KetQua></e:Body></e:Envelope>"""


@pytest.fixture
def land() -> Iterator[LandSystem]:
    found = LandSystem()
    yield found
    found.stop()


@pytest.fixture
def mediator(transactional_db: None, tmp_path: Path) -> Iterator[Running]:
    told = connection.settings_dict
    database = f"postgresql://{told['USER']}@{told['HOST'] or ''}:{told['PORT']}/{told['NAME']}"
    if told["HOST"].startswith("/"):
        database = f"postgresql://{told['USER']}@/{told['NAME']}?host={told['HOST']}"
    running = start(tmp_path / "cong", database)
    yield running
    running.process.terminate()
    running.process.wait(10)


def test_a_consumer_calls_in_json_and_the_provider_hears_soap(
    mediator: Running, land: LandSystem, settings: Any
) -> None:
    settings.BUS_UPSTREAMS = HERE
    here = Province()
    version = here.version(document=PARCELS, upstream=land.url)
    assert version.kind == "wsdl"
    fields = ["Thua.Ma", "Thua.DienTich.value", "Thua.Chu.HoTen", "Thua.NgayCap", "Tong"]
    agreed = here.agreed(version, fields={"TraCuuThua": fields})
    publishing.publish(timezone.now(), mediator.folder)

    def ask(body: Any) -> httpx.Response:
        sent = {
            handover.SECRET: handover.secret(mediator.folder),
            handover.CLIENT: str(here.system.client_id),
            handover.AGREEMENT: agreed.code,
            handover.PURPOSE: "kiem thu",
        }
        url = f"http://127.0.0.1:{mediator.port}/lgsp/land-prices/v1/TraCuuThua"
        return httpx.post(url, json=body, headers=sent, timeout=30, trust_env=False)

    asked = {
        "SoThua": "17<&",
        "DieuKien": {"ngonNgu": "vi", "Loai": ["ODT", "CLN"], "TuNgay": "2026-01-31"},
        "Moc": [{"X": 1.5, "Y": 2}, {"X": 3, "Y": 4}],
    }
    land.answer = ANSWER.replace("SO", "17")
    answer = ask(asked)
    assert answer.json() == {
        "Thua": [{"Ma": "17", "DienTich": {"value": 96.5}, "Chu": [{"HoTen": "Nguyễn Thị Lành"}], "NgayCap": None}],
        "Tong": 1,
    }
    ((path, action, root),) = land.asked
    assert (path, action) == ("/ThuaDat.asmx", '"urn:dat-dai/TraCuuThua"')
    said = root.find(".//{urn:dat-dai}TraCuu")
    assert [etree.QName(each).localname for each in said] == ["SoThua", "DieuKien", "Moc", "Moc"]
    assert (said[0].text, said[1].get("ngonNgu"), [each.text for each in said[1]]) == ("17<&", "vi", ["ODT", "CLN", "2026-01-31"])  # fmt: skip
    assert len(Call.objects.get().persons) == 1, "whose data it was is known though it was not agreed on"
    refused = ask({"SoThua": "17", "Khac": 1})
    assert (refused.status_code, len(land.asked)) == (422, 1)
    land.answer = ANSWER.replace("<Tong>1</Tong>", "")
    assert ask({"SoThua": "17"}).status_code == 502, "not what the WSDL says"
    land.answer = ANSWER.replace("<e:Body>", "<e:Body><e:Fault><faultcode>e:Client</faultcode></e:Fault>")
    assert ask({"SoThua": "17"}).status_code == 400


def test_codes_of_another_edition_are_turned_on_the_way_to_soap_and_back(
    mediator: Running, land: LandSystem, settings: Any, tmp_path: Path
) -> None:
    settings.BUS_UPSTREAMS = HERE
    installed(tmp_path)
    here = Province()
    version = here.version(document=PARCELS, upstream=land.url)
    rule = {"codelist": "trees", "provider": "2020", "consumer": "2025", "several": "refuse", "missing": "refuse"}
    for place, at in (("body", "SoThua"), ("answer", "Thua.Xa")):
        operation = Operation.objects.get(version=version)
        translating.add_rule(here.provider, operation=operation, place=place, at=at, **rule)
    agreed = here.agreed(version, fields={"TraCuuThua": ["Thua.Xa", "Tong"]})
    publishing.publish(timezone.now(), mediator.folder)
    sent = {
        handover.SECRET: handover.secret(mediator.folder),
        handover.CLIENT: str(here.system.client_id),
        handover.AGREEMENT: agreed.code,
        handover.PURPOSE: "kiem thu",
    }
    url = f"http://127.0.0.1:{mediator.port}/lgsp/land-prices/v1/TraCuuThua"
    land.answer = ANSWER.replace("SO", "17").replace("Gio Linh", "G2")
    answer = httpx.post(url, json={"SoThua": "G3"}, headers=sent, timeout=30, trust_env=False)
    assert answer.json() == {"Thua": [{"Xa": "G3"}], "Tong": 1}
    assert land.asked[0][2].findtext(".//{urn:dat-dai}SoThua") == "G2"
    refused = httpx.post(url, json={"SoThua": "T"}, headers=sent, timeout=30, trust_env=False)
    assert (refused.status_code, refused.json()["errors"], len(land.asked)) == (
        422,
        [{"field": "/SoThua", "rule": "several"}],
        1,
    )


@pytest.mark.django_db
def test_an_office_uploads_a_package_and_engineers_see_json() -> None:
    here = Offices()
    head = browser_of(here.head)
    file = SimpleUploadedFile("ho-tich.zip", split_up())
    made = head.post(f"{BASE}/khai-bao", declared(here, document="", file=file, code="ho-tich"))
    assert made.headers["Location"] == f"{BASE}/dich-vu/ho-tich/v1"
    assert head.post(f"{BASE}/dich-vu/ho-tich/v1/cong-bo", {"text": ""}).status_code == 302
    assert Version.objects.get().kind == "wsdl"
    page = Client().get("/dich-vu-du-lieu/ho-tich").content.decode()
    for words in (
        "POST /KhaiSinh",
        "Tre.HoTen",
        "SOAP (WSDL)",
        "/lgsp/ho-tich/v1/KhaiSinh",
        "&quot;maxLength&quot;: 12",
    ):
        assert words in page
    told = Client().get("/dich-vu-du-lieu/ho-tich/v1/openapi.json").json()
    body = told["paths"]["/KhaiSinh"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["HoTen"] == {"type": "string"}
    assert told["servers"][0]["url"].endswith("/lgsp/ho-tich/v1")
    wrong = SimpleUploadedFile("a.wsdl", (FILES / "split.wsdl").read_bytes())
    refused = head.post(f"{BASE}/khai-bao", declared(here, document="", file=wrong, code="khac"))
    assert refused.status_code == 422
    assert "Dòng 6: “kieu/ho-tich.xsd” không có trong gói" in refused.content.decode()
    broken = head.post(
        f"{BASE}/khai-bao", declared(here, document="", file=SimpleUploadedFile("a.zip", b"PK\x03\x04"), code="khac")
    )
    assert "không mở được" in broken.content.decode()
    assert head.post(f"{BASE}/dich-vu/ho-tich/v1/mo-ta", {"document": document(), "text": "Mới"}).status_code == 422
