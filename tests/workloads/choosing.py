"""Chooses a file as the command line does: what is said of its reading beside the rest."""

from dataclasses import fields

from bench.workloads import Reading, Workload, from_file

_READING = {field.name for field in fields(Reading)}


def chosen_file(path, **options) -> Workload:
    reading = {name: options.pop(name) for name in _READING & options.keys()}
    return from_file(path, **{"k": 1, "reading": Reading(**reading), **options})
