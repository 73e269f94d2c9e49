"""Plots as SVG: panels of lines or dots over one horizontal axis, readable on light and dark pages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT = 720, 170
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 30, 24
COLORS = ("#0b5cad", "#c2410c", "#3f7d20", "#7c3aed")
CHARACTER = 6.2
"""About how wide a character is."""


class Series(NamedTuple):
    """Points of one kind in a panel; `dots` are not connected."""

    name: str
    points: Sequence[tuple[float, float]]
    dots: bool = False


class Panel(NamedTuple):
    """A title with its unit, and what is drawn below it; the vertical axis begins at 0."""

    title: str
    series: Sequence[Series]


class _Axis(NamedTuple):
    """A horizontal axis; a logarithmic one has the same distance between any x and ten times x."""

    first: float
    last: float
    logarithmic: bool

    def at(self, x: float) -> float:
        """Where a value is, from 0 to 1."""
        if self.logarithmic:
            return math.log(x / self.first) / math.log(self.last / self.first)
        return (x - self.first) / (self.last - self.first)


def svg(panels: Sequence[Panel], *, axis: str, marks: Sequence[float] = (), logarithmic: bool = False) -> str:
    """Draw panels below each other. `axis` says what the horizontal axis is, and what happened at `marks`."""
    values = [x for panel in panels for series in panel.series for x, _ in series.points]
    across = _Axis(min(values) if logarithmic else 0, max(values), logarithmic)
    drawn = [_panel(panel, index * HEIGHT, across, marks) for index, panel in enumerate(panels)]
    scale = ", logarithmic" if logarithmic else ""
    below = _text(LEFT, len(panels) * HEIGHT + 12, f"{across.first:,.0f} to {across.last:,.0f} {axis}{scale}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {len(panels) * HEIGHT + 20}"'
        ' font-family="sans-serif" font-size="11">\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
        + "\n".join(drawn)
        + f"\n{below}\n</svg>\n"
    )


def _round_up(value: float) -> float:
    """The next value that reads well at an axis, as its half does."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 1.2, 1.6, 2, 3, 4, 6, 8, 10) if value <= step * power * 1.000001)


def _panel(panel: Panel, top: float, across: _Axis, marks: Sequence[float]) -> str:
    highest = _round_up(max((y for series in panel.series for _, y in series.points), default=0) or 1)
    bottom, tall = top + HEIGHT - BOTTOM, HEIGHT - TOP - BOTTOM

    def at(x: float, y: float) -> str:
        return f"{LEFT + across.at(x) * (WIDTH - LEFT - RIGHT):.1f},{bottom - y / highest * tall:.1f}"

    parts = [_text(LEFT, top + 14, panel.title, bold=True)]
    for part in (0, 0.5, 1):
        y = bottom - part * tall
        parts.append(f'<path d="M{LEFT},{y:.1f}H{WIDTH - RIGHT}" stroke="#d4d4d8"/>')
        parts.append(_text(LEFT - 6, y + 4, f"{highest * part:,.4g}", anchor="end"))
    parts += [f'<path d="M{at(x, 0)}V{top + TOP}" stroke="#a1a1aa" stroke-dasharray="2 3"/>' for x in marks]
    for series, color in zip(panel.series, COLORS, strict=False):
        points = [at(x, y) for x, y in series.points]
        if series.dots:
            parts += [f'<circle cx="{x}" cy="{y}" r="1.6" fill="{color}"/>' for x, y in (p.split(",") for p in points)]
        else:
            parts.append(f'<polyline points="{" ".join(points)}" fill="none" stroke="{color}" stroke-width="1.5"/>')
    right = float(WIDTH - RIGHT)
    for series, color in reversed(list(zip(panel.series, COLORS, strict=False))):
        parts.append(_text(right, top + 14, series.name, color=color, anchor="end"))
        right -= CHARACTER * (len(series.name) + 2)
    return "\n".join(parts)


def _text(x: float, y: float, text: str, *, color: str = "#3f3f46", anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{color}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
