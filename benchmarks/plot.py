"""Plots as SVG: panels of lines or dots over one horizontal axis, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT = 720, 170
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 30, 24
COLORS = ("#0b5cad", "#c2410c", "#3f7d20", "#7c3aed")


class Series(NamedTuple):
    """Points of one kind in a panel; `dots` are not connected."""

    name: str
    points: Sequence[tuple[float, float]]
    dots: bool = False


class Panel(NamedTuple):
    """A title with its unit, and what is drawn below it; the vertical axis begins at 0."""

    title: str
    series: Sequence[Series]


def svg(panels: Sequence[Panel], *, axis: str, marks: Sequence[float] = ()) -> str:
    """Draw panels below each other. `axis` says what the horizontal axis is, and what happened at `marks`."""
    width = max(x for panel in panels for series in panel.series for x, _ in series.points)
    drawn = [_panel(panel, index * HEIGHT, width, marks) for index, panel in enumerate(panels)]
    below = _text(LEFT, len(panels) * HEIGHT + 12, f"0 to {width:,.0f} {axis}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {len(panels) * HEIGHT + 20}"'
        ' font-family="sans-serif" font-size="11">\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
        + "\n".join(drawn)
        + f"\n{below}\n</svg>\n"
    )


def _panel(panel: Panel, top: float, width: float, marks: Sequence[float]) -> str:
    highest = max((y for series in panel.series for _, y in series.points), default=0) or 1
    bottom, tall = top + HEIGHT - BOTTOM, HEIGHT - TOP - BOTTOM

    def at(x: float, y: float) -> str:
        return f"{LEFT + x / width * (WIDTH - LEFT - RIGHT):.1f},{bottom - y / highest * tall:.1f}"

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
    for index, (series, color) in enumerate(zip(panel.series, COLORS, strict=False)):
        parts.append(_text(WIDTH - RIGHT - 90 * (len(panel.series) - index), top + 14, series.name, color=color))
    return "\n".join(parts)


def _text(x: float, y: float, text: str, *, color: str = "#3f3f46", anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{color}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
