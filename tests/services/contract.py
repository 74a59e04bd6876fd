"""Requests drawn from the published interface, when the test runs and not when it is collected by every process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode


def every_case(schema: Any, examine: Callable[[schemathesis.Case], None], examples: int) -> None:
    """Let `examine` see requests of every operation: so many that the schema allows, and so many that it forbids."""
    seen = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            drawn = given(case=operation.as_strategy(generation_mode=mode))
            held = settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
            try:
                held(drawn(lambda case: examine(case)))()
            except Unsatisfiable:  # nothing can be wrong with a request that says nothing
                assert mode == GenerationMode.NEGATIVE
        seen += 1
    assert seen, "the interface has no such operation"
