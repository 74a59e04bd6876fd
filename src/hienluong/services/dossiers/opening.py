"""Who may open a file of a dossier: its own people and the officials who may see the dossier, nobody else."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from hienluong.capabilities.signing.long_term import paper_of_copy
from hienluong.foundation.actions import Actor
from hienluong.foundation.audit.reads import log_read
from hienluong.foundation.files.access import register
from hienluong.foundation.files.models import StoredFile

from . import access
from .charging import outstanding
from .models import Dossier, DossierPaper, IssuedPaper, Result, State


def may_take_result(dossier: Dossier) -> bool:
    """Whether the person may take the electronic result: handed over, or ready for online delivery and paid for."""
    if dossier.state == State.RETURNED:
        return True
    return dossier.delivery == "online" and dossier.state == State.COMPLETED and not outstanding(dossier)


def open_paper(actor: Actor, file: StoredFile) -> bool | None:
    """A paper handed in. A file still in a draft belongs to its owner alone: no answer, `files` decides itself.

    Once handed in, who scanned it may see it no longer than they may see the dossier.
    """
    papers = list(DossierPaper.objects.filter(file=file).select_related("dossier__received_at_org"))
    if not papers:
        return None
    return any(access.decide_view(actor, paper.dossier).allowed for paper in papers)


def open_issued_paper(actor: Actor, file: StoredFile) -> bool:
    """A receipt, a supplement request, a refusal …"""
    papers = IssuedPaper.objects.filter(file=file).select_related("dossier__received_at_org")
    return any(access.decide_view(actor, paper.dossier).allowed for paper in papers)


def _is_of(file: StoredFile) -> Q:
    """The result that this file is: as issued, or as kept for the long term."""
    return Q(file=file) | paper_of_copy(file.pk)


def open_result(actor: Actor, file: StoredFile) -> bool:
    """A signed result or its long-term copy: officials at once, the person when it is handed over.

    Also for those who work on another dossier of the person to which it was attached instead of a paper handed in.
    """
    attached = DossierPaper.objects.filter(file=file).select_related("dossier__received_at_org")
    if any(access.decide_view(actor, paper.dossier).allowed for paper in attached):
        return True
    result = Result.objects.filter(_is_of(file)).select_related("dossier__received_at_org").first()
    if result is None or not access.decide_view(actor, result.dossier).allowed:
        return False
    if not access.is_own(actor, result.dossier):
        return True
    return access.may_do(actor, result.dossier, "receive") and may_take_result(result.dossier)


def register_files() -> None:
    """Tell `files` who may open what."""
    register("dossiers.paper", open_paper, opened=log_look)
    register("dossiers.issued_paper", open_issued_paper, opened=log_look)
    register("dossiers.result", open_result, opened=log_look)


def log_look(actor: Actor, file: StoredFile) -> None:
    """Write down that an official looked into a person's paper, so that the person can see it (Law 91/2025/QH15)."""
    holds = Q(Exists(Result.objects.filter(_is_of(file), dossier=OuterRef("pk"))))
    for model in (DossierPaper, IssuedPaper):
        holds |= Q(Exists(model._default_manager.filter(dossier=OuterRef("pk"), file=file)))
    for dossier in Dossier.objects.filter(holds):
        if access.is_own(actor, dossier):
            continue
        log_read(
            party_id=dossier.subject_id,
            actor_id=actor.account_id,
            actor_label=actor.label,
            organization_id=actor.organization_id,
            fields=[file.purpose],
            purpose="Giải quyết thủ tục hành chính",
            subject=dossier.code,
            ip=actor.ip,
        )
