"""One way to run any index on Spark, and what our own joins share with it.

gateway.py        the JVM of our own session, apart from any Spark of this process
jvm_start.py      why a JVM did not start
session.py        a quiet Spark session for one run
settings.py       its settings, beside those of the user
admission.py      whether a cluster accepts the session, and in time
executors.py      cores of executors, lost ones, how busy they were
presence.py       work that no executor is left for, ended with one line
preflight.py      what every host must have, checked before anything is shipped
guard.py          what travels is unpacked only where packages are the driver's
ship.py           a file or an object on its way to the hosts
daemon.py         what the workers of such a session are forked from on this machine
modules.py        what our joins share: a session whose workers have the library
exact_join.py     the exact join in tasks
index.py          fit, save, ship an index, and have tasks ask it for their rows
task.py           what such a task does
unknown_user.py   a user whom the system does not know, given a name
waves.py          tasks run and their records brought back, a few at a time
phases.py         a query of several phases, each timed
task_reports.py   how a task went; the reports of a query's tasks, summed up
host_memory.py    memory of a host by role
parquet_parts.py  answers written by tasks
errors.py         why Spark failed, in one line
"""
