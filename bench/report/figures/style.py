"""How all figures look: neutral colors, type and lines; how a drawing is begun and saved."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from bench.report.drawings import Drawing

WIDTH = 5.6
"""Inches; narrow, so that type stays readable when a phone scales a figure down."""

INK, MUTED, GRID, SURFACE = "#1c1f23", "#60666e", "#dfe2e6", "#fefefe"
_DARK = {INK: "#e7e9ec", MUTED: "#a0a7b0", GRID: "#33383f", SURFACE: "#17191d"}
"""What each neutral color becomes on a dark page."""

_UNSEEN = (
    (re.compile(rb"<!--.*?-->|(?<=>)\s+(?=<)", re.DOTALL), b""),
    (re.compile(rb"\s+"), b" "),
    (re.compile(rb'(?<=["#])DejaVuSans-'), b""),
)
"""Invisible parts of an SVG that are removed: comments, indentation, long names of glyphs."""
_PLACES = re.compile(rb' (?:d|x|y)="[^"]*"|translate\([^)]*\)')
_FINE = re.compile(rb"(?<=\.\d)\d+| (?=[LMQCz])|(?<=[LMQC]) ")
"""Invisible parts of its coordinates: more than one decimal, blanks around commands."""

_THEME: dict[Any, Any] = {
    "axes.edgecolor": MUTED,
    "axes.facecolor": SURFACE,
    "axes.grid": True,
    "axes.labelcolor": MUTED,
    "axes.labelsize": 9,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "figure.dpi": 160,
    "figure.facecolor": SURFACE,
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same on every machine
    "font.size": 9,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "hatch.linewidth": 0.8,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "svg.fonttype": "path",  # needs no font where it is seen
    "svg.hashsalt": "allknn-bench",  # the same rows give the same file
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a name is a dollar sign
    "xtick.color": MUTED,
    "xtick.labelsize": 8.5,
    "xtick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.color": MUTED,
    "ytick.labelsize": 8.5,
    "ytick.major.size": 0,
}


@contextmanager
def canvas(height: float, panels: int = 1) -> Iterator[tuple[Figure, list[Axes]]]:
    """Give panels to draw on, one below the other, ``height`` inches together; no global state is left."""
    with mpl.rc_context(_THEME):
        figure = Figure(figsize=(WIDTH, height), layout="constrained")
        FigureCanvasAgg(figure)
        yield figure, list(figure.subplots(panels, 1, squeeze=False)[:, 0])


def entitle(axes: Axes, title: str, about: str, gap: float = 9) -> None:
    """Write a title and, smaller, what the figure is about, ``gap`` points above the axes."""
    axes.set_title(title, pad=gap + 13)
    axes.annotate(
        about,
        (0, 1),
        (0, gap),
        xycoords="axes fraction",
        textcoords="offset points",
        color=MUTED,
        fontsize=8.5,
    )


def save(figure: Figure, name: str, title: str, caption: str) -> Drawing:
    """Turn what was drawn into a drawing; to be called within its ``canvas``."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # once is enough for both files
    return Drawing(name, title, caption, _written(figure, "png"), _written(figure, "svg"))


def _written(figure: Figure, form: str) -> bytes:
    """Write a figure whose layout is settled; its own ``savefig`` would draw it once more to settle it."""
    buffer = io.BytesIO()
    if form == "png":
        canvas = FigureCanvasAgg(figure)
        canvas.print_png(buffer, metadata={"Software": None})  # type: ignore[no-untyped-call]
        return buffer.getvalue()
    FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None})  # type: ignore[no-untyped-call]
    content = buffer.getvalue()
    for what, instead in _UNSEEN:
        content = what.sub(instead, content)
    content = _PLACES.sub(lambda place: _FINE.sub(b"", place[0]), content)
    return content.replace(b"</style>", f"{_dark_rules()}</style>".encode(), 1)


def _dark_rules() -> str:
    """Return CSS that recolors a figure for readers who prefer dark, overriding its elements' own colors."""
    rules = "".join(
        f'[style*="{paint}: {light}"],[{paint}="{light}"]{{{paint}:{dark} !important}}'
        for light, dark in _DARK.items()
        for paint in ("fill", "stroke")
    )
    return f"@media screen and (prefers-color-scheme: dark){{{rules}}}"
