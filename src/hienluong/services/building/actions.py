"""The verbs of drafts: begin, save, undo, redo, go back to a state, install. Nobody overwrites another's work."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotFound, action
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.positions import parse, validated
from hienluong.services.packs import actions as packs
from hienluong.services.packs import contents, planning, signatures
from hienluong.services.procedures.installing import Installed
from hienluong.services.procedures.packs import Manifest

from . import files as texts
from . import yaml_text
from .files import MANIFEST, Files
from .models import Draft, State
from .numbering import numbered
from .permission import BUILD

MAX_STATES = 5000


class Overtaken(DomainError):
    """Somebody saved the draft since it was looked at."""

    code = "building.overtaken"


class NothingToDo(DomainError):
    """There is nothing to undo, or nothing that was undone."""

    code = "building.nothing"


@action("building.begin")
def begin(act: Act, *, name: str, title: str, owner: Organization, description: str = "") -> Draft:
    """A new draft with an empty pack."""
    manifest = {"name": name, "title": title, "version": "1.0.0", "owner": owner.name, "depends_on": []}
    manifest = yaml_text.put(manifest, "description", description.strip(), Manifest.model_fields)
    return _begun(act, {MANIFEST: yaml_text.dump(manifest)}, owner, _("Bắt đầu gói"))


@action("building.bring")
def bring(act: Act, *, files: Files, owner: Organization, source: str) -> Draft:
    """A draft from the files of a pack; `source` says in words where they came from. Its name must be free."""
    return _begun(act, files, owner, _("Lấy từ %(source)s") % {"source": source})


@action("building.bring_zip")
def bring_zip(act: Act, *, body: bytes, owner: Organization) -> Draft:
    """A draft from a pack in a ZIP. What is built here needs no signature, so what comes from elsewhere must have it before: where
    packs must be signed, this door is no wider than that of installing. Raises :class:`InvalidInput`."""
    act.require(BUILD.code, owner.path)
    read = contents.from_zip(body)
    files = texts.taken(read)
    signed = signatures.standing(read.content)
    if said := next((str(fault) for fault in signed.faults), "") or planning.untrusted(signed):
        raise InvalidInput(said, code="building.untrusted", field="file")
    return bring(act, files=files, owner=owner, source=_("tệp .zip"))


@action("building.save")
def save(act: Act, *, draft: Draft, files: Files, words: str, expected: int) -> State:
    """Keep a new state after the one that was looked at (`expected`, its key); the same texts again change nothing.

    Raises :class:`Overtaken` when somebody saved in between. A draft may have faults: they are shown, and stop only
    its installing.
    """
    locked = _locked(act, draft, expected)
    head = _head(locked)
    texts.require_sound(files)
    manifest = _manifest(files)
    if manifest.name != locked.name:
        raise InvalidInput(_("Tên của gói không đổi được: %(name)s.") % {"name": locked.name}, field="name")
    kept = texts.keep(files)
    if kept == head.files:
        act.record(locked, note=_("Không có gì mới."), organization_id=locked.owner_id)
        return head
    state = _state(act, locked, kept, words, head)
    locked.head = locked.tip = state
    locked.title = manifest.title[:200]
    locked.save(update_fields=("head", "tip", "title"))
    changed = sorted(path for path in {*kept, *head.files} if kept.get(path) != head.files.get(path))
    act.record(locked, after={"state": state.number, "files": changed[:50]}, organization_id=locked.owner_id)
    return state


@action("building.undo")
def undo(act: Act, *, draft: Draft, expected: int) -> State:
    """Go back to the state before; what was undone stays and can be done again."""
    locked = _locked(act, draft, expected)
    before = _head(locked).parent
    if before is None:
        raise NothingToDo(_("Không còn gì để hoàn tác."))
    return _stand_at(act, locked, before)


@action("building.redo")
def redo(act: Act, *, draft: Draft, expected: int) -> State:
    """Do again what was undone last."""
    locked = _locked(act, draft, expected)
    following = next_of(locked)
    if following is None:
        raise NothingToDo(_("Không có gì để làm lại."))
    return _stand_at(act, locked, following)


@action("building.restore")
def restore(act: Act, *, draft: Draft, state: State, expected: int) -> State:
    """A new state with the texts of an earlier one."""
    if state.draft_id != draft.pk:
        raise NotFound(_("Không có bản này."))
    words = _("Trở lại bản %(number)d") % {"number": state.number}
    act.require(BUILD.code, draft.owner.path)
    act.record(draft, after={"state": state.number}, organization_id=draft.owner_id)
    return save(act, draft=draft, files=texts.of(state), words=words, expected=expected)


@action("building.install")
def install(act: Act, *, draft: Draft, expected: int, plan: str = "") -> Installed:
    """Put the draft into force as any pack is installed: whole or not at all. Repeating it changes nothing.

    When its number stands for other texts that are installed, it is given the next one first, as a state of its own. `plan` is the
    mark of the plan that was agreed to. Raises what :func:`hienluong.services.packs.actions.install` raises.
    """
    locked = _locked(act, draft, expected)
    head = _head(locked)
    files = numbered(texts.of(head))
    bundle = texts.check(files).bundle
    if files != texts.of(head):
        words = _("Tăng phiên bản của gói lên %(version)s để cài") % {"version": bundle.version}
        head = save(act, draft=locked, files=files, words=words, expected=head.pk)
        locked = _locked(act, draft, head.pk)
    done = packs.install(act, bundle=bundle, owner=locked.owner, expected=plan).installed
    locked.installed, locked.installed_at = head, timezone.now()
    locked.save(update_fields=("installed", "installed_at"))
    act.record(
        locked, after={"state": head.number, "new": done.new, "changed": done.changed}, organization_id=locked.owner_id
    )
    return done


def next_of(draft: Draft) -> State | None:
    """The state that doing again leads to: the one after the head on the way to the tip."""
    parents = dict(State.objects.filter(draft=draft).values_list("pk", "parent_id"))
    at = draft.tip_id
    while at is not None and parents.get(at) != draft.head_id:
        at = parents.get(at)
    return State.objects.get(pk=at) if at is not None else None


def _begun(act: Act, files: Files, owner: Organization, words: str) -> Draft:
    act.require(BUILD.code, owner.path)
    texts.require_sound(files)
    manifest = _manifest(files)
    try:
        with transaction.atomic():  # whoever begins the same name at once waits here, and is told
            draft = Draft.objects.create(name=manifest.name, title=manifest.title[:200], owner=owner)
    except IntegrityError:
        if not Draft.objects.filter(name=manifest.name).exists():
            raise
        raise InvalidInput(_("Đã có bản nháp của gói “%(name)s”.") % {"name": manifest.name}, field="name") from None
    state = _state(act, draft, texts.keep(files), words, None)
    draft.head = draft.tip = state
    draft.save(update_fields=("head", "tip"))
    act.record(draft, after={"files": sorted(files)[:50]}, organization_id=owner.pk)
    return draft


def _state(act: Act, draft: Draft, kept: Mapping[str, str], words: str, parent: State | None) -> State:
    last = State.objects.filter(draft=draft).order_by("-number").values_list("number", flat=True).first() or 0
    if last >= MAX_STATES:
        raise InvalidInput(_("Bản nháp này đã lưu quá nhiều lần; hãy xuất ra và bắt đầu bản nháp mới."))
    return State.objects.create(
        draft=draft,
        number=last + 1,
        parent=parent,
        files=kept,
        words=words[:300],
        account_id=act.actor.account_id,
        by=act.actor.label[:200],
    )


def _stand_at(act: Act, draft: Draft, state: State) -> State:
    act.record(draft, after={"state": state.number}, organization_id=draft.owner_id)
    draft.head, draft.title = state, _manifest(texts.of(state)).title[:200]
    draft.save(update_fields=("head", "title"))
    return state


def _locked(act: Act, draft: Draft, expected: int) -> Draft:
    locked = Draft.objects.select_for_update(of=("self",)).select_related("owner").get(pk=draft.pk)
    act.require(BUILD.code, locked.owner.path)
    if locked.head_id != expected:
        raise Overtaken(_("Có người vừa sửa bản nháp này. Hãy xem bản mới nhất rồi làm lại."))
    return locked


def _head(draft: Draft) -> State:
    assert draft.head is not None  # only while a draft is being made
    return draft.head


def _manifest(files: Files) -> Manifest:
    """What ``pack.yaml`` says; without it no draft can be named, so it alone must be right at every save."""
    document = parse(files.get(MANIFEST, ""), MANIFEST)
    manifest = validated(document, Manifest)
    if manifest is None:
        raise InvalidInput("; ".join(map(str, document.faults)) or MANIFEST, code="building.manifest", field="name")
    return manifest
