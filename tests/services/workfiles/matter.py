"""A department with people and documents, for tests of work files."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pikepdf
from django.utils import timezone

from hienluong.foundation.actions import Actor
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.organisations.models import Official
from hienluong.services.documents import access as documents
from hienluong.services.documents import finding
from hienluong.services.documents.models import Document, DocumentFile, Why
from hienluong.services.workfiles import actions
from hienluong.services.workfiles.models import Handover, WorkFile
from hienluong.services.workfiles.tasks import pack, write_handover_minutes
from tests.factories import actor_for_role, make_org


def pdf(words: str) -> bytes:
    """A PDF of one page that is unlike others."""
    made, out = pikepdf.new(), BytesIO()
    made.add_blank_page(page_size=(595, 842))
    made.docinfo["/Title"] = words
    made.save(out)
    return out.getvalue()


def kept(words: str, purpose: str, owner: int | None = None) -> StoredFile:
    return store(BytesIO(pdf(words)), name=f"{words}.pdf", owner=owner, purpose=purpose)


class Matter:
    """A health department: an officer who keeps files, a colleague, the records office, two leaders; another department."""

    def __init__(self) -> None:
        self.province = make_org("UBND tỉnh thử", code="H50", kind="province")
        self.agency = make_org("Sở Y tế", parent=self.province)
        self.division = make_org("Phòng Kế hoạch Tài chính", kind="division", parent=self.agency)
        self.other = make_org("Sở Tài chính", parent=self.province)
        self.keeper = actor_for_role("officer", self.division)
        self.colleague = actor_for_role("officer", self.division)
        self.archivist = actor_for_role("document_clerk", self.agency)
        self.leader = actor_for_role("leader", self.agency)
        self.strangers = {
            "officer elsewhere": actor_for_role("officer", self.other),
            "archive elsewhere": actor_for_role("document_clerk", self.other),
            "archive above": actor_for_role("document_clerk", self.province),
            "leader elsewhere": actor_for_role("leader", self.other),
            "administrator": actor_for_role("admin", self.province),
            "auditor": actor_for_role("auditor", self.province),
            "nobody": Actor(),
        }

    def official(self, actor: Actor) -> Official:
        return Official.objects.get(pk=actor.official_id)

    def document(self, code: str = "12/TTr-SYT", *readers: Actor, with_file: bool = True, **more: Any) -> Document:
        fields: dict[str, Any] = {"type": "TTR", "subject": "Về việc phê duyệt dự toán", "issued_on": date(2026, 3, 2)}
        fields = {"agency": self.agency, **fields, **more}
        document = Document.objects.create(
            direction="incoming",
            code=code,
            notation=code.partition("/")[2],
            state="registered",
            **fields,
        )
        documents.let_read(document, agency=document.agency, why=Why.AGENCY)
        for reader in readers:
            documents.let_read(document, agency=self.agency, why=Why.ASSIGNED, official=self.official(reader))
        if with_file:
            file = kept(code.replace("/", "-"), documents.FILE_PURPOSE)
            DocumentFile.objects.create(document=document, file=file, role=DocumentFile.Role.MAIN, name=file.name)
        finding.index(document, text="")
        return document

    def file(self, **more: Any) -> WorkFile:
        fields = {
            "agency": self.agency,
            "title": "Hồ sơ lập dự toán năm 2027",
            "notation": "KHTC",
            "retention": "05",
            **more,
        }
        return actions.open_file(self.keeper, **fields)

    def closed(self, **more: Any) -> WorkFile:
        work_file = self.file(**more)
        actions.add_document(
            self.keeper, work_file=work_file, document=self.document(f"{work_file.number}/TTr-SYT", self.keeper)
        )
        return actions.close(self.keeper, work_file=work_file)

    def kept(self, *work_files: WorkFile) -> Handover:
        """Hand files over to the agency's own archive, to the end."""
        handover = actions.hand_over(self.keeper, agency=self.agency, work_files=work_files)
        actions.receive(self.archivist, handover=handover)
        for line in handover.lines.all():
            pack.func(line_id=line.pk)
            actions.judge(self.archivist, handover=handover, work_file=line.work_file, passed=True)
        actions.complete(self.archivist, handover=handover)
        write_handover_minutes.func(handover_id=handover.pk)
        return Handover.objects.get(pk=handover.pk)


def aged(work_file: WorkFile, years: int) -> WorkFile:
    """The same file, closed so many years ago."""
    day = timezone.localdate() - timedelta(days=366 * years)
    WorkFile.objects.filter(pk=work_file.pk).update(opened_on=day, closed_on=day)
    return WorkFile.objects.get(pk=work_file.pk)
