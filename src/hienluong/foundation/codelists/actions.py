"""The verbs of code lists: install what a file says; add, close and correct a code by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, InvalidInput, NotFound, action
from hienluong.foundation.actions.bulk import copy, numbered
from hienluong.foundation.organisations import queries as organisations
from hienluong.foundation.search.text import fold

from . import models, snapshots
from .models import MAX_DEPTH, Code, CodeList, Edition
from .reading import EditionSpec, ListSpec, Loaded
from .rows import MAX_NAME, CodeRow, Pair, by_depth, row_problems

MANAGE = "codelists.manage"
_AT_ONCE = 2000


@dataclass
class Installed:
    """What installing did, by ``list/edition``."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)

    def __iadd__(self, other: Installed) -> Installed:
        self.new += other.new
        self.changed += other.changed
        self.same += other.same
        return self


def province_path() -> str:
    """The path at which lists are managed: they belong to the province as a whole."""
    try:
        return organisations.province().path
    except NotFound:
        return "/"


@action("codelists.install")
def install(act: Act, *, loaded: Loaded, pack: str = "") -> Installed:
    """Bring a list to what its file says; doing it again changes nothing.

    An edition that begins later ends the one before. An edition that is there with other content is brought up to it: new
    codes come in, names and places are corrected; a code that is gone from the file is refused, for it may be in use, and
    what was changed by hand stays. A mapping may join an edition that the file does not bring but the database holds.
    Raises InvalidInput for faults of the file, for a list of another pack, for editions that overlap.
    """
    act.require(MANAGE, province_path())
    if loaded.faults or loaded.spec is None:
        raise InvalidInput(
            _("Tệp danh mục còn %(count)d lỗi: %(first)s")
            % {"count": len(loaded.faults), "first": loaded.faults[0] if loaded.faults else loaded.file},
            code="codelists.faulty",
            field="file",
            faults=[str(fault) for fault in loaded.faults],
        )
    spec, done = loaded.spec, Installed()
    owner = _list(spec, pack)
    editions: dict[str, Edition] = {}
    for edition in sorted(spec.editions, key=lambda each: each.valid_from or date.min):
        editions[edition.code] = _edition(owner, edition, loaded, done)
    mapped = 0
    for (source, target), pairs in loaded.pairs.items():
        ends = [editions.get(each) or _held(owner, each) for each in (source, target)]
        mapped += _map(ends[0], ends[1], pairs)
    if not (done.new or done.changed or mapped):
        act.record(owner, note=_("Không có gì mới."))
        return done
    snapshots.changed()
    act.record(owner, after={"new": done.new, "changed": done.changed, "mappings": mapped}, note=loaded.file)
    act.emit("codelist.changed", owner, {"list": owner.code, "new": done.new, "changed": done.changed})
    return done


def _list(spec: ListSpec, pack: str) -> CodeList:
    owner, _new = CodeList.objects.get_or_create(code=spec.code, defaults={"title": spec.title, "pack": pack})
    owner = CodeList.objects.select_for_update().get(pk=owner.pk)
    if owner.pack != pack:
        raise InvalidInput(
            _("Danh mục “%(code)s” thuộc gói khác (%(pack)s).") % {"code": spec.code, "pack": owner.pack or "—"},
            field="code",
        )
    said = {name: getattr(spec, name) for name in ("title", "title_en", "description", "coding")}
    if any(getattr(owner, name) != value for name, value in said.items()):
        for name, value in said.items():
            setattr(owner, name, value)
        owner.save(update_fields=list(said))
    return owner


def _edition(owner: CodeList, spec: EditionSpec, loaded: Loaded, done: Installed) -> Edition:
    digest, name = loaded.digest(spec), f"{owner.code}/{spec.code}"
    said = {
        "title": spec.title,
        "legal_basis": spec.legal_basis,
        "source": spec.source,
        "note": spec.note,
        "digest": digest,
    }
    there = Edition.objects.filter(codelist=owner, code=spec.code).first()
    if there is not None and there.digest == digest:
        done.same.append(name)
        return there
    if there is not None:
        for attribute, value in said.items():
            setattr(there, attribute, value)
        _ending(there, DateRange(spec.valid_from, spec.valid_to))
        _bring_up(there, loaded.rows[spec.code])
        done.changed.append(name)
        return there
    if spec.valid_from:
        _end_before(owner, spec.valid_from)
    made = Edition(codelist=owner, code=spec.code, valid=DateRange(spec.valid_from, spec.valid_to), **said)
    _ending(made, made.valid)
    _fill(made, loaded.rows[spec.code], {})
    done.new.append(name)
    return made


