"""Making pictures of pages easy to read: straight, grey, of the right size, without specks and coloured ink."""

from __future__ import annotations

from itertools import pairwise

from PIL import Image, ImageChops, ImageFilter, ImageOps, ImageStat

#: As wide as an A4 page at 300 dots an inch; letters are then about 50 dots high, which the reader likes best.
WIDTH = 2480
#: Pictures with more dots are refused before they are unpacked.
MOST_DOTS = 60_000_000
_STRAIGHT_WITHIN = 6.0  # degrees that a page may lie askew
_COLOUR, _BRIGHT = 50, 120  # how far apart the colours of a dot of ink are, and how bright; black letters under it stay
_INK = 60  # how much redder than blue and green a dot of red ink is
_LEAST_RED = 400  # dots of red ink in a page, below which there is no stamp
_SPECKS = 0.004  # share of dots that a small filter changes, above which a page is speckled


def grey(picture: Image.Image) -> Image.Image:
    """Black letters on white: red stamps and blue signatures, which lie over letters, become light."""
    if picture.mode in ("1", "L", "LA", "I;16", "I"):
        return ImageOps.autocontrast(picture.convert("L"), cutoff=(1, 1))
    red, green, blue = picture.convert("RGB").split()
    light = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    dark = ImageChops.darker(ImageChops.darker(red, green), blue)
    coloured = ImageChops.subtract(light, dark).point(lambda strength: 255 if strength > _COLOUR else 0)
    fresh = light.point(lambda shade: 255 if shade > _BRIGHT else 0)
    light.paste(255, mask=ImageChops.multiply(coloured, fresh))
    return ImageOps.autocontrast(light, cutoff=(1, 1))


def red_ink(picture: Image.Image) -> Image.Image | None:
    """Only what is written in red ink, in black on white; None when there is none. Stamps of secrecy are red."""
    if picture.mode in ("1", "L", "LA", "I;16", "I"):
        return None
    red, green, blue = picture.convert("RGB").split()
    excess = ImageChops.subtract(red, ImageChops.lighter(green, blue))
    ink = excess.point(lambda strength: 0 if strength > _INK else 255)
    return ink if ink.histogram()[0] >= _LEAST_RED else None


def sized(picture: Image.Image) -> Image.Image:
    """As many dots as the reader likes: small pictures are enlarged, large ones made smaller. Landscape pages keep the
    size of their letters."""
    short = min(picture.size)
    if 0.9 * WIDTH <= short <= 1.25 * WIDTH:
        return picture
    times = min(WIDTH / max(short, 1), 3.0)
    size = (max(1, round(picture.width * times)), max(1, round(picture.height * times)))
    return picture.resize(size, Image.Resampling.LANCZOS)


def without_specks(picture: Image.Image) -> Image.Image:
    """A speckled page filtered; a clean one as it is, for the filter also thins the marks of letters."""
    small = picture.crop(_middle(picture))
    filtered = small.filter(ImageFilter.MedianFilter(3))
    changed = ImageChops.difference(small, filtered).point(lambda change: 255 if change > 100 else 0)
    if ImageStat.Stat(changed).mean[0] / 255 < _SPECKS:
        return picture
    return picture.filter(ImageFilter.MedianFilter(3))


def _middle(picture: Image.Image) -> tuple[int, int, int, int]:
    wide, high = picture.size
    return wide // 6, high // 6, wide - wide // 6, high - high // 6


def skew(picture: Image.Image) -> float:
    """By how many degrees a page lies askew: turned back, its lines of letters and the gaps between differ most."""
    wide = 700
    small = picture.resize((wide, max(1, round(picture.height * wide / picture.width))), Image.Resampling.BOX)
    ink = ImageOps.invert(ImageOps.autocontrast(small, cutoff=2)).point(lambda shade: shade if shade > 90 else 0)
    best = max((_contrast(ink, step), step) for step in _steps(-_STRAIGHT_WITHIN, _STRAIGHT_WITHIN, 1.0))[1]
    best = max((_contrast(ink, step), step) for step in _steps(best - 0.8, best + 0.8, 0.2))[1]
    return best if abs(best) >= 0.15 else 0.0


def lies_on_its_side(picture: Image.Image) -> bool:
    """Whether the lines of letters run from top to bottom."""
    small = picture.copy()
    small.thumbnail((900, 900))
    ink = ImageOps.invert(ImageOps.autocontrast(small, cutoff=2)).point(lambda shade: shade if shade > 90 else 0)
    return _contrast(ink.transpose(Image.Transpose.ROTATE_90), 0.0) > 1.5 * _contrast(ink, 0.0)


def _steps(first: float, last: float, step: float) -> list[float]:
    return [first + number * step for number in range(round((last - first) / step) + 1)]


def _contrast(ink: Image.Image, degrees: float) -> float:
    turned = ink.rotate(degrees, Image.Resampling.BILINEAR)
    rows = turned.resize((1, turned.height), Image.Resampling.BOX).convert("L")
    values = list(rows.tobytes())
    return float(sum((one - other) ** 2 for one, other in pairwise(values)))


def straight(picture: Image.Image, degrees: float) -> Image.Image:
    """The page turned by so many degrees, white at its new corners."""
    return picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255) if degrees else picture
