"""The code that engineers of connected systems are shown does what it says: each file of ``examples/`` runs against us."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.sso import device_actions, devices, samples
from hienluong.foundation.sso.models import System
from tests.factories import make_org
from tests.foundation.sso.system import registered
from tests.relying_parties.person import Person
from tests.relying_parties.running import free_port, node, running

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]
EXAMPLES = samples.FOLDER


def environment(province: str, system: System, secret: str) -> dict[str, str]:
    names = {"ISSUER": province, "CLIENT_ID": system.client_id, "CLIENT_SECRET": secret, "NO_PROXY": "127.0.0.1"}
    return {**os.environ, "PYTHONPATH": "", **names}


def ran(command: list[str], env: dict[str, str]) -> str:
    """What a program said that ended well."""
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_sample_application_signs_in_calls_the_api_and_signs_out(
    province: str, person: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    system, secret = registered(
        scopes=["profile", "api.read"],
        redirect_uris=["http://127.0.0.1/callback"],
        logout_redirects=["http://127.0.0.1/"],
    )
    for name, value in environment(province, system, secret).items():
        monkeypatch.setenv(name, value)
    with running([sys.executable, str(EXAMPLES / "sample_app/app.py"), str(port)], port, tmp_path / "app.log") as app:
        assert "Nobody is signed in" in person.open(f"{app}/").text
        person.open(f"{app}/login")
        came = person.sign_in()
        assert str(came.url) == f"{app}/"
        assert "Signed in: Trần Thị Bình" in came.text
        assert "API: 200, 0 registers" in came.text
        assert person.is_signed_in_at_the_province()
        forged = httpx.get(f"{app}/callback?code=x&state=doan&iss={province}")
        assert (forged.status_code, "was not asked for" in forged.text) == (400, True)
        assert "Nobody is signed in" in person.open(f"{app}/logout").text
        assert str(person.page and person.page.url) == f"{app}/"
        assert not person.is_signed_in_at_the_province()
        said = (tmp_path / "app.log").read_text()
        assert "code=" not in said
        assert "Traceback" not in said


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_a_machine_calls_the_api_and_a_gateway_lets_it_through_without_asking(
    province: str, tmp_path: Path, language: str
) -> None:
    system, secret = registered(owner=make_org(), scopes=["api.read"], redirect_uris=[], for_itself=True)
    env = environment(province, system, secret)
    program = {"python": ([sys.executable], "py"), "javascript": ([node()], "mjs")}[language]
    command, ending = program
    assert ran([*command, str(EXAMPLES / f"machine.{ending}")], env) == "200 0 registers 900 seconds\n"
    form = {"grant_type": "client_credentials", "scope": "api.read"}
    token = httpx.post(f"{province}/sso/ma", data=form, auth=(system.client_id, secret)).json()["access_token"]
    keys = tmp_path / "keys.json"
    keys.write_text(httpx.get(f"{province}/sso/khoa.json").text)
    gateway = [*command, str(EXAMPLES / f"gateway.{ending}"), str(keys)]
    assert ran([*gateway, token, "api.read"], env) == f"200 {system.client_id} -\n"
    head, body, signature = token.split(".")
    none = keys.with_name("none.json")
    none.write_text('{"keys": []}')
    refused = {
        "another scope": ([*gateway, token, "api.write"], env),
        "a forged signature": ([*gateway, f"{head}.{body}.{signature[:-6]}AAAAAA", "api.read"], env),
        "another issuer": ([*gateway, token, "api.read"], {**env, "ISSUER": "https://khac.example"}),
        "an unknown key": ([*gateway[:-1], str(none), token, "api.read"], env),
    }
    for why, (asked, where) in refused.items():
        done = subprocess.run(asked, env=where, capture_output=True, text=True, timeout=120, check=False)
        assert (done.returncode, done.stderr[:3]) == (1, "401"), why


def test_a_kiosk_is_signed_in_by_a_phone(province: str, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "INTERVAL", 1)
    from hienluong.foundation.sso import levels

    system, secret = registered(scopes=["profile"], redirect_uris=[], for_devices=True)
    command = [sys.executable, str(EXAMPLES / "kiosk.py")]
    env = environment(province, system, secret)
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as kiosk:
        assert kiosk.stdout
        told = re.search(r"mã ([A-Z]{4}-[A-Z]{4})", kiosk.stdout.readline())
        assert told
        device = devices.waiting(told[1])
        assert device
        shown = {"acr": levels.ACR[1], "amr": ["pwd"], "auth_time": int(time.time())}
        device_actions.answer(actor_of(account), account=account, device=device, allow=True, shown=shown)
        assert "Xin chào Trần Thị Bình" in kiosk.communicate(timeout=120)[0]


def test_every_file_of_the_folder_is_shown() -> None:
    files = {str(path.relative_to(EXAMPLES)) for path in EXAMPLES.rglob("*.*") if path.suffix in (".py", ".mjs")}
    assert files == {sample.file for sample in samples.SAMPLES}
