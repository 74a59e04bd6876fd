"""Binding pages in a process of its own: ``python -m hienluong.foundation.files.stitch OUT MEDIA_TYPE PATH [… …]``.

What strangers hand in may use little memory and little time, and can be lost without harm.
"""

from __future__ import annotations

import resource
import sys
from io import BytesIO

import pikepdf
from PIL import Image, ImageOps

MEMORY = 1536 * 1024 * 1024
SECONDS = 30
#: An A4 page at 300 dots an inch.
WIDTH, HEIGHT = 2480, 3508


def main(out: str, parts: list[str]) -> None:
    """Bind and write."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    bound = pikepdf.new()
    for media_type, path in zip(parts[::2], parts[1::2], strict=True):
        if media_type == "application/pdf":
            with pikepdf.open(path) as part:
                bound.pages.extend(part.pages)
            continue
        page = BytesIO()
        with Image.open(path) as image:
            turned = ImageOps.exif_transpose(image).convert("RGB")
            turned.thumbnail((WIDTH, HEIGHT))
            turned.save(page, "PDF", resolution=300, quality=85)
        page.seek(0)
        with pikepdf.open(page) as part:
            bound.pages.extend(part.pages)
    bound.save(out)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
