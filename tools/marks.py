"""The part of a document that a target of the Makefile writes: what stands between two marks."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Part:
    """What ``make TARGET`` writes into a document."""

    target: str

    end: ClassVar[str] = "<!-- end -->"

    @property
    def begin(self) -> str:
        """The mark before it."""
        return f"<!-- made by `make {self.target}` -->"

    def replaced(self, document: str, text: str) -> str:
        """Return a document with another text there; raises ValueError where it lacks the marks."""
        before, begin, rest = document.partition(self.begin)
        _, end, after = rest.partition(self.end)
        if not begin or not end:
            raise ValueError(f"the document lacks the marks {self.begin} and {self.end}")
        return f"{before}{begin}\n{text}\n{end}{after}"

    def written(self, document: str) -> str:
        """Return what stands there; empty where the marks are missing."""
        return document.partition(f"{self.begin}\n")[2].partition(f"\n{self.end}")[0]
