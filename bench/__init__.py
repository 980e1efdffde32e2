"""Measures how best to compute the k nearest neighbors of every one of n points.

The rooms, in the order in which data flows:

    cli/          commands and options; the only room that parses arguments or prints
    experiment/   what a command asks for, as frozen dataclasses, and how it is carried out
    workloads/    which points, which k: synthetic, real, files; staged once, by content hash
    cluster/      a Spark cluster on this machine, and the way to reach any other
    measure/      schedule -> runner -> supervisor (watches) -> worker (the measured process)
    judge/        is the answer right: checks, exact truth of sampled rows, recall
    results/      Measurement, one row; append safely, load as a DataFrame
    analysis/     what the rows say: comparisons and summaries
    report/       figures and one self-contained page; readers of the rows, nothing else

What they share, on the ground floor:

    strategy.py   the contract: Points, Neighbors, Progress, Strategy, Entry
    catalog.py    which strategies there are, by file name; load one; why one is unavailable
    user_modules.py  a strategy in a user's file, as a module that all its processes can import
    source_code.py  the code of a strategy: its file and what it imports, hashed and counted
    answers.py    the neighbors a worker stores, on disk, so that a killed run keeps what it had
    units.py      durations, sizes, shares: printed and parsed
    master.py     what a Spark master's URL says
    allowed.py    the cores and the memory that control groups allow
    disk.py       which file a disk refused
    locks.py      locks on files, where the file system has them
    pids.py       processes by number and start time, so that no other is ended
    __main__.py   ``python -m bench``: its exit code, and why it cannot start

Imports point one way: cli -> experiment -> cluster -> measure, judge, analysis, report -> results, answers,
workloads -> strategy; units, master and allowed stand below all of them.
Strategies import ``bench.strategy`` and ``bench.master``, nothing else of bench. Analysis and report import
nothing that measures.
"""
