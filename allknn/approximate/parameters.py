"""How much the join by leaves looks at: checked, and without a heavy import."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Parameters:
    """How much is looked at.

    The defaults are for a search that goes on in rounds until it reaches a recall: that is how the library
    uses them. Where one round is all there is, as in the strategies ``leaf_join`` and ``spark_leaf_join``,
    more buckets with larger leaves are the default (``strategies/_allknn.py``).
    """

    fan_out: int = 3
    """Buckets that each point is in."""
    leaf_size: int = 300
    """Points of a leaf, on average; at least four times as many as neighbors are."""
    passes: int = 0
    """How often the neighbors of neighbors are looked at, after each round."""
    seed: int = 0
    recall: float = 0.0
    """Go on, with new leaders, until the recall lies above this with 95 % confidence; 0: one round."""

    def __post_init__(self) -> None:
        for name, least in (("fan_out", 1), ("leaf_size", 16), ("passes", 0), ("seed", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} must be at least {least}, got {getattr(self, name)}")
        if not 0 <= self.recall < 1:
            raise ValueError(f"recall must be at least 0 and below 1, got {self.recall}")
