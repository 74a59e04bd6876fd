"""Background work of files."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from . import access, integrity

logger = logging.getLogger(__name__)


@app.periodic(cron="41 19 * * *")  # 02:41 in Việt Nam
@app.task(queue="default", queueing_lock="files.clean_unused")
def clean_unused(timestamp: int) -> None:
    """Once a day: delete contents that no file has named for two days."""
    access.forget_old()
    gone = integrity.clean()
    if gone:
        logger.info("deleted %d unused contents", gone)
