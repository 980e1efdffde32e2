"""Commands for those who work on this project. Users of the harness need none of them.

    reference/               keeps a full run with the project; makes README's table and picture from it
    contenders.py            keeps runs at equal recall with the project; makes docs/contenders.md's tables
    selftest/                does the harness distinguish equal from different? runs whose truth is known
    compare_bare.py          what the harness adds: strategies beside scripts that call their libraries
    compare_exact.py         the exact join beside its exact peers
    compare_recall.py        the recall that the library promises beside the one it reaches
    compare_predictions.py   predictions for a million points beside what is then measured
    compare_cluster.py       predictions for a cluster beside what is then measured
    cluster_table.py         what a cluster would take at growing n: the table in docs/predictions.md
    time_report.py          how long a report takes, of all rows new and of one workload changed
    row_schema.py            writes the JSON Schema of a row from its fields
    marks.py                 the part of a document that a target writes
    harness.py               runs the harness's command, for the comparisons

Each is run as a module from the checkout, ``python -m tools.compare_exact``, most of them by a target of the
Makefile. They import ``bench``; nothing imports them but their tests.
"""
