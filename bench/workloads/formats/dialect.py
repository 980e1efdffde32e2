"""How a text file writes its numbers: separator, decimal sign, header, comments, words before the numbers."""

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from csv import reader
from dataclasses import dataclass

from bench.workloads.formats.coordinates import LISTS_AS_TEXT, is_list_as_text, named
from bench.workloads.stream import UnreadableError

COMMENTS = ("#", "%", "//")
_SEPARATORS = (";", "\t", "|", "\x01")
_MISSING = {"", "na", "n/a", "#n/a", "nan", "null", "none", "-nan", "?"}
_WHOLE = re.compile(r"[+-]?\d+")
_COMMA_NUMBER = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?|[+-]?\d+")
_EXCEL = re.compile(r"\"?sep=(?:.|\\t)?\"?", re.IGNORECASE)
"""A first line by which Excel says the separator."""
_SPARSE = re.compile(r"\d+:[-+.\deE]+")
_OVER_TEXT = re.compile(
    r"names?|words?|tokens?|samples?|titles?|species|genes?|cells?|texts?|documents?", re.IGNORECASE
)
"""What columns of text are called, beside ids and labels."""
_LEAST_LINES = 2
LONG = "long integer"
"""The kind of columns of integers that float64 may not hold."""
_DIGITS_OF_FLOAT64 = 15
_NUMBERS = {"integer", "float", LONG}


@dataclass(frozen=True, slots=True)
class Dialect:
    """What the first lines of a text file say about all of it."""

    separator: str
    """One character; a space stands for any run of spaces and tabs."""
    skipped: int
    """Lines before the first row or the header: empty ones, comments, a line of sizes."""
    header: bool
    names: tuple[str, ...]
    """Of all columns; their numbers from 0 where there is no header."""
    kinds: tuple[str, ...]
    """Of each column: ``integer``, LONG, ``float``, ``text``, or ``empty`` where no line has a value."""
    comment: str | None
    decimal_comma: bool
    notes: tuple[str, ...]

    @property
    def words_first(self) -> bool:
        """Whether a word leads each row of numbers, as GloVe and word2vec write them."""
        return self.separator == " " and self.kinds[0] == "text" and set(self.kinds[1:]) <= _NUMBERS


def find_dialect(file: str, lines: Sequence[str]) -> Dialect:
    """Look at the first lines of a file; raises UnreadableError where they hold nothing."""
    comment = _comment(lines)
    skipped = 0
    while skipped < len(lines) and _is_nothing(lines[skipped], comment):
        skipped += 1
    rows = [line for line in lines[skipped:] if not _is_nothing(line, comment)]
    if not rows:
        raise UnreadableError(f"{file} has no columns")
    _check_shape(file, rows)
    separator, decimal_comma = _separator(rows)
    width = _width_led_by_words(rows[1:] or rows)  # a word may hold spaces
    fields = [line.rsplit(None, width - 1) if width else split(line, separator) for line in rows]
    notes = []
    if _is_size(fields):
        notes.append(f"the first line, {rows[0].strip()}, says how many rows and columns there are")
        skipped += 1
        while skipped < len(lines) and _is_nothing(lines[skipped], comment):
            skipped += 1
        fields = fields[1:]
    if decimal_comma:
        notes.append("numbers are written with a decimal comma")
    header = _is_header(fields, decimal_comma) or (separator != " " and _names_text(fields))
    first, body = fields[0], fields[1:] if header else fields
    if header and any(_is_number(field, decimal_comma) for field in first if field):
        start = separator.join(first[:3])
        notes.append(f"the first line, {start}…, was taken for a header")
    if header and body and len(body[0]) == len(first) + 1:  # R writes no name over the names of rows
        first = ["", *first]
    names = first if header else [str(number) for number in range(len(first))]
    kinds = [_kind([row[i] for row in body if i < len(row)], decimal_comma) for i in range(len(names))]
    return Dialect(
        separator, skipped, header, tuple(names), tuple(kinds), comment, decimal_comma, tuple(notes)
    )


def _comment(lines: Sequence[str]) -> str | None:
    """What comments begin with; None where such lines are rows, led by a word as all are."""
    comment = next((c for line in lines for c in COMMENTS if line.lstrip().startswith(c)), None)
    if comment is None:
        return None
    for separators in (r"\s+", r"\s*[,;|\t]\s*"):
        rows = [re.split(separators, line.strip()) for line in lines if line.strip()]
        width = Counter(map(len, rows)).most_common(1)[0][0]
        whole = [row for row in rows if len(row) == width > 1 and all(map(_is_plain, row[1:]))]
        words = [row for row in whole if not _is_plain(row[0])]
        if 2 * len(words) > len(rows) and any(row[0].startswith(comment) for row in words):
            return None
    return comment


def split(line: str, separator: str) -> list[str]:
    """The fields of a line, without the space around them."""
    if separator == " ":
        return line.split()
    return [field.strip() for field in next(reader([line.strip(" ")], delimiter=separator), [])]


def _is_nothing(line: str, comment: str | None) -> bool:
    text = line.strip()
    return (
        not text or _EXCEL.fullmatch(text) is not None or (comment is not None and text.startswith(comment))
    )


