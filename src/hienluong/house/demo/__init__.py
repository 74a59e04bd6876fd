"""The demo province: ordered steps, each of which may run again and then changes nothing.

To add to the demo, write a module with a function ``(step: Progress) -> None`` and name it in :data:`STEPS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

T = TypeVar("T")


@dataclass(frozen=True)
class Progress:
    """What a step is given: how much is wanted, and how to show how far it is."""

    dossiers: int
    track: Callable[[Iterable[T], int], Iterator[T]]


@dataclass(frozen=True)
class Step:
    """One step: what is said on screen, and ``module:function`` below this package."""

    title: str
    function: str

    def run(self, progress: Progress) -> None:
        """Do it, or find it done."""
        module, name = self.function.split(":")
        getattr(import_module(f"{__name__}.{module}"), name)(progress)


STEPS: tuple[Step, ...] = (
    Step("Cơ quan", "government:organisations"),
    Step("Lịch làm việc", "government:calendars"),
    Step("Vai trò", "government:roles"),
    Step("Danh mục dùng chung", "government:code_lists"),
    Step("Thủ tục", "catalogue:packs"),
    Step("Danh mục 1.978 dịch vụ", "catalogue:trial_entries"),
    Step("Tài khoản", "people:accounts"),
    Step("Cán bộ toàn tỉnh", "population:officials"),
    Step("Người dân", "population:citizens"),
    Step("Trục chia sẻ dữ liệu", "bus:services"),
    Step("Hộ kinh doanh", "records:households"),
    Step("An toàn thực phẩm", "food:food"),
    Step("Văn bản đến, giao việc", "documents:documents"),
    Step("Hồ sơ trong 18 tháng", "history:dossiers"),
    Step("Văn bản đi", "documents_out:documents"),
)


def load(*, dossiers: int = 5000) -> None:
    """Run the steps in order, with a bar for each."""
    bars = Bars(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=Console()
    )
    with bars:
        for step in STEPS:
            _run(step, bars, dossiers)


def _run(step: Step, bars: Bars, dossiers: int) -> None:
    bar = bars.add_task(step.title, total=1)

    def track(items: Iterable[T], total: int) -> Iterator[T]:
        bars.update(bar, total=max(total, 1))
        for item in items:
            yield item
            bars.advance(bar)

    if not bars.console.is_terminal:  # bars are drawn at the end only, in a log
        bars.console.print(f"{step.title} …")
    step.run(Progress(dossiers, track))
    bars.update(bar, completed=bars.tasks[bar].total)