def _end_before(owner: CodeList, day: date) -> None:
    """The edition that has no end yet ends where the next begins."""
    before = Edition.objects.filter(codelist=owner, valid__startswith__lt=day, valid__upper_inf=True).first()
    before = before or Edition.objects.filter(codelist=owner, valid__lower_inf=True, valid__upper_inf=True).first()
    if before is not None:
        before.valid = DateRange(before.valid.lower, day)
        before.save(update_fields=["valid"])


def _ending(edition: Edition, valid: DateRange) -> None:
    """Save an edition over these days. One that a later edition has ended stays ended."""
    if edition.pk and valid.upper is None and edition.valid.upper is not None and edition.valid.lower == valid.lower:
        valid = edition.valid
    edition.valid = valid
    try:
        with transaction.atomic():
            edition.save()
    except IntegrityError:
        raise InvalidInput(
            _("Hiệu lực của “%(edition)s” chồng lên một ấn bản đã có.") % {"edition": edition.title}, field="valid_from"
        ) from None


#: What tells one row of an edition from another: the code, and since when.
_Key = tuple[str, date | None]


def _fill(edition: Edition, rows: Sequence[CodeRow], there: Mapping[_Key, Code]) -> None:
    """Write codes that are not there yet, level by level: a parent has its number before its children come."""
    parents = {value: code for (value, _since), code in there.items()}
    written: list[Code] = []
    for depth, level in enumerate(by_depth(rows)):
        fresh = [
            _new_code(edition, row, place, parents.get(row.parent), depth)
            for place, row in level
            if (row.value, row.since) not in there
        ]
        written += numbered(fresh)
        parents.update((code.value, code) for code in fresh)
    copy(Code, written)


def _new_code(edition: Edition, row: CodeRow, place: int, parent: Code | None, depth: int) -> Code:
    return Code(
        edition=edition,
        value=row.value,
        parent=parent,
        depth=depth,
        name=row.name,
        name_en=row.name_en,
        valid=DateRange(row.since, row.until),
        order=place,
        attributes=dict(row.attributes),
        search_text=words_of(row.value, row.name, row.name_en),
    )


def words_of(value: str, name: str, name_en: str) -> str:
    """The text by which a code is found: folded."""
    return fold(f"{value} {name} {name_en}")


def _bring_up(edition: Edition, rows: Sequence[CodeRow]) -> None:
    """Correct an edition that is there already."""
    there = _there(edition)
    by_hand = {value for (value, _since), code in there.items() if code.by_hand}
    said = {row.value for row in rows}
    gone = sorted({value for value, _since in there} - said - by_hand)
    if gone:
        raise InvalidInput(
            _("Tệp không còn mã %(codes)s của ấn bản “%(edition)s”; hãy đóng mã hoặc ra ấn bản mới.")
            % {"codes": ", ".join(gone[:5]), "edition": edition.title},
            field="file",
        )
    rows = [row for row in rows if row.value not in by_hand]
    try:
        with transaction.atomic():
            _write_again(edition, rows, _begun_anew(rows, there))
    except IntegrityError:
        raise InvalidInput(
            _("Có mã của tệp chồng thời gian lên mã đã có của ấn bản “%(edition)s”.") % {"edition": edition.title},
            field="file",
        ) from None


def _begun_anew(rows: Sequence[CodeRow], there: dict[_Key, Code]) -> dict[_Key, Code]:
    """The rows of an edition, of which those that stand there once and in the file once begin when the file says."""
    olds, news = Counter(value for value, _since in there), Counter(row.value for row in rows)
    for row in rows:
        if (row.value, row.since) in there or not olds[row.value] == news[row.value] == 1:
            continue
        old = next(key for key in there if key[0] == row.value)
        code = there.pop(old)
        code.valid = DateRange(row.since, row.until)
        code.save(update_fields=["valid"])
        there[row.value, row.since] = code
    return there


def _write_again(edition: Edition, rows: Sequence[CodeRow], there: Mapping[_Key, Code]) -> None:
    """Write what is new in the file, and what it says otherwise."""
    _fill(edition, rows, there)
    now = _there(edition)
    parents = {value: code for (value, _since), code in now.items()}
    changed = []
    for depth, level in enumerate(by_depth(rows)):
        for place, row in level:
            code, wanted = now[row.value, row.since], _new_code(edition, row, place, parents.get(row.parent), depth)
            if any(getattr(code, name) != getattr(wanted, name) for name in _FROM_FILE):
                for name in _FROM_FILE:
                    setattr(code, name, getattr(wanted, name))
                changed.append(code)
    Code.objects.bulk_update(changed, _FROM_FILE, batch_size=_AT_ONCE)


