"""How a benchmark says what it measured: one JSON line per figure, and exit code 0 only when every goal holds.

```python
report = Report("footprint")
report.at_most("memory at rest", 243.0, "MB", goal=1000)
report.at_least("life cycles", 7.1, "1/s", goal=5, baseline=31.0)
sys.exit(report.finish())
```
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field


@dataclass
class Report:
    """Figures of one benchmark. `baseline` is the same work done the bare way in the same run; the ratio follows."""

    bench: str
    holds: list[bool] = field(default_factory=list)

    def at_most(self, metric: str, value: float, unit: str, *, goal: float, baseline: float | None = None) -> None:
        """A figure that must not be above its goal."""
        self._figure(metric, value, unit, goal, baseline, value <= goal)

    def at_least(self, metric: str, value: float, unit: str, *, goal: float, baseline: float | None = None) -> None:
        """A figure that must not be below its goal."""
        self._figure(metric, value, unit, goal, baseline, value >= goal)

    def note(self, metric: str, value: float, unit: str, *, baseline: float | None = None) -> None:
        """A figure without a goal."""
        self._figure(metric, value, unit, None, baseline, True)

    def _figure(
        self, metric: str, value: float, unit: str, goal: float | None, baseline: float | None, holds: bool
    ) -> None:
        ratio = round(value / baseline, 3) if baseline else None
        line = {"bench": self.bench, "metric": metric, "value": round(value, 3), "unit": unit, "baseline": baseline}
        print(json.dumps({**line, "ratio": ratio, "goal": goal, "holds": holds}, ensure_ascii=False), flush=True)
        self.holds.append(holds)

    def finish(self) -> int:
        """The exit code: 0 when something was measured and every goal held."""
        return 0 if self.holds and all(self.holds) else 1
