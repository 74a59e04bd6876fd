"""Dossiers: one request by a party under one procedure version and one rule set, to the end."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from typing import Any, ClassVar, Self

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.workflow.models import Instance
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.foundation.people.models import Party
from hienluong.services.procedures.models import Procedure, ProcedureVersion, RuleSet


class Channel(models.TextChoices):
    COUNTER = "counter", _("Trực tiếp tại quầy")
    ONLINE = "online", _("Trực tuyến")
    POST = "post", _("Bưu chính công ích")
    NATIONAL_PORTAL = "national_portal", _("Cổng Dịch vụ công quốc gia")


class State(models.TextChoices):
    """Business state. The value in brackets is the national portal's (reference 3.4)."""

    SUBMITTED = "submitted", _("Mới đăng ký")  # 1
    RECEIVED = "received", _("Đã tiếp nhận")  # 2
    REFUSED = "refused", _("Không được tiếp nhận")  # 3
    IN_PROGRESS = "in_progress", _("Đang xử lý")  # 4
    SUPPLEMENT = "supplement", _("Chờ bổ sung")  # 5
    AWAITING_PAYMENT = "awaiting_payment", _("Chờ nghĩa vụ tài chính")  # 6
    WITHDRAWN = "withdrawn", _("Đã rút")  # 7
    STOPPED = "stopped", _("Dừng xử lý")  # 8
    COMPLETED = "completed", _("Đã có kết quả")  # 9
    RETURNED = "returned", _("Đã trả kết quả")  # 10


NATIONAL_STATE: dict[str, int] = {state.value: number for number, state in enumerate(State, start=1)}
OPEN_STATES = (State.SUBMITTED, State.RECEIVED, State.IN_PROGRESS, State.SUPPLEMENT, State.AWAITING_PAYMENT)
PAUSED_STATES = (State.SUPPLEMENT, State.AWAITING_PAYMENT)
RUNNING_STATES = tuple(state for state in OPEN_STATES if state not in PAUSED_STATES)  # the clock of these runs
CLOSED_STATES = (State.REFUSED, State.WITHDRAWN, State.STOPPED, State.RETURNED)


class PaymentState(models.TextChoices):
    NONE = "none", _("Không thu phí")
    DUE = "due", _("Chưa thanh toán")
    PAID = "paid", _("Đã thanh toán")
    REFUNDED = "refunded", _("Đã hoàn")


class DeliveryState(models.TextChoices):
    NOT_READY = "not_ready", _("Chưa có kết quả")
    READY = "ready", _("Chờ trả")
    ON_THE_WAY = "on_the_way", _("Đang chuyển phát")
    DELIVERED = "delivered", _("Đã nhận")


class SyncState(models.TextChoices):
    NOT_NEEDED = "not_needed", _("Không đồng bộ")
    WAITING = "waiting", _("Chờ đồng bộ")
    SYNCED = "synced", _("Đã đồng bộ")
    FAILED = "failed", _("Đồng bộ lỗi")


