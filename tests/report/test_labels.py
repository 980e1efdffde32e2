from itertools import pairwise

from bench.report.figures.labels import Label, label_ends
from bench.report.figures.style import canvas


def test_names_of_lines_that_end_together_stand_apart_and_within_the_panel() -> None:
    with canvas(3.0) as (_, [axes]):
        axes.set(xscale="log", yscale="log", xlim=(1, 1000), ylim=(1, 100))
        label_ends(axes, [Label(10.0, y, f"line {y}", "#000000") for y in (99.0, 98.0, 97.0, 2.0, 2.1)], 12.0)
        boxes = [text.get_tightbbox() for text in axes.texts]
        heights = sorted((text.get_position()[1], text.get_text()) for text in axes.texts)
        assert [name for _, name in heights] == [
            "line 2.0",
            "line 2.1",
            "line 97.0",
            "line 98.0",
            "line 99.0",
        ]
        assert all(box is not None and box.y1 <= axes.bbox.y1 + 10 for box in boxes)
        middles = axes.transData.transform([(12.0, height) for height, _ in heights])[:, 1]
        assert all(above - below >= 10 for below, above in pairwise(middles))
