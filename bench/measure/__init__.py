"""Runs strategies and watches them: seconds, memory, CPU, threads.

    session.py          a series of runs: leave out what is measured, append each row at once
    schedule.py         which runs there are to do, in which order, and which are done already
    runner.py           one run from the harness's side: prepare, start the supervisor, judge, make the row
    judging.py          its answers judged, by a process of its own
    scratch.py          a run's own directory among the results
    supervisor.py       a small process between harness and worker: watches the worker, ends it
    worker_process.py   the worker as the supervisor has it: start it, hear it, ask it
    worker.py           the measured process: start, load, fit, query
    job.py              the order of one run
    messages.py         what worker, supervisor and harness tell each other
    process_tree.py     the processes of a run as /proc shows them
    memory.py           peaks by phase and role out of samples of the tree
    shared_memory.py    what a run holds in /dev/shm, and what it would leave there
    causes.py           why a strategy failed, in one line
    clock.py            seconds and CPU seconds of the phases
    curve.py            memory over time
    cgroup.py           the kernel's own count of a run's memory, where a control group may be made
    compiled.py         code that libraries compile once and keep, for later starts
    threads.py          the thread budget and the BLAS kernel, set before anything is imported
    environment.py      the machine and the versions
    variables.py        which environment variables a worker has, and which of them count
    probe.py            the first-touch (page-fault) cost of memory
    outcome.py          status and reason of a run
    row.py              the row, put together
    die_with_parent.py  processes that die with the harness
    java.py             a Java runtime for Spark

The supervisor, and what it imports, is standard library only: it must stay small.
"""