def _there(edition: Edition) -> dict[_Key, Code]:
    """The rows of an edition, the older of a code before the newer."""
    return {(code.value, code.valid.lower): code for code in edition.codes.order_by("valid")}


_FROM_FILE = ("parent_id", "depth", "name", "name_en", "valid", "order", "attributes", "search_text")


def _held(owner: CodeList, code: str) -> Edition:
    """An edition that a mapping names and the file does not bring."""
    there = Edition.objects.filter(codelist=owner, code=code).first()
    if there is None:
        raise InvalidInput(
            _("Danh mục “%(list)s” chưa có ấn bản “%(edition)s”.") % {"list": owner.title, "edition": code},
            field="mappings",
        )
    return there


def _map(source: Edition, target: Edition, pairs: Iterable[Pair]) -> int:
    """Bring the mapping between two editions to what the file says; returns how many lines changed."""
    olds, news, pairs = _by_value(source), _by_value(target), list(pairs)
    for edition, held, named in (
        (source, olds, {pair.source for pair in pairs}),
        (target, news, {pair.target for pair in pairs}),
    ):
        if gone := sorted(named - held.keys()):
            raise InvalidInput(
                _("Ấn bản “%(edition)s” không có mã %(codes)s.")
                % {"edition": edition.title, "codes": ", ".join(gone[:5])},
                field="mappings",
            )
    wanted = {(olds[pair.source], news[pair.target]): (pair.kind, pair.is_primary) for pair in pairs}
    rows = models.Mapping.objects.filter(source__edition=source, target__edition=target)
    there = {
        (old, new): (pk, (kind, main))
        for pk, old, new, kind, main in rows.values_list("pk", "source", "target", "kind", "is_primary")
    }
    stale = [pk for ends, (pk, said) in there.items() if wanted.get(ends) != said]
    models.Mapping.objects.filter(pk__in=stale).delete()
    fresh = [
        models.Mapping(source_id=old, target_id=new, kind=kind, is_primary=main)
        for (old, new), (kind, main) in wanted.items()
        if (old, new) not in there or there[old, new][1] != (kind, main)
    ]
    copy(models.Mapping, fresh)
    return len(fresh) + len(stale)


def _by_value(edition: Edition) -> dict[str, int]:
    """The newest row of each code of an edition."""
    return dict(edition.codes.order_by("valid").values_list("value", "pk"))


