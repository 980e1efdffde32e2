"""What a command asks for, as frozen dataclasses, and how it is carried out.

requests.py       what a command asks for; usage.py, the exception if that cannot be done
observer.py       what is shown while an experiment goes on
points.py         the points asked for: chosen, staged, reached on a cluster
directories.py    the directory that rows are written to
script.py         a script that does the same as a row without the harness

``run``:

planning.py       options checked, parameters swept; settings.py reads ``--set``
opening.py        an experiment made ready: points staged, results open
series.py         run what is not measured yet, on one number of points after the other
expectations.py   what runs are expected to cost, before they are started
reference.py      how long runs will take that were never measured here
announcements.py  what is said before the runs
saving.py         ``--save-neighbors``
results.py        what came of the runs

Ladders, for ``run --at-recall`` and ``advise``:

rungs.py          does a rung reach a recall, what will it cost, can it be the best
climb.py          which rung to run next
climber.py        runs it, within a budget
at_recall.py      ``run --at-recall``
samples.py        the same on samples, for points without rows

Decisions:

selection.py      the rows that a decision is about; commands that measure what is missing
advising.py       ``advise``
scoring.py        ``score``

Nothing here parses options or prints.
"""
