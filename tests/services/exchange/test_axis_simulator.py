"""The simulated axis: its published calls, what it refuses, what it remembers after kill -9, how it misbehaves."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from hienluong.services.exchange import edxml
from tests.services.exchange.packages import HOME, OTHER, document, status
from tests.services.exchange.process import AxisProcess


@pytest.fixture(scope="module")
def axis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AxisProcess]:
    process = AxisProcess(tmp_path_factory.mktemp("axis"))
    process.register("H50", HOME.code, HOME.name)
    process.register("H57", OTHER.code, OTHER.name)
    yield process
    process.stop()


@pytest.fixture(autouse=True)
def empty(axis: AxisProcess) -> Iterator[None]:
    yield
    axis.switch()
    for system in axis.systems:
        while waiting := axis.waiting(system):
            for item in waiting:
                axis.call("updateStatus", system, docid=item["docId"], status="done")
            time.sleep(0.05)


def test_a_package_goes_from_one_system_to_the_other(axis: AxisProcess) -> None:
    answer = axis.send(document(), OTHER.code, senderdocid="ours-1")
    assert (answer["status"], answer["ErrorCode"]) == ("OK", "0")
    (item,) = axis.waiting("H57", "edoc")
    assert (item["docId"], item["from"], item["to"], item["status"]) == (
        answer["DocId"],
        HOME.code,
        OTHER.code,
        "initial",
    )
    found = edxml.read(axis.get("H57", item["docId"])).package
    assert isinstance(found, edxml.DocumentPackage)
    assert found.document_id == document().document_id
    assert axis.call("countReceiveEdoc", "H57")["count"] == 1
    assert axis.call("updateStatus", "H57", docid=item["docId"], status="done")["ErrorCode"] == "0"
    assert axis.waiting("H57") == []
    (sent,) = axis.call("getSentEdocList", "H50", senderdocid="ours-1")["data"]
    assert (sent["receiverDocId"], sent["toCode"], sent["notation"], sent["receiveStatus"]) == (
        answer["DocId"],
        OTHER.code,
        "125/UBND-TH",
        "done",
    )


def test_a_status_goes_back(axis: AxisProcess) -> None:
    axis.send(status(edxml.Status.RECEIVED), HOME.code, "H57")
    (item,) = axis.waiting("H50", "status")
    assert edxml.read(axis.get("H50", item["docId"])).package == status(edxml.Status.RECEIVED)
    assert axis.call("countReceiveStatus", "H50")["count"] == 1


@pytest.mark.parametrize("form", [edxml.QCVN_102, edxml.AXIS])
def test_its_strict_reader_accepts_what_we_write(axis: AxisProcess, form: edxml.Form) -> None:
    replaced = edxml.Business(
        edxml.BusinessKind.REPLACE, "Sai số liệu", replaced=(edxml.Replacement("H50,2026/01/01,1/A"),)
    )
    for package in (document(), replace(document("126"), business=replaced)):
        assert axis.send(package, OTHER.code, form=form)["ErrorCode"] == "0"


def test_what_it_refuses(axis: AxisProcess) -> None:
    assert axis.call("getReceivedEdocList", "H50", secret="khac")["ErrorCode"] == "15"
    assert axis.call("getReceivedEdocList", "H99")["ErrorCode"] == "15"
    assert axis.send(document(), "H99.01")["ErrorCode"] == "19"
    assert axis.send(document(), OTHER.code, "H57")["ErrorCode"] == "20"
    assert axis.send(document(), OTHER.code, sha256="0" * 64)["ErrorCode"] == "21"
    assert axis.send(document(), OTHER.code, servicetype="x")["ErrorCode"] == "10"
    assert axis.send(document(), OTHER.code, messagetype="status")["ErrorCode"] == "40"
    given = {"from": HOME.code, "to": json.dumps([OTHER.code]), "servicetype": "eDoc", "messagetype": "edoc"}
    unprefixed = (
        edxml.write(document()).replace(b"<edXML:Subject>", b"<Subject>").replace(b"</edXML:Subject>", b"</Subject>")
    )
    answer = axis.call("sendEdoc", "H50", unprefixed, **given)
    assert (answer["ErrorCode"], "Subject" in answer["ErrorDesc"]) == ("40", True)
    assert axis.call("getEdoc", "H50", docId="x")["ErrorCode"] == "18"
    sent = axis.send(document(), OTHER.code)["DocId"]
    assert axis.call("updateStatus", "H57", docid=sent, status="x")["ErrorCode"] == "22"
    assert axis.call("updateStatus", "H50", docid=sent, status="done")["ErrorCode"] == "18"


def test_it_remembers_after_kill_9(tmp_path: Path) -> None:
    axis = AxisProcess(tmp_path)
    try:
        axis.register("H50", HOME.code)
        axis.register("H57", OTHER.code)
        first = axis.send(document(), OTHER.code)["DocId"]
        second = axis.send(document("126"), OTHER.code)["DocId"]
        axis.call("updateStatus", "H57", docid=first, status="done")
        axis.kill()
        with (tmp_path / "axis" / "journal.jsonl").open("ab") as journal:
            journal.write(b'{"op": "state", "id": "')  # what a line looks like that was cut off
        axis.start()
        assert [item["docId"] for item in axis.waiting("H57")] == [second]
        assert axis.get("H57", second)
        axis.send(document("127"), OTHER.code)
        axis.kill()
        axis.start()
        assert len(axis.waiting("H57")) == 2
    finally:
        axis.stop()


def test_lost_answers_are_of_work_that_was_done(axis: AxisProcess) -> None:
    axis.switch(lost=1)
    with pytest.raises(httpx.HTTPError):
        axis.send(document(), OTHER.code, senderdocid="ours-2")
    assert len(axis.call("getSentEdocList", "H50", senderdocid="ours-2")["data"]) == 1
    axis.switch(away=1)
    with pytest.raises(httpx.HTTPError):
        axis.send(document(), OTHER.code, senderdocid="ours-3")
    assert axis.call("getSentEdocList", "H50", senderdocid="ours-3")["data"] == []


def test_it_delivers_twice_late_out_of_order_and_broken(axis: AxisProcess) -> None:
    axis.switch(twice=1, hold=1)
    axis.send(document(), OTHER.code)
    axis.send(document("126"), OTHER.code)
    assert len(axis.waiting("H57")) == 2  # one copy is held back
    until = time.monotonic() + 10
    while len(axis.waiting("H57")) < 3:
        assert time.monotonic() < until
        time.sleep(0.1)
    whole = [item["docId"] for item in axis.waiting("H57")]
    axis.switch(reorder_pt=100)
    assert any([item["docId"] for item in axis.waiting("H57")] != whole for _ in range(20))
    axis.switch(garble=1)
    with pytest.raises(edxml.BadPackage):
        edxml.read(axis.get("H57", whole[0]))
    edxml.read(axis.get("H57", whole[0]))
    axis.switch(refuse=1)
    assert axis.call("getReceivedEdocList", "H57")["ErrorCode"] == "99"


def test_its_pages_say_that_it_is_a_simulator(axis: AxisProcess) -> None:
    sent = axis.send(document(), "G22")["DocId"]
    for path in ("/", f"/goi-tin/{sent}", "/gui", "/co-quan", "/loi"):
        assert "Hệ thống mô phỏng Trục liên thông văn bản quốc gia" in axis.page(path)
    assert "125/UBND-TH" in axis.page("/")


def test_a_simulated_agency_answers_and_writes(axis: AxisProcess) -> None:
    sent = axis.send(document(), "G22")["DocId"]
    httpx.post(f"{axis.url}/goi-tin/{sent}", data={"ma": "03"}, trust_env=False)
    (item,) = axis.waiting("H50", "status")
    told = edxml.read(axis.get("H50", item["docId"])).package
    assert isinstance(told, edxml.StatusPackage)
    assert (told.status, told.sender.code, told.about) == (edxml.Status.RECEIVED, "G22", document().reference)
    axis.call("updateStatus", "H50", docid=item["docId"], status="done")
    httpx.post(f"{axis.url}/gui", data={"tu": "G12", "den": HOME.code, "trich-yeu": "Mời họp & ăn"}, trust_env=False)
    (item,) = axis.waiting("H50", "edoc")
    written = edxml.read(axis.get("H50", item["docId"])).package
    assert isinstance(written, edxml.DocumentPackage)
    assert (written.subject, written.sender.code, written.type_name) == ("Mời họp & ăn", "G12", "Công văn")
    assert written.attachments[0].content.startswith(b"%PDF-")
