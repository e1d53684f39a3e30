"""The picture of a scanned page → one that Tesseract reads well, and the ruled lines that were on it.

The picture is straightened and its ruled lines are erased: Tesseract takes a ruled table for a drawing and
skips its cells. Knows pixels only; the lines come in points from the bottom left of the picture.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from index.loaders.pdf.drawings import MAX_RULES, Drawings, RuledLine

DARK = 128  # of 255: a darker pixel is ink
# Ruled lines are looked for at half the resolution, where any ink makes a dark pixel: small gaps close.
HALF = 2
SHORTEST = 0.4  # inches; no stroke of a letter is as long
THICKEST = 0.05  # inches; more is a tinted area, or the shadow at the edge of a scan
MAX_SKEW = 3.0  # degrees looked at on either side
SKEW_STEP = 0.25

Mask = NDArray[np.bool_]


def straightened(picture: Image.Image) -> Image.Image:
    """The picture turned by the few degrees that set its lines level: their rows are then the most unequal."""
    small = picture.reduce(max(picture.width // 400, 1))
    angles = np.arange(-MAX_SKEW, MAX_SKEW + SKEW_STEP, SKEW_STEP)

    def unevenness(angle: float) -> float:
        turned = np.asarray(small.rotate(angle, Image.Resampling.BILINEAR, fillcolor=255), dtype=np.float32)
        return float(np.square(np.diff(turned.mean(axis=1))).sum())

    best = max(sorted(angles, key=abs), key=unevenness)
    return picture.rotate(best, Image.Resampling.BICUBIC, fillcolor=255) if best else picture


def without_rules(picture: Image.Image, dpi: int) -> tuple[Image.Image, Drawings]:
    """The picture without its ruled lines, and these lines."""
    pixels = np.array(picture)
    height, width = (side - side % HALF for side in pixels.shape)
    dark = pixels[:height, :width] < DARK
    ink: Mask = np.logical_or.reduce(dark.reshape(height // HALF, HALF, width // HALF, HALF), axis=(1, 3))
    across, down = _thin_lines(ink, dpi // HALF), _thin_lines(ink.T, dpi // HALF).T
    lines = (across | down).repeat(HALF, axis=0).repeat(HALF, axis=1)
    pixels[:height, :width][_thickened(lines)] = 255
    point = 72 / (dpi // HALF)
    found = Drawings(pictures=1.0, is_blank=False)
    top = pixels.shape[0] / HALF
    found.horizontal = [RuledLine((top - y) * point, start * point, end * point) for y, start, end in _runs(across, 1)]
    found.vertical = [RuledLine(x * point, (top - end) * point, (top - start) * point) for x, start, end in _runs(down.T, 1)]
    if len(found.horizontal) + len(found.vertical) > MAX_RULES:  # a map, a drawing
        found.horizontal, found.vertical = [], []
    return Image.fromarray(pixels), found


def _thin_lines(ink: Mask, dpi: int) -> Mask:
    """The ink of the horizontal lines."""
    long = _drawn(ink.shape, _runs(ink, round(SHORTEST * dpi)))
    thick = _drawn(ink.T.shape, _runs(long.T, round(THICKEST * dpi) + 1)).T
    return long & ~thick


def _runs(mask: Mask, shortest: int) -> Iterator[tuple[int, int, int]]:
    """The horizontal runs of a mask that are long enough: row, first column, column after the last."""
    steps = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    rows, starts = np.nonzero(steps == 1)
    ends = np.nonzero(steps == -1)[1]
    kept = ends - starts >= shortest
    yield from zip(rows[kept].tolist(), starts[kept].tolist(), ends[kept].tolist(), strict=True)


def _drawn(shape: tuple[int, ...], runs: Iterator[tuple[int, int, int]]) -> Mask:
    mask = np.zeros(shape, dtype=np.bool_)
    for row, start, end in runs:
        mask[row, start:end] = True
    return mask


def _thickened(mask: Mask) -> Mask:
    """A pixel more on every side: the pale edge of a line is still a line to Tesseract."""
    wide = mask.copy()
    for axis in (0, 1):
        wide |= np.roll(wide, 1, axis) | np.roll(wide, -1, axis)
    return wide