class Draft(models.Model):
    """What a person has typed so far; saved on every step, kept until it is filed or thrown away."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.ForeignKey(Account, models.CASCADE, related_name="drafts")
    procedure_version = models.ForeignKey(ProcedureVersion, models.PROTECT, related_name="+")
    data = models.JSONField(default=dict)
    papers = models.JSONField(default=dict)  # paper code → list of StoredFile ids
    page = models.CharField(max_length=40, blank=True)
    subject = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")  # whose matter; None: not yet said
    relation = models.CharField(max_length=100, blank=True)  # of the person who files to `subject`
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    delivery = models.CharField(max_length=12, default="online")
    updated_at = models.DateTimeField(auto_now=True)
    filed_as = models.OneToOneField("Dossier", models.PROTECT, null=True, related_name="draft")

    def __str__(self) -> str:
        return str(self.id)


class CounterDraft(models.Model):
    """What a clerk has typed so far for a person at the counter, as it was typed; emptied once it is filed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account = models.ForeignKey(Account, models.CASCADE, related_name="counter_drafts")
    procedure = models.ForeignKey(Procedure, models.PROTECT, related_name="+")
    typed = models.JSONField(default=dict)  # name of the box → list of texts
    label = models.CharField(max_length=200, blank=True)  # the person's name, to find it again by
    updated_at = models.DateTimeField(auto_now=True)
    filed_as = models.OneToOneField("Dossier", models.PROTECT, null=True, related_name="counter_draft")

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=("account", "-updated_at"), name="counter_draft_open", condition=Q(filed_as__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class Dossier(models.Model):
    """One request. Business, payment, delivery and synchronisation state are four things."""

    code = models.CharField(max_length=50, unique=True)
    procedure_version = models.ForeignKey(ProcedureVersion, models.PROTECT, related_name="dossiers")
    procedure_name = models.CharField(max_length=500)  # as it was on the day of filing
    rule_set = models.ForeignKey(RuleSet, models.PROTECT, related_name="+")
    process = models.OneToOneField(Instance, models.PROTECT, related_name="dossier")

    subject = models.ForeignKey(Party, models.PROTECT, related_name="dossiers")
    filer = models.ForeignKey(Party, models.PROTECT, related_name="filed_dossiers")
    representative = models.ForeignKey(Party, models.PROTECT, null=True, related_name="+")
    relation = models.CharField(
        max_length=100, blank=True
    )  # of who files to the subject: mẹ, người được ủy quyền, giám đốc
    subject_name = models.CharField(max_length=200)

    helped_at = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    received_at_org = models.ForeignKey(Organization, models.PROTECT, related_name="received_dossiers")
    competent = models.ForeignKey(Organization, models.PROTECT, related_name="dossiers")
    handling = models.ForeignKey(Organization, models.PROTECT, related_name="handled_dossiers")
    handling_path = models.CharField(max_length=200)
    # The agency of the next level, when the procedure goes through several ("liên thông"). No index: found by dossier.
    upper = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+", db_index=False)
    assignee = models.ForeignKey(Official, models.PROTECT, null=True, related_name="assigned_dossiers")
    receiver = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")

    channel = models.CharField(max_length=16, choices=Channel.choices)
    delivery = models.CharField(max_length=12, default="counter")  # counter, online, post
    data = models.JSONField(default=dict)
    note = models.TextField(blank=True)

    state = models.CharField(max_length=20, choices=State.choices, default=State.SUBMITTED)
    payment_state = models.CharField(max_length=10, choices=PaymentState.choices, default=PaymentState.NONE)
    delivery_state = models.CharField(max_length=12, choices=DeliveryState.choices, default=DeliveryState.NOT_READY)
    sync_state = models.CharField(max_length=12, choices=SyncState.choices, default=SyncState.NOT_NEEDED)
    national_code = models.CharField(max_length=60, blank=True)

    search_text = models.TextField(editable=False, default="")  # folded: code, names, procedure
    # Who must act now: the BPMN lane, its task, and the path of the organisation whose people act.
    waiting_task = models.CharField(max_length=60, blank=True)
    waiting_lane = models.CharField(max_length=40, blank=True)
    waiting_path = models.CharField(max_length=200, blank=True)

    submitted_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    original_due_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    returned_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    is_late = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-K]\d{2}(\.[0-9A-Z]{2,3}){0,4}-\d{6}-\d{4,7}$"), name="dossier_code_form"
            ),
            models.CheckConstraint(
                condition=Q(received_at__isnull=True) | Q(received_at__gte=F("submitted_at")),
                name="received_after_filed",
            ),
            models.CheckConstraint(
                condition=Q(received_at__isnull=False) | Q(due_at__isnull=True), name="due_only_when_received"
            ),
            models.UniqueConstraint(
                fields=("national_code",), name="dossier_national_code_once", condition=~Q(national_code="")
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                "waiting_lane",
                OpClass("waiting_path", name="text_pattern_ops"),
                "due_at",
                name="dossier_inbox",
                condition=~Q(waiting_lane=""),
            ),
            models.Index(
                OpClass("handling_path", name="text_pattern_ops"), F("submitted_at").desc(), name="dossier_by_area"
            ),
            GinIndex(OpClass("search_text", name="gin_trgm_ops"), name="dossier_search"),
            models.Index(fields=("assignee", "state", "due_at"), name="dossier_by_assignee"),
            models.Index(fields=("subject", "-submitted_at"), name="dossier_by_subject"),
            models.Index(fields=("filer", "-submitted_at"), name="dossier_by_filer"),
            models.Index(fields=("received_at_org", "state", "submitted_at"), name="dossier_at_counter"),
            models.Index(fields=("state", "due_at"), name="dossier_due"),
            models.Index(fields=("submitted_at",), name="dossier_by_time"),
        ]

    def __str__(self) -> str:
        return self.code

    _read: dict[str, Any]

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        super().save(*args, update_fields=update_fields, **kwargs)
        self._remember(update_fields)

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **how: Any) -> Self:
        """A row as it was read, which :meth:`save_changes` compares with."""
        found = super().from_db(db, field_names, values, **how)
        found._read = dict(found.__dict__)
        return found

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Any] | None = None,
    ) -> None:
        names = None if fields is None else list(fields)
        super().refresh_from_db(using, names, from_queryset)
        self._remember(names)

    def _remember(self, names: Iterable[str] | None) -> None:
        """These columns (all when None) are in the row as they are here."""
        fields = self._meta.concrete_fields if names is None else map(self._meta.get_field, names)
        columns = [getattr(field, "attname", field.name) for field in fields]
        here = {name: self.__dict__[name] for name in columns if name in self.__dict__}
        self._read = {**self.__dict__.get("_read", {}), **here}

    def save_changes(self) -> None:
        """Write the columns that differ from what was read or written last: most steps touch five of fifty.

        Answers are replaced, never altered in place; a dictionary altered in place would not be written.
        """
        if self._state.adding:
            self.save()
            return
        read = self.__dict__.get("_read", {})
        columns = [field.attname for field in self._meta.concrete_fields if field.attname in self.__dict__]
        changed = [name for name in columns if name not in read or read[name] != self.__dict__[name]]
        if changed:
            self.save(update_fields=changed)

    @property
    def national_state(self) -> int:
        """The state number of the national portal, 1 to 10."""
        return NATIONAL_STATE[self.state]

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something (a result not yet handed over counts as done)."""
        return self.state in OPEN_STATES

    @property
    def is_overdue(self) -> bool:
        """Whether the due date has passed while the clock runs; a dossier that waits for the person is not late."""
        return self.state in RUNNING_STATES and self.due_at is not None and self.due_at < timezone.now()


class DossierPaper(models.Model):
    """One paper handed in: uploaded, digitised at the counter, or presented."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="papers")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=500)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    originals = models.PositiveSmallIntegerField(default=0)
    copies = models.PositiveSmallIntegerField(default=0)
    checked = models.BooleanField(null=True)  # None: not looked at; True: in order; False: not
    remark = models.CharField(max_length=300, blank=True)
    digitised_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    replaced_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaces")

    def __str__(self) -> str:
        return self.name


