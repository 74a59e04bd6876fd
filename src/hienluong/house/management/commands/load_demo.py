"""``manage.py load_demo``: called by ``hienluong up --demo``."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand

from hienluong.house.demo import load


class Command(BaseCommand):
    """Load the demo province; doing it again changes nothing."""

    help = "Nạp tỉnh trình diễn."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--dossiers", type=int, default=int(os.environ.get("HIENLUONG_DEMO_DOSSIERS", "5000")))

    def handle(self, *args: Any, **options: Any) -> None:
        load(dossiers=options["dossiers"])
