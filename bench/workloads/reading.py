"""What a user may say about how his points are to be read and made fit to be searched."""

from dataclasses import dataclass

ZERO_VECTORS = ("drop", "last")
"""What can become of zero vectors under ``cosine``, other than being refused."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The choices about a file's content; what is None or False was not asked for."""

    columns: str | None = None
    """Columns that are the points: names or patterns such as ``d*``, separated by commas."""
    exclude: str | None = None
    """Columns that are not, in the same form."""
    key: str | None = None
    """An array within the file."""
    id: str | None = None
    """The column, or array of one dimension, that holds the points' ids."""
    drop_bad_rows: bool = False
    """Leave out rows with NaN or infinity, of another width, and zero vectors under ``cosine``."""
    zero_vectors: str | None = None
    """One of ZERO_VECTORS; None: refused."""
    allow_loss: bool = False
    """Go on where float32 cannot hold the points' distances."""

    def __post_init__(self) -> None:
        """Raise ValueError where a choice is not one that there is."""
        if self.zero_vectors not in (None, *ZERO_VECTORS):
            raise ValueError(f"unknown choice for zero vectors {self.zero_vectors!r}: use drop or last")
        for option in ("columns", "exclude", "id"):
            text = getattr(self, option)
            if text is not None and not text.strip():
                raise ValueError(f"--{option} is empty: name at least one column")

    def key_of_source(self) -> dict[str, str]:
        """What decides which values are read, fit for JSON; only what was asked for."""
        chosen = {"columns": self.columns, "exclude": self.exclude, "key": self.key, "id": self.id}
        dropping = {"odd_rows": "dropped"} if self.drop_bad_rows else {}
        return {name: text for name, text in chosen.items() if text is not None} | dropping
