"""The guided page of the data-sharing bus, walked in an installation with its real gateway, mediator and land system."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hienluong.house.children import listens
from tests.house.running import Installation, free_port, wait_until

pytestmark = pytest.mark.house

PAGE = "/huong-dan/truc-du-lieu"
#: Two departments as the demo has them, their people, and the citizen whose parcel is read.
SCRIPT = """
from hienluong.house import bus_tour
from tests.factories import make_account, make_citizen, make_official, make_org, make_roles
make_roles()
province = make_org(kind="province")
agencies = {short: make_org(parent=province, short_name=short) for short in ("SNNMT", "STC")}
for username, role, short in ((bus_tour.PROVIDER, "head", "SNNMT"), (bus_tour.DECIDER, "leader", "SNNMT"),
                              (bus_tour.ASKER, "officer", "STC")):
    make_account(username, official=make_official(role=role, org=agencies[short]))
make_account(bus_tour.CITIZEN, party=make_citizen("Nguyễn Thị Lành", identifier="045190001234"))
print("MADE", flush=True)
"""


class Walker:
    """Somebody who presses the buttons of the page."""

    def __init__(self, url: str) -> None:
        self.browser = httpx.Client(base_url=url, trust_env=False, follow_redirects=True, timeout=60)
        self.page = self.browser.get(PAGE).text

    def press(self, step: str) -> str:
        """Press the button of a step; what the page says is wrong, empty when nothing is."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page)
        assert token
        self.page = self.browser.post(PAGE, data={"step": step, "csrfmiddlewaretoken": token[1]}).text
        fault = re.search(r'notification-banner__heading">(.*?)</p>', self.page)
        return html.unescape(fault[1]) if fault else ""

    @property
    def done(self) -> list[str]:
        """The steps that are ticked now."""
        self.page = self.browser.get(PAGE).text
        found = re.findall(r'<li id="(\w+)">.*?<strong class="govuk-tag[^>]*>\s*([^<]+)', self.page, re.DOTALL)
        assert len(found) == 7
        return [verb for verb, words in found if words.strip() == "Đã xong"]

    @property
    def answers(self) -> list[dict[str, object]]:
        """What the calls were answered."""
        shown = re.findall(r"<pre[^>]*>(.*?)</pre>", self.page, re.DOTALL)
        return [json.loads(html.unescape(text)) for text in shown[1::2]]


@pytest.fixture(scope="module")
def walker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walker]:
    folder: Path = tmp_path_factory.mktemp("vong")
    port = free_port()
    command = [sys.executable, "-m", "hienluong.house.simulators.agency", "--port", str(port)]
    land = subprocess.Popen([*command, "--owner-number", "045190001234"])
    env = {"HIENLUONG_DEMO": "1", "HIENLUONG_AGENCY_SIMULATOR": f"http://127.0.0.1:{port}"}
    running = Installation(folder / "state", env=env, migrated=True)
    try:
        wait_until(lambda: listens(port), "the land system does not listen", 30)
        running.start()
        made, _nothing = running.shell(SCRIPT).communicate(timeout=120)
        assert "MADE" in made, made
        yield Walker(running.url)
    finally:
        running.stop()
        land.terminate()
        land.wait(20)


def test_from_publishing_to_the_person_who_sees_the_look(walker: Walker) -> None:
    assert walker.press("start") == ""  # the page may have been walked before
    if not walker.done:
        assert walker.press("ask") == "Hãy làm bước trước đã."
    for step in ("publish", "ask", "approve"):
        assert walker.press(step) == "", step
    # On a busy machine the decision may need longer than the page waits: then one presses again.
    wait_until(lambda: walker.press("call") == "" and "call" in walker.done, lambda: str(walker.answers), 120)
    assert walker.done[:4] == ["publish", "ask", "approve", "call"]
    assert walker.answers == [
        {
            "code": "19333-12-101",
            "place": "Phường Đông Hà",
            "area": 96.5,
            "use_name": "Đất ở tại đô thị",
            "price": 4800000,
            "owner": {"name": "Nguyễn Thị Lành"},
        }
    ]
    assert walker.press("withdraw") == ""
    wait_until(lambda: walker.press("again") == "" and "again" in walker.done, lambda: str(walker.answers), 120)
    assert walker.answers[1]["code"] == "gateway.no_agreement"
    wait_until(lambda: "person" in walker.done, lambda: f"nobody was told: {walker.done}", 60)
    assert len(walker.done) == 7


def test_a_step_that_is_not_there_is_no_fault_of_ours(walker: Walker) -> None:
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', walker.page)
    assert token
    answer = walker.browser.post(PAGE, data={"step": "khac", "csrfmiddlewaretoken": token[1]})
    assert answer.status_code == 404
    assert walker.browser.post(PAGE, data={"csrfmiddlewaretoken": token[1]}).status_code == 404


def test_there_is_no_such_page_outside_a_demo(installation: Installation) -> None:
    assert httpx.get(f"{installation.url}{PAGE}", trust_env=False).status_code == 404
