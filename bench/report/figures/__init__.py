"""The figures of a report: PNG and SVG files by seaborn, and one interactive chart by Bokeh.

of_group.py           which figures a group of rows has
bars.py               runtime by phase and peak memory, one bar a strategy
scatter.py            recall and memory against total time, one mark a strategy
memory_over_time.py   memory of the fastest runs over time
samples.py            what was sampled of each run, read
memory_curve.py       the same of one run, as a small drawing inside the page
scaling.py            time and memory against the number of points
ratios.py             how two results directories compare
chart.py              recall against total time, as the interactive chart

axes.py      where an outcome stands on an axis, and the ticks of the axes
labels.py    names beside marks and lines, without overlaps
palette.py   the color and the mark of each strategy
style.py     type and lines of all figures; how one is begun and saved
"""