def _separator(rows: Sequence[str]) -> tuple[str, bool]:
    """The character that separates fields, and whether a comma within them is a decimal sign."""
    if _width_led_by_words(rows[1:] or rows):  # which may hold any of the separators
        return " ", False
    for separator in _SEPARATORS:
        if separator in rows[-1].strip():
            fields = [field for row in rows[1:] or rows for field in split(row, separator) if field]
            commas = [field for field in fields if "," in field]
            return separator, bool(commas) and all(map(_COMMA_NUMBER.fullmatch, commas))
    if "," in rows[-1] or "," in rows[0]:
        spaced = [field for row in rows[1:] or rows for field in row.split()]
        commas = [field for field in spaced if "," in field]
        aligned = len(spaced) > len(rows[1:] or rows) and all(map(_COMMA_NUMBER.fullmatch, commas))
        if aligned and not any(field.endswith(",") for field in spaced):
            return " ", True
        return ",", False
    return " ", False


def _check_shape(file: str, rows: Sequence[str]) -> None:
    """Raise UnreadableError where rows are written in a way of which only a part would be read as numbers."""
    last = rows[-1].split()
    if len(last) > 1 and 2 * sum(map(bool, map(_SPARSE.fullmatch, last))) >= len(last):
        raise UnreadableError(f"{file} holds sparse rows (libsvm), points must be dense: write all values")
    if all(row.lstrip().startswith("[") and row.rstrip().endswith("]") for row in rows):
        raise UnreadableError(
            f"{file} has a list in brackets a line: rename it .jsonl, with commas in the lists"
        )


def _names_text(fields: Sequence[Sequence[str]]) -> bool:
    """Whether a field of the first line is what a column of text is called, and not one of its texts."""
    for place, field in enumerate(fields[0]):
        called = _OVER_TEXT.fullmatch(field) or named(field)
        below = [row[place] for row in fields[1:] if place < len(row)]
        if called and below and field not in below and not any(map(_is_plain, below)):
            return True
    return False


def _width_led_by_words(rows: Sequence[str]) -> int:
    """Fields of most rows where these are a word and then numbers, with spaces between them; else 0."""
    fields = [row.split() for row in rows if "\t" not in row]
    width = Counter(map(len, fields)).most_common(1)[0][0] if fields else 0
    numbers = [row for row in fields if len(row) >= width and all(map(_is_plain, row[1 - width :]))]
    words = [row for row in numbers if not _is_plain(row[0])]
    led = width > 1 and len(numbers) > 0.9 * len(rows) and 2 * len(words) > len(rows)
    return width if led else 0


def _is_size(fields: Sequence[Sequence[str]]) -> bool:
    """Whether the first line holds word2vec's two sizes: as many columns follow a word in each line."""
    if len(fields) < _LEAST_LINES or len(fields[0]) != 2 or not all(map(_WHOLE.fullmatch, fields[0])):
        return False
    return len(fields[1]) == int(fields[0][1]) + 1 and not _is_number(fields[1][0], decimal_comma=False)


def _is_header(fields: Sequence[Sequence[str]], decimal_comma: bool) -> bool:
    """Whether a first line names columns: by a word where numbers follow, or by numbers that pandas gives."""
    first = [field for field in fields[0] if field and _is_number(field, decimal_comma)]
    second = [f for f in fields[1] if f and _is_number(f, decimal_comma)] if len(fields) > 1 else []
    if _counts(first, 0) or (_counts(first, 1) and bool(second) and not _ascends(second)):
        return True
    if second and _steps_evenly(first) and not _steps_evenly(second):
        return True
    for place, field in enumerate(fields[0]):
        below = [row[place] for row in fields[1:] if place < len(row)]
        numbers = [_is_number(text, decimal_comma) for text in below if text]
        if not _is_number(field, decimal_comma) and (not below or 2 * sum(numbers) > len(numbers)):
            return True
    words = [not _is_number(field, decimal_comma) for field in fields[0]]
    return all(words) and len(fields) == 1


def _counts(fields: Sequence[str], start: int) -> bool:
    return len(fields) > 1 and list(fields) == [str(number) for number in range(start, start + len(fields))]


def _ascends(fields: Sequence[str]) -> bool:
    return all(map(_WHOLE.fullmatch, fields)) and _counts(fields, int(fields[0]))


def _steps_evenly(fields: Sequence[str]) -> bool:
    """Whether numbers rise by one and the same step, as wavelengths or times in a header do."""
    if len(fields) < 5 or not all(_is_number(field, decimal_comma=False) for field in fields):
        return False
    numbers = [float(field) for field in fields]
    steps = [after - before for before, after in itertools.pairwise(numbers)]
    return steps[0] > 0 and all(abs(step - steps[0]) <= 1e-6 * abs(numbers[-1]) for step in steps)


def _kind(values: Sequence[str], decimal_comma: bool) -> str:
    there = [value for value in values if value.lower() not in _MISSING]
    if is_list_as_text(there):
        return LISTS_AS_TEXT
    if not there:
        return "empty" if not any(values) else "float"
    if all(map(_WHOLE.fullmatch, there)):
        return LONG if max(map(len, there)) > _DIGITS_OF_FLOAT64 else "integer"
    numbers = sum(_is_number(value, decimal_comma) for value in there)
    wrong = Counter(value for value in there if not _is_number(value, decimal_comma))
    return "text" if numbers < len(there) - 1 or len(wrong) > 1 or not numbers else "float"


def _is_plain(text: str) -> bool:
    return _is_number(text, decimal_comma=False)


def _is_number(text: str, decimal_comma: bool) -> bool:
    """Whether a field is a number or says that one is missing."""
    if text.lower() in _MISSING:
        return True
    try:
        float(text.replace(",", ".") if decimal_comma else text)
    except ValueError:
        return False
    return True
