"""The commands, one module each: ``HELP``, ``USAGE``, ``EXAMPLES``, ``add_options``, ``command``.

``command`` turns the parsed options into frozen dataclasses, which is where ``Namespace`` ends, and returns
the exit code. The parser imports all of them, so heavy imports stand inside functions.

run.py        measure strategies on points
list.py       the strategies and their parameters
report.py     rebuild table and page, and plots where asked for
data.py       describe points, show or clear the cache
score.py      judge neighbors computed elsewhere
compare.py    two results directories; _compare_output.py prints them
cluster.py    a Spark cluster on this machine
predict.py    time and memory at another n, printed by _predict_output.py, or by _predict_cluster.py
advise.py     which strategy to use; _advise_output.py prints it
claims.py     a 2016 post's claims, checked
_requests.py  turns the options that several commands have into requests
"""
