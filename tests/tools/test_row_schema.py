"""The JSON Schema of a row is made of its fields, takes what is written and refuses what is not a row."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bench.catalog import DIRECTORY
from bench.results import SCHEMA, Store
from tests.measure.runs import fake, run
from tests.report.rows import every_status
from tools import row_schema

ROWS = DIRECTORY.parent / "results" / "reference"


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads(row_schema.PATH.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def written(row: object) -> dict[str, Any]:
    return json.loads(json.dumps(asdict(row)))  # type: ignore[call-overload]


def test_the_file_is_what_the_fields_say() -> None:
    assert row_schema.PATH.read_text(encoding="utf-8") == row_schema.as_text()


def test_rows_of_every_status_and_of_a_real_run_are_taken(
    validator: Draft202012Validator, tmp_path: Path
) -> None:
    rows = [*every_status(), run(tmp_path, fake("answers_slowly"))]
    assert rows[-1].status == "ok"
    for row in rows:
        assert [error.message for error in validator.iter_errors(written(row))] == []


def test_the_reference_is_taken_as_this_version_reads_it(validator: Draft202012Validator) -> None:
    for row in Store(ROWS).rows():
        assert list(validator.iter_errors(written(row) | {"schema": SCHEMA})) == []


@pytest.mark.parametrize(
    "odd",
    [
        {"status": "fine"},
        {"recall": "1.0"},
        {"workload": {"name": "x"}},
        {"phases": {"fit": {"seconds": 1}}},
        {"schema": 1},
        {"colour": "red"},
        {"warnings": [1]},
        {"predicted": {"total_seconds": None}},
    ],
    ids=lambda odd: next(iter(odd)),
)
def test_what_is_no_row_is_refused(odd: dict[str, Any], validator: Draft202012Validator) -> None:
    assert validator.is_valid(written(every_status()[0]))
    assert not validator.is_valid(written(every_status()[0]) | odd)
