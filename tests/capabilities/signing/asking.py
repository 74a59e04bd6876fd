"""Requests for signatures in tests: who signs, on what; and working off what the worker would do."""

from __future__ import annotations

import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

from procrastinate.contrib.django.models import ProcrastinateJob

from hienluong.capabilities.signing import requests, tasks
from hienluong.capabilities.signing.models import Look, SignatureRequest
from hienluong.foundation.actions import Actor
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.organisations.models import Official, Organization
from tests.capabilities.signing.papers import paper
from tests.factories import TESTER, make_account, make_official

LEADER_BOX, SEAL_BOX = (340.0, 150.0, 480.0, 200.0), (285.0, 130.0, 387.0, 232.0)


def make_signer(
    name: str = "Nguyễn Văn Ký", org: Organization | None = None, role: str = "leader"
) -> tuple[Official, Actor]:
    """An official who may sign, and the actor that they are."""
    official = make_official(name, role=role, org=org)
    return official, actor_of(make_account(official=official))


def ask(*marks: requests.Mark, pdf: bytes | None = None, **more: Any) -> SignatureRequest:
    """A request for these marks on a paper."""
    file = store(BytesIO(pdf or paper()), name="quyet-dinh.pdf", owner=None, purpose="dossiers.result")
    given = {"subject_ref": "van-ban:1", "reason": "Ban hành", "title": "Quyết định thử", **more}
    return requests.open_request(TESTER, file=file, marks=marks, **given)


def leader_then_seal(official: Official, org: Organization) -> tuple[requests.Mark, requests.Mark]:
    """The two marks of an official document."""
    return (
        requests.Mark(official, "ChuKyLanhDao", Look.LEADER, box=LEADER_BOX, title="CHỦ TỊCH"),
        requests.Mark(org, "ChuKyCoQuan", Look.SEAL, box=SEAL_BOX),
    )


def work() -> int:
    """Do the jobs of signing that wait, once each; returns how many."""
    jobs = list(ProcrastinateJob.objects.filter(task_name=tasks.sign_batch.name, status="todo").order_by("pk"))
    ProcrastinateJob.objects.filter(pk__in=[job.pk for job in jobs])._raw_delete("default")
    for job in jobs:
        tasks.sign_batch(**job.args)
    return len(jobs)


def content(file_id: object) -> bytes:
    """The bytes of a stored file."""
    with StoredFile.objects.get(pk=file_id).open() as stream:
        return stream.read()


def pdfsig(data: bytes, folder: Path) -> str:
    """What Debian's pdfsig says of the signatures (it trusts no root of ours, so only about what was signed)."""
    path = folder / "signed.pdf"
    path.write_bytes(data)
    return subprocess.run(["pdfsig", "-nocert", str(path)], capture_output=True, text=True, check=False).stdout