@action("codelists.add")
def add(
    act: Act,
    *,
    edition: Edition,
    value: str,
    name: str,
    legal_basis: str,
    name_en: str = "",
    parent: str = "",
    since: date | None = None,
    until: date | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> Code:
    """Add a code to an edition, from `since` on (as long as the edition when None). Raises InvalidInput."""
    act.require(MANAGE, province_path())
    edition = Edition.objects.select_for_update().get(pk=edition.pk)
    basis = _basis(legal_basis)
    row = CodeRow(value.strip(), parent.strip(), " ".join(name.split()), " ".join(name_en.split()), since, until)
    for _line, message in row_problems([CodeRow(row.value, "", row.name, row.name_en, since, until)]):
        raise InvalidInput(message, field="value" if "mã phải" in message else "name")
    for field_name, day in (("since", since), ("until", until)):
        _within(edition, day, field_name)
    above = _parent(edition, row)
    last = edition.codes.aggregate(last=Max("order"))["last"]
    code = _new_code(edition, row, 0 if last is None else last + 1, above, above.depth + 1 if above else 0)
    code.attributes, code.by_hand, code.legal_basis = dict(attributes or {}), True, basis
    try:
        with transaction.atomic():
            code.save()
    except IntegrityError:
        raise InvalidInput(
            _("Mã “%(value)s” đã có trong thời gian đó.") % {"value": row.value}, field="value"
        ) from None
    _told(
        act, code, {}, {"value": code.value, "name": code.name, "parent": row.parent, "since": _written(since)}, basis
    )
    return code


def _parent(edition: Edition, row: CodeRow) -> Code | None:
    if not row.parent:
        return None
    above = edition.codes.filter(value=row.parent).order_by("-valid").first()
    if above is None:
        raise InvalidInput(_("Không có mã cha “%(value)s”.") % {"value": row.parent[:40]}, field="parent")
    if row.value == row.parent or above.depth >= MAX_DEPTH:
        raise InvalidInput(_("Không đặt được mã dưới “%(value)s”.") % {"value": row.parent}, field="parent")
    closes = above.valid.upper
    if closes and (row.until is None or row.until > closes):
        raise InvalidInput(
            _("Mã cha “%(value)s” đóng từ ngày %(day)s.") % {"value": row.parent, "day": f"{closes:%d/%m/%Y}"},
            field="parent",
        )
    other = edition.codes.filter(value=row.value).exclude(parent__value=row.parent).exists()
    if other:
        raise InvalidInput(
            _("Mã “%(value)s” trước đây nằm dưới mã khác; hãy đặt mã mới.") % {"value": row.value}, field="value"
        )
    return above


@action("codelists.close")
def close(act: Act, *, code: Code, on: date, legal_basis: str) -> Code:
    """End a code: `on` is the first day without it. Codes below it must have ended by then. Raises InvalidInput."""
    act.require(MANAGE, province_path())
    Edition.objects.select_for_update().get(pk=code.edition_id)  # whoever adds a code below it waits
    code = Code.objects.select_for_update().get(pk=code.pk)
    basis = _basis(legal_basis)
    _within(code.edition, on, "on")
    begins = code.valid.lower or code.edition.valid.lower
    if begins and on <= begins:
        raise InvalidInput(_("Ngày đóng phải sau ngày mã có hiệu lực."), field="on")
    if code.valid.upper and code.valid.upper <= on:
        raise InvalidInput(_("Mã này đã đóng từ trước ngày đó."), field="on")
    still = DateRange(on, None)  # on that day or later
    open_below = Code.objects.filter(edition=code.edition, parent__value=code.value, valid__overlap=still)
    if left := open_below.count():
        raise InvalidInput(_("Còn %(count)d mã con chưa đóng.") % {"count": left}, field="on")
    before = {"valid_to": _written(code.valid.upper)}
    code.valid, code.by_hand, code.legal_basis = DateRange(code.valid.lower, on), True, basis
    code.save(update_fields=["valid", "by_hand", "legal_basis"])
    _told(act, code, before, {"valid_to": _written(on)}, basis)
    return code


@action("codelists.correct")
def correct(act: Act, *, code: Code, name: str, legal_basis: str, name_en: str = "") -> Code:
    """Write the name of a code as it should have been written all along. Raises InvalidInput."""
    act.require(MANAGE, province_path())
    code = Code.objects.select_for_update().get(pk=code.pk)
    basis, name, name_en = _basis(legal_basis), " ".join(name.split()), " ".join(name_en.split())
    if not name or len(name) > MAX_NAME or len(name_en) > MAX_NAME:
        raise InvalidInput(_("Tên phải có từ 1 đến %(most)d ký tự.") % {"most": MAX_NAME}, field="name")
    before = {"name": code.name, "name_en": code.name_en}
    code.name, code.name_en, code.search_text = name, name_en, words_of(code.value, name, name_en)
    code.by_hand, code.legal_basis = True, basis
    code.save(update_fields=["name", "name_en", "search_text", "by_hand", "legal_basis"])
    _told(act, code, before, {"name": name, "name_en": name_en}, basis)
    return code


def _basis(text: str) -> str:
    found = " ".join(text.split())
    if not found:
        raise InvalidInput(_("Phải nêu căn cứ pháp lý."), field="legal_basis")
    if len(found) > 200:
        raise InvalidInput(_("Căn cứ pháp lý không được dài quá 200 ký tự."), field="legal_basis")
    return found


def _within(edition: Edition, day: date | None, field_name: str) -> None:
    lower, upper = edition.valid.lower, edition.valid.upper
    if day and ((lower and day < lower) or (upper and day > upper)):
        raise InvalidInput(
            _("Ngày phải nằm trong hiệu lực của ấn bản “%(edition)s”.") % {"edition": edition.title}, field=field_name
        )


def _told(act: Act, code: Code, before: Mapping[str, Any], after: Mapping[str, Any], basis: str) -> None:
    snapshots.changed()
    act.record(code, before=before, after=after, note=basis)
    act.emit("codelist.changed", code.edition.codelist, {"list": code.edition.codelist.code, "codes": [code.value]})


def _written(day: date | None) -> str | None:
    return day.isoformat() if day else None
