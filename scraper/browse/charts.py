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

_FONT = "system-ui, sans-serif"
# The settings that leather reads from its module `theme`.
_THEME = {
    "background_color": "none", "margin": _MARGIN, "tick_color": "#8a837844",
    "label_color": _GREY, "legend_color": _GREY, "tick_font_family": _FONT,
    "legend_font_family": _FONT, "tick_font_size": "11", "legend_font_size": "12",
}  # fmt: skip
for _name, _value in _THEME.items():
    setattr(leather.theme, _name, _value)


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
    chart.add_y_scale(0, max(1, most))
    for n, (name, values) in enumerate(series.items()):
        line = list(zip(days, values, strict=True))
        colour = _COLOURS[n % len(_COLOURS)]
        chart.add_line(line, name=name, stroke_color=colour, width=2)
    if not series:
        chart.add_line([(date(2000, 1, 3), 0), (date(2000, 1, 10), 0)], stroke_color="none")
    return str(chart.to_svg(width=_WIDTH, height=_HEIGHT)).encode()