class CheckedPaper(models.Model):
    """The clerk's verdict on one paper of the procedure's list; the last one counts, earlier ones are in the audit."""

    class Verdict(models.TextChoices):
        PRESENT = "present", _("Có, đúng")
        MISSING = "missing", _("Thiếu")
        WRONG = "wrong", _("Có nhưng chưa đúng")
        NOT_NEEDED = "not_needed", _("Không cần")

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="checked_papers")
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=500)
    verdict = models.CharField(max_length=12, choices=Verdict.choices)
    originals = models.PositiveSmallIntegerField(default=0)
    copies = models.PositiveSmallIntegerField(default=0)
    remark = models.CharField(max_length=300, blank=True)
    checked_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints: ClassVar = [models.UniqueConstraint(fields=("dossier", "code"), name="one_verdict_a_paper")]

    def __str__(self) -> str:
        return f"{self.code}: {self.verdict}"


class Handover(models.Model):
    """One row of the control sheet: who did which step, when, with which outcome (Phiếu kiểm soát)."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="handovers")
    verb = models.CharField(max_length=40)
    from_official = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    from_label = models.CharField(max_length=200)
    to_lane = models.CharField(max_length=40, blank=True)
    to_label = models.CharField(max_length=200, blank=True)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    outcome = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    public_note = models.TextField(blank=True)
    state_after = models.CharField(max_length=20)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("dossier", "at"), name="handover_by_dossier")]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.verb}"


class Pause(models.Model):
    """A stretch of time that does not count: waiting for a supplement or a payment."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="pauses")
    reason = models.CharField(max_length=20)  # supplement, payment
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("dossier",), name="one_open_pause", condition=Q(ended_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.reason}"


class DeadlineChange(models.Model):
    """Each time the due date was set or moved, with the line-by-line explanation."""

    class Kind(models.TextChoices):
        SET = "set", _("Ấn định khi tiếp nhận")
        SUPPLEMENT = "supplement", _("Cộng thời gian chờ bổ sung")
        APOLOGY = "apology", _("Xin lỗi và hẹn lại")
        REOPEN = "reopen", _("Mở lại theo quyết định")

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="deadline_changes")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    due_before = models.DateTimeField(null=True)
    due_after = models.DateTimeField()
    # What decides on time or late: a promise after a delay moves `due_after`, not this. Empty in rows of before.
    lawful_after = models.DateTimeField(null=True)
    lines = models.JSONField(default=list)
    legal_basis = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.kind}"


