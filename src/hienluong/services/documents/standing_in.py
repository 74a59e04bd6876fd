"""Who stands in for a leader that lent the power to approve or to sign, and how the paper then says it.

Nghị định 30/2020/NĐ-CP, Điều 13: a deputy signs for the head ("KT."), also one who is charged with the head's work for a
time; the head of a division by a written delegation that names its days ("TUQ."), which is not lent on. Whoever stands in
for the head of a division that signs by order ("TL.") is its deputy. The lines are those of Phụ lục I, Phần I, Mục II, khoản 7.
"""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.identity.models import Role
from hienluong.foundation.identity.suspending import resting
from hienluong.foundation.organisations.models import Delegation, Official, Organization, Position

from . import competence, letterheads
from .competence import Post
from .models import Competence, Document


def lent(agency: Organization, lender: Official, delegate: Official, permission: str) -> list[Post]:
    """The posts of `lender` in an agency and its divisions whose power to do this is lent to `delegate` today.

    A post that ended, or that rests, lends nothing.
    """
    today = timezone.localdate()
    named = Q(permissions=[]) | Q(permissions__contains=[permission])
    running = Delegation.objects.filter(named, delegate=delegate, valid__contains=today, revoked_at__isnull=True)
    roles = list(Role.objects.filter(permissions__contains=[permission]).values_list("code", flat=True))
    held = Position.objects.filter(
        ~resting(),
        official=lender,
        role__in=roles,
        valid__contains=today,
        pk__in=running.values("position"),
        organization__path__startswith=agency.path,
    ).select_related("official", "organization")
    inside = competence.within(agency)
    return [competence.of_position(post, agency) for post in held if post.organization_id in inside]


def delegates_of(official: Official, agency: Organization) -> list[int]:
    """The officials to whom somebody lends the power to approve or to sign in an agency today; one query."""
    running = Delegation.objects.filter(
        Q(permissions=[]) | Q(permissions__overlap=["documents.approve", "documents.sign"]),
        position__official=official,
        position__organization__path__startswith=agency.path,
        position__valid__contains=timezone.localdate(),
        valid__contains=timezone.localdate(),
        revoked_at__isnull=True,
    )
    return list(running.order_by("pk").values_list("delegate", flat=True))


def ways(agency: Organization, lender: Official, delegate: Official) -> list[tuple[Post, str]]:
    """How `delegate` may sign for `lender` today: by which post of their own, in which form. Empty: not at all."""
    head = [post for post in lent(agency, lender, delegate, "documents.sign") if post.in_agency]
    division = [
        post for post in lent(agency, lender, delegate, "documents.approve") if not post.in_agency and post.is_head
    ]
    if not head and not division:
        return []
    signing = {post.organization.pk for post in _own(agency, delegate, "documents.sign")}
    letterhead, found = letterheads.of(agency), list[tuple[Post, str]]()
    for post in _own(agency, delegate, "documents.read"):
        if post.in_agency:
            forms = (competence.usual(post, letterhead), Competence.KT, Competence.OWN)
            may_sign = post.organization.pk in signing
            found += [(post, form) for form in forms if competence.fits(post, form, agency, may_sign=may_sign)][:1]
        elif post.is_head and any(each.is_head or each.is_acting for each in head):
            found.append((post, Competence.TUQ))
        elif post.is_deputy and any(each.organization == post.organization for each in division):
            found.append((post, Competence.TL))
    return found


def way(document: Document, lender: Official, delegate: Official) -> tuple[Post, str]:
    """How `delegate` signs this document for `lender`. :class:`InvalidInput` says why not."""
    if document.competence == Competence.TUQ:
        raise InvalidInput(
            _("Người ký thừa ủy quyền không được ủy quyền lại (Nghị định 30/2020/NĐ-CP, Điều 13)."),
            field="signer",
            code="documents.not_lent_on",
        )
    by_order = document.competence == Competence.TL
    for post, form in ways(document.agency, lender, delegate):
        if (
            by_order or form != Competence.TL
        ):  # the deputy of a division stands in only for what its head signs by order
            return post, form
    if any(lent(document.agency, lender, delegate, each) for each in ("documents.sign", "documents.approve")):
        raise InvalidInput(
            _(
                "%(name)s được %(lender)s ủy quyền nhưng chức vụ không ký thay được: chỉ cấp phó (KT.) hoặc người đứng đầu "
                "đơn vị trực thuộc (TUQ.) ký thay người đứng đầu (Nghị định 30/2020/NĐ-CP, Điều 13)."
            )
            % {"name": delegate.full_name, "lender": lender.full_name},
            field="signer",
            code="documents.not_entitled",
        )
    raise not_lent(lender, delegate)


def not_lent(lender: Official, delegate: Official) -> InvalidInput:
    """What is said where a delegation does not run, or runs no longer."""
    return InvalidInput(
        _(
            "Hôm nay không có ủy quyền ký văn bản của %(lender)s cho %(name)s, hoặc ủy quyền đã hết, đã thu hồi. Văn bản "
            "phải trình lại người có thẩm quyền ký."
        )
        % {"name": delegate.full_name, "lender": lender.full_name},
        field="signer",
        code="documents.not_lent",
    )


def entitled(document: Document) -> Post:
    """The post by which the signer of a document may sign it today: their own, or while the power they sign with is lent.

    :class:`InvalidInput` says why there is none.
    """
    assert document.signer is not None
    if document.signs_for is None:
        return competence.post_for(document.agency, document.signer, document.competence)
    for post, form in ways(document.agency, document.signs_for, document.signer):
        if form == document.competence:
            return post
    raise not_lent(document.signs_for, document.signer)


def _own(agency: Organization, official: Official, permission: str) -> list[Post]:
    return [post for post in competence.posts_in(agency, permission) if post.official == official]
