"""Charts as SVG, drawn by leather (https://leather.readthedocs.io/): plain files without scripts.

leather is small, pure Python, draws on the server and sets its styles by attributes. Each chart
stands beside its data as a table and as CSV.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import leather

__all__ = ["lines_by_week"]

_COLOURS = ("#9c2f1f", "#2f6f8f", "#b8860b", "#4f7a4a", "#6a655d")
_GREY = "#8a8378"
_WIDTH, _HEIGHT, _MARGIN = 720, 260, 0.03
# Steps of the axis of counts, and dates below the chart.
_MOST_STEPS, _MOST_DATES = 5, 6

_FONT = "system-ui, sans-serif"
# The settings that leather reads from its module `theme`.
_THEME = {
    "background_color": "none", "margin": _MARGIN, "tick_color": "#8a837844",
    "label_color": _GREY, "legend_color": _GREY, "tick_font_family": _FONT,
    "legend_font_family": _FONT, "tick_font_size": "11", "legend_font_size": "12",
}  # fmt: skip
for _name, _value in _THEME.items():
    setattr(leather.theme, _name, _value)


def _step(highest: int) -> int:
    """Return the least of 1, 2, 5, 10, 20 … of which a few steps reach a number."""
    step = 1
    while highest / step > _MOST_STEPS:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return step


def lines_by_week(weeks: Sequence[str], series: Mapping[str, Sequence[int]]) -> bytes:
    """Return an SVG file with a line for each series.

    Args:
        weeks: first day of each week, in order.
        series: values by name of the series, one for each week.
    """
    chart = leather.Chart()
    days = [date.fromisoformat(week) for week in weeks]
    if len(days) == 1:
        # A line needs two points: nothing is told of the week before but that none is counted.
        days.insert(0, days[0] - timedelta(weeks=1))
        series = {name: [0, *values] for name, values in series.items()}
    most = max((value for values in series.values() for value in values), default=0)
    highest = max(1, most)
    step = _step(highest)
    chart.add_y_scale(0, highest)
    # Articles are whole, and each point is a week's: no line of the grid between them.
    chart.add_y_axis(ticks=list(range(0, highest + 1, step)))
    shown = days[:: -(-len(days) // _MOST_DATES)] if days else []
    if shown:
        many_years = days[0].year != days[-1].year
        chart.add_x_axis(
            ticks=shown,
            tick_formatter=lambda day, *_: day.isoformat() if many_years else day.isoformat()[5:],
        )
    for n, (name, values) in enumerate(series.items()):
        line = list(zip(days, values, strict=True))
        colour = _COLOURS[n % len(_COLOURS)]
        chart.add_line(line, name=name, stroke_color=colour, width=2)
    if not series:
        chart.add_line([(date(2000, 1, 3), 0), (date(2000, 1, 10), 0)], stroke_color="none")
    return str(chart.to_svg(width=_WIDTH, height=_HEIGHT)).encode()