class Supplement(models.Model):
    """A request for more papers or a correction, and its answer."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="supplements")
    stage = models.CharField(max_length=10)  # reception, review
    items = models.JSONField(default=list)  # [{"code","name","what"}]
    reason = models.TextField()
    requested_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    requested_at = models.DateTimeField()
    answer_by = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)  # when the officer was told that no answer came in time
    answered_at = models.DateTimeField(null=True)
    answer_note = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("dossier",), name="one_open_supplement", condition=Q(answered_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.stage}"


class Opinion(models.Model):
    """An opinion asked of another agency. Silence past its deadline is consent only where the procedure says so.

    Asking again after the dossier was sent back or reopened is a new round. An agency outside the system is asked by
    letter: `name` says which, and `organization` (the handling one) writes its answer down.
    """

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="opinions")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="opinions")
    round = models.PositiveSmallIntegerField(default=1)
    place = models.PositiveSmallIntegerField(default=0)  # which of the opinions that the process asks for
    name = models.CharField(max_length=300, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+", db_index=False)
    due_at = models.DateTimeField()
    tacit_allowed = models.BooleanField(default=False)
    escalated_at = models.DateTimeField(null=True)  # when silence was reported to the agency's head
    withdrawn_at = models.DateTimeField(null=True)  # no longer asked for: the dossier ended or was reopened
    given_at = models.DateTimeField(null=True)
    given_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    agrees = models.BooleanField(null=True)
    text = models.TextField(blank=True)
    tacit = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("dossier", "round", "place"), name="one_opinion_a_place_and_round")
        ]
        indexes: ClassVar = [
            models.Index(fields=("due_at",), name="opinion_waiting", condition=Q(given_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.dossier_id} {self.organization_id}"

    @property
    def asked_of(self) -> str:
        """Who was asked, as the procedure names it."""
        return self.name or self.organization.name


class Result(models.Model):
    """The draft and then the signed result. `token` is what the QR on the paper carries."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Dự thảo")
        SIGNING = "signing", _("Đang ký số")
        SIGNED = "signed", _("Đã ký")
        REVOKED = "revoked", _("Đã thu hồi")

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="results")
    kind = models.CharField(max_length=60)
    name = models.CharField(max_length=300)
    grants = models.BooleanField(default=True)  # False: a reasoned refusal
    number = models.CharField(max_length=60, blank=True)
    fields = models.JSONField(default=dict)
    conclusion = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    drafted_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    signed_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    signer_title = models.CharField(max_length=120, blank=True)
    signed_at = models.DateTimeField(null=True)
    valid_until = models.DateField(null=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")
    token = models.CharField(max_length=40, unique=True, null=True)  # noqa: DJ001 - unique, and empty until signed

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("dossier",), name="one_live_result", condition=~Q(state="revoked")),
            models.CheckConstraint(condition=~Q(state="signed") | Q(file__isnull=False), name="signed_result_has_file"),
        ]

    def __str__(self) -> str:
        return self.number or self.name


class IssuedPaper(models.Model):
    """One of the legal papers of the one-stop mechanism, as issued. The PDF is made in the background."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="issued_papers")
    kind = models.CharField(max_length=16)  # receipt, supplement, refusal, apology, stop, control_sheet
    number = models.CharField(max_length=60)
    context = models.JSONField(default=dict)
    issued_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    issued_by_label = models.CharField(max_length=200)
    issued_at = models.DateTimeField()
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("kind", "number"), name="issued_paper_number")]

    def __str__(self) -> str:
        return self.number


class InternalNote(models.Model):
    """A note among officials; never shown to the person."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="notes")
    official = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")
    label = models.CharField(max_length=200)
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.text[:40]


class Parcel(models.Model):
    """Something that travels by post: a dossier sent in, or a result on its way to the person."""

    class Direction(models.TextChoices):
        IN = "in", _("Người dân gửi đến")
        OUT = "out", _("Cơ quan gửi trả")

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="parcels")
    direction = models.CharField(max_length=3, choices=Direction.choices)
    carrier = models.CharField(max_length=80)
    number = models.CharField(max_length=40)
    sent_at = models.DateTimeField(null=True)  # handed to the post; for what comes in, when it was posted, if known
    arrived_on = models.DateField(null=True)  # at the counter, or with the person
    recipient = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(Official, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("dossier", "direction", "number"), name="parcel_once"),
        ]

    def __str__(self) -> str:
        return f"{self.carrier} {self.number}"
