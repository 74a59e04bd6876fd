"""Taking in photos and PDFs of papers: each good file is kept at once, each bad one is named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from hienluong.capabilities.forms.file_answers import Keep
from hienluong.foundation.actions import DomainError
from hienluong.foundation.files import store
from hienluong.foundation.files.checks import clean_name
from hienluong.foundation.files.models import StoredFile
from hienluong.services.dossiers.requirements import PAPER_PURPOSE

from .guard import actor_of

#: Most files of one paper.
MOST = 10


@dataclass(frozen=True)
class Asked:
    """One paper the page asks for."""

    code: str
    name: str
    note: str = ""
    required: bool = True


@dataclass(frozen=True)
class Row:
    """One paper on the page: what is asked, the files kept so far, what is wrong."""

    paper: Asked
    files: list[StoredFile]
    error: str = ""


def keeper(request: HttpRequest) -> Keep:
    """Keeps a file that answers a question, as the person's own paper."""
    owner = actor_of(request).account_id

    def keep(upload: Any, label: str) -> StoredFile:
        return store(upload, name=clean_name(upload.name or label), owner=owner, purpose=PAPER_PURPOSE)

    return keep


def take_in(
    request: HttpRequest, asked: Sequence[Asked], kept: Mapping[str, Sequence[str]]
) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Keep what was posted: the files of each paper afterwards (ids), and the faults by paper.

    Files ticked to be left out go; a bad file harms no other; beyond ten of one paper each is named, none dropped
    in silence.
    """
    papers: dict[str, list[str]] = {}
    errors: dict[str, str] = {}
    owner = actor_of(request).account_id
    for paper in asked:
        gone = set(request.POST.getlist(f"bo-{paper.code}"))
        files = [identifier for identifier in kept.get(paper.code, ()) if identifier not in gone]
        faults: list[str] = []
        for upload in (*request.FILES.getlist(f"paper-{paper.code}"), *request.FILES.getlist(f"anh-{paper.code}")):
            name = clean_name(upload.name or paper.name)
            if len(files) >= MOST:
                faults.append(
                    _("Mỗi giấy tờ tối đa %(most)d tệp, chưa nhận “%(name)s”.") % {"most": MOST, "name": name}
                )
                continue
            try:
                files.append(str(store(upload, name=name, owner=owner, purpose=PAPER_PURPOSE).pk))
            except DomainError as error:
                faults.append(str(error.message) if name in str(error.message) else f"“{name}”: {error.message}")
        papers[paper.code] = files
        if faults:
            errors[paper.code] = " ".join(faults)
    return papers, errors


def rows(asked: Sequence[Asked], kept: Mapping[str, Sequence[str]], errors: Mapping[str, str]) -> list[Row]:
    """The papers as the page shows them; one query."""
    wanted = [identifier for paper in asked for identifier in kept.get(paper.code, ())]
    files = {str(file.pk): file for file in StoredFile.objects.filter(pk__in=[UUID(i) for i in wanted])}
    return [
        Row(paper, [files[i] for i in kept.get(paper.code, ()) if i in files], errors.get(paper.code, ""))
        for paper in asked
    ]
