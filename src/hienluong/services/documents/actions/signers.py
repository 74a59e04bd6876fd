"""Who signs a document: somebody in the place of a leader that lent the power, and back again.

Nghị định 30/2020/NĐ-CP, Điều 13 (:mod:`..standing_in` says who may and in which form).
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, InvalidInput, NotAllowed
from hienluong.foundation.organisations.models import Official

from .. import access, competence, letterheads, standing_in
from ..models import Document, Why

_FIELDS = ("signer", "signer_name", "signer_title", "competence", "signs_for", "signs_for_as", "changed_at")


def stand_in_for(act: Act, document: Document, lender: Official) -> None:
    """Make the actor the signer of a locked document in the place of `lender`; part of the caller's action.

    :class:`InvalidInput` when nothing is lent, or when the actor's post signs for nobody.
    """
    delegate = Official.objects.filter(pk=act.actor.official_id or 0).first()
    if delegate is None:
        raise NotAllowed(_("Văn bản này không chờ chữ ký của bạn."), permission="documents.sign")
    post, form = standing_in.way(document, lender, delegate)
    access.note_lender(act.actor, lender.full_name)
    document.signs_for, document.signs_for_as = lender, document.competence
    _put(document, post, form)
    document.save(update_fields=_FIELDS)
    access.let_read(document, agency=document.agency, why=Why.SIGNER, official=delegate, by_label=act.actor.label[:200])
    act.record(
        document,
        before={"signer": lender.pk, "competence": document.signs_for_as},
        after={"signer": delegate.pk, "competence": form},
        organization_id=document.agency_id,
        note=f"{delegate.full_name} ký thay {lender.full_name} theo ủy quyền",
    )


def give_back(document: Document) -> None:
    """Make who was to sign a locked document before somebody stood in its signer again; nothing when nobody did."""
    if document.signs_for is None:
        return
    lender, form = document.signs_for, document.signs_for_as
    document.signs_for, document.signs_for_as = None, ""
    try:
        _put(document, competence.post_for(document.agency, lender, form), form)
    except InvalidInput:  # their post ended meanwhile: who drafts chooses another signer
        document.signer, document.signer_name, document.signer_title, document.competence = None, "", "", ""
    document.save(update_fields=_FIELDS)


def _put(document: Document, post: competence.Post, form: str) -> None:
    document.signer, document.signer_name, document.competence = post.official, post.official.full_name[:100], form
    document.signer_title = competence.lines(post, form, letterheads.of(document.agency))[1][:150]
