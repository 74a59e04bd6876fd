"""Pages as a scanner in an office would see them: drawn from a PDF, then turned, faded, speckled, blurred, stamped."""

from __future__ import annotations

import random
from io import BytesIO

import pypdfium2
from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from hienluong.services.documents.layout.rendering import Laid
from hienluong.services.documents.reading.ocr import Box, Page, TextLine


def pictures(pdf: bytes, *, dpi: int = 300) -> list[Image.Image]:
    """All pages of a PDF as a perfect scanner would give them."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [document[number].render(scale=dpi / 72).to_pil().convert("RGB") for number in range(len(document))]
    finally:
        document.close()


def turned(page: Image.Image, degrees: float) -> Image.Image:
    return page.rotate(degrees, Image.Resampling.BICUBIC, expand=degrees % 90 == 0, fillcolor="white")


def faded(page: Image.Image, *, dark: int = 130, light: int = 215) -> Image.Image:
    """Little contrast, on a grey ground."""
    return page.point(lambda shade: dark + shade * (light - dark) // 255)


def speckled(page: Image.Image, share: float = 0.01, seed: int = 1) -> Image.Image:
    """Black and white specks over this share of the page."""
    made = page.copy()
    dots, chance = made.load(), random.Random(seed)
    assert dots is not None
    for _ in range(int(page.width * page.height * share)):
        shade = chance.choice((0, 255))
        dots[chance.randrange(page.width), chance.randrange(page.height)] = (shade, shade, shade)
    return made


def grained(page: Image.Image, strength: float = 40) -> Image.Image:
    """The grain of a cheap sensor."""
    noise = Image.effect_noise(page.size, strength).convert("RGB")
    return Image.blend(page, noise, 0.25)


def blurred(page: Image.Image, radius: float = 1.2) -> Image.Image:
    return page.filter(ImageFilter.GaussianBlur(radius))


def stamped(page: Image.Image, words: str, *, at: tuple[float, float] = (0.22, 0.17), red: bool = True) -> Image.Image:
    """A rubber stamp with a frame, at this share of the width and height."""
    made = page.copy()
    draw = ImageDraw.Draw(made)
    font = ImageFont.truetype("DejaVuSerif-Bold.ttf", page.width // 50)
    left, top = int(page.width * at[0]), int(page.height * at[1])
    box = draw.textbbox((left, top), words, font=font)
    colour = (205, 30, 40) if red else (20, 20, 20)
    draw.rectangle((box[0] - 25, box[1] - 18, box[2] + 25, box[3] + 18), outline=colour, width=5)
    draw.text((left, top), words, font=font, fill=colour)
    return made


def signed(page: Image.Image, laid: Laid) -> Image.Image:
    """A blue signature where the leader signs, and a round red seal over a third of it."""
    ink = Image.new("RGB", page.size, "white")
    draw = ImageDraw.Draw(ink)
    dots = page.height / 841.89
    leader, seal = laid.leader_box, laid.seal_box
    assert leader is not None
    assert seal is not None
    across = [(leader.x0 + 8 + number * 11, leader.y1 - 25 - (number % 3) * 14) for number in range(11)]
    draw.line([(x * dots, page.height - y * dots) for x, y in across], fill=(40, 60, 190), width=7)
    frame = (seal.x0 * dots, page.height - seal.y1 * dots, seal.x1 * dots, page.height - seal.y0 * dots)
    for inset, wide in ((0, 8), (28, 4), (110, 4)):
        inner = (frame[0] + inset, frame[1] + inset, frame[2] - inset, frame[3] - inset)
        draw.ellipse(inner, outline=(210, 40, 50), width=wide)
    return ImageChops.multiply(page, ink)  # letters show through ink


def as_png(page: Image.Image) -> bytes:
    made = BytesIO()
    page.save(made, "PNG")
    return made.getvalue()


def as_jpeg(page: Image.Image, quality: int = 60) -> bytes:
    made = BytesIO()
    page.save(made, "JPEG", quality=quality, dpi=(200, 200))
    return made.getvalue()


def as_scan(*pages: Image.Image, quality: int = 70) -> bytes:
    """A PDF with nothing but pictures, as scanners make it."""
    made = BytesIO()
    pages[0].save(made, "PDF", save_all=True, append_images=pages[1:], resolution=300, quality=quality)
    return made.getvalue()


def error_rate(truth: Page, read: Page) -> float:
    """Letters to change, add or leave out, as a share of the letters there are (the character error rate), line by line:
    each line that was read is held against the line that stands where it was read."""
    said: dict[int, list[TextLine]] = {number: [] for number in range(len(truth.lines))}
    wrong = 0
    for line in read.lines:
        number, near = min(
            ((number, _distance(right.box, line.box)) for number, right in enumerate(truth.lines)),
            key=lambda each: each[1],
        )
        if near > 15:
            wrong += len(line.text)
        else:
            said[number].append(line)
    for number, right in enumerate(truth.lines):
        words = " ".join(line.text for line in sorted(said[number], key=lambda each: each.box.x0))
        wrong += edits(right.text, words)
    return wrong / max(1, sum(len(line.text) for line in truth.lines))


def _distance(one: Box, other: Box) -> float:
    """How far apart two lines are in points: downwards, and sideways where they do not overlap."""
    down = abs(one.y0 + one.y1 - other.y0 - other.y1) / 2
    aside = max(0.0, max(one.x0, other.x0) - min(one.x1, other.x1))
    return down + aside


def edits(right: str, wrong: str) -> int:
    """Letters to change, add or leave out."""
    before = list(range(len(wrong) + 1))
    for number, one in enumerate(right, 1):
        current = [number]
        for place, other in enumerate(wrong, 1):
            current.append(min(before[place] + 1, current[-1] + 1, before[place - 1] + (one != other)))
        before = current
    return before[-1]
