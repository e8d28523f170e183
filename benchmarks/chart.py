"""A bar chart as SVG: how many times the raw driver's time each side takes, on a log scale.

``python -m benchmarks.chart RESULTS.json OUT.svg`` draws the results of either harness.
"""

from __future__ import annotations

import json
import math
import sys
from html import escape
from pathlib import Path

Ratios = dict[str, dict[str, float]]
"""Work -> side -> ratio to the floor."""

_COLOURS = ("#0b7285", "#adb5bd", "#e8590c", "#9c36b5", "#2f9e44", "#c2255c", "#1971c2", "#f08c00")
_BAR, _GAP, _LEFT, _WIDTH, _TOP = 11, 12, 210, 560, 60
_TICKS = (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500)


def svg(title: str, ratios: Ratios, sides: list[str]) -> str:
    """Draw the chart.

    Args:
        title: What stands above.
        ratios: The ratios, in the order of the works.
        sides: The sides, in the order of the bars.
    """
    largest = max(r for row in ratios.values() for r in row.values())
    top = next((t for t in _TICKS if t >= largest), largest)
    low = _TICKS[0]

    def across(value: float) -> float:
        share = math.log(max(value, low) / low) / math.log(top / low)
        return _LEFT + _WIDTH * share

    lines, y = [], float(_TOP)
    for work, row in ratios.items():
        there = [side for side in sides if side in row]
        middle = y + len(there) * _BAR / 2 + 4
        lines.append(
            f'<text x="{_LEFT - 8}" y="{middle:.0f}" text-anchor="end">{escape(work)}</text>'
        )
        for side in there:
            width = across(row[side]) - _LEFT
            colour = _COLOURS[sides.index(side) % len(_COLOURS)]
            lines.append(
                f'<rect x="{_LEFT}" y="{y:.0f}" width="{width:.1f}" height="{_BAR - 2}"'
                f' fill="{colour}"/><text class="n" x="{_LEFT + width + 4:.1f}"'
                f' y="{y + _BAR - 3:.0f}">{row[side]:.2f}</text>'
            )
            y += _BAR
        y += _GAP
    grid = [
        f'<line x1="{across(t):.1f}" x2="{across(t):.1f}" y1="{_TOP - 6}" y2="{y:.0f}"'
        f' class="{"one" if t == 1 else "g"}"/>'
        f'<text class="n" x="{across(t):.1f}" y="{y + 12:.0f}" text-anchor="middle">{t:g} x</text>'
        for t in _TICKS
        if t <= top
    ]
    return _document(title, sides, grid + lines, y + 24)


def _document(title: str, sides: list[str], parts: list[str], height: float) -> str:
    legend, x = [], 10.0
    for i, side in enumerate(sides):
        colour = _COLOURS[i % len(_COLOURS)]
        legend.append(
            f'<rect x="{x:.0f}" y="32" width="10" height="10" fill="{colour}"/>'
            f'<text x="{x + 14:.0f}" y="41">{escape(side)}</text>'
        )
        x += 30 + 7 * len(side)
    width = max(_LEFT + _WIDTH + 60, int(x))
    style = (
        "text{font:12px sans-serif;fill:#212529}.n{font-size:9px}"
        ".g{stroke:#dee2e6}.one{stroke:#495057;stroke-dasharray:3 2}"
    )
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}"'
                f' width="{width}" height="{height:.0f}" role="img" aria-label="{escape(title)}">'
            ),
            f"<style>{style}</style>",
            f'<rect width="{width}" height="{height:.0f}" fill="#fff"/>',
            f'<text x="10" y="20" style="font-size:14px;font-weight:bold">{escape(title)}</text>',
            *legend,
            *parts,
            "</svg>\n",
        ]
    )


def of_results(results: dict[str, object]) -> tuple[Ratios, list[str]]:
    """The ratios in the JSON of either harness, and the sides in order of their sums."""
    summary: dict[str, dict[str, dict[str, float]]] = results["summary"]  # type: ignore[assignment]
    floor = results["floor"]
    ratios = {
        work: {side: found["ratio"] for side, found in row.items() if side != floor}
        for work, row in summary.items()
    }
    sides = list(dict.fromkeys(side for row in ratios.values() for side in row))
    return ratios, sides


def main() -> None:
    """Draw a file of results."""
    source, out = sys.argv[1:3]
    title = sys.argv[3] if len(sys.argv) > 3 else "Time as a multiple of hand-written code"
    ratios, sides = of_results(json.loads(Path(source).read_text()))
    Path(out).write_text(svg(title, ratios, sides))


if __name__ == "__main__":
    main()
