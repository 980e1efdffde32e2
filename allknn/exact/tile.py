"""The innermost step of the exact join: products of 8 points with some dozens, tested while in registers.

A tile's sums never reach memory unless one of them passes a threshold. It is written in the compiler's
intermediate language (https://llvm.org/docs/LangRef.html), whose vectors any processor's backend can lower;
its width is this processor's.
"""

from typing import Any, NamedTuple

import llvmlite.binding as llvm
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic


class Shape(NamedTuple):
    """Rows times vectors are the sums held at once: as many as leave room for factors in the registers."""

    lanes: int
    rows: int
    vectors: int


def _shape_here() -> Shape:
    has = llvm.get_host_cpu_features()
    if has.get("avx512f"):
        return Shape(lanes=16, rows=8, vectors=3)  # 24 of 32 registers
    if has.get("avx"):
        return Shape(lanes=8, rows=4, vectors=3)  # 12 of 16
    if has.get("neon"):
        return Shape(lanes=4, rows=8, vectors=3)  # 24 of 32
    return Shape(lanes=4, rows=4, vectors=3)  # 12 of 16


LANES, ROWS, VECTORS = _shape_here()
COLUMNS = LANES * VECTORS

_INDEX = ir.IntType(64)
_VECTOR = ir.VectorType(ir.FloatType(), LANES)
_BITS = ir.IntType(LANES)


class Emitter:
    """Writes the instructions of one tile: rows x, columns y, and for both a bias and a bound."""

    def __init__(
        self, context: Any, builder: Any, kinds: tuple[Any, ...], arguments: list[Any], vector: Any = _VECTOR
    ) -> None:
        self.context, self.builder, self.kinds, self.arguments = context, builder, kinds, arguments
        self.vector = vector
        self.fuse = cgutils.get_or_insert_function(
            builder.module, ir.FunctionType(vector, [vector] * 3), f"llvm.fmuladd.v{vector.count}f32"
        )

    def pointer(self, array: int, offset: int | None = None) -> Any:
        """Where an array argument begins, or the element that another argument says."""
        data = self.context.make_array(self.kinds[array])(
            self.context, self.builder, self.arguments[array]
        ).data
        return data if offset is None else self.builder.gep(data, [self.arguments[offset]])

    def vector_at(self, pointer: Any, index: Any) -> Any:
        """Address of the vector that begins at an element."""
        return self.builder.bitcast(self.builder.gep(pointer, [index]), self.vector.as_pointer())

    def load(self, pointer: Any, index: Any) -> Any:
        """Read a vector."""
        return self.builder.load(self.vector_at(pointer, index), align=4)

    def spread(self, pointer: Any, index: Any) -> Any:
        """Read one element into all lanes."""
        one = self.builder.load(self.builder.gep(pointer, [index]))
        nothing = ir.Constant(self.vector, ir.Undefined)
        first = self.builder.insert_element(nothing, one, ir.Constant(ir.IntType(32), 0))
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), self.vector.count), [0] * self.vector.count)
        return self.builder.shuffle_vector(first, nothing, lanes)

    def sums(self, x: Any, y: Any, n_features: Any, x_bias: Any, y_bias: Any) -> list[list[Any]]:
        """Products of rows and columns plus the biases of both."""
        b = self.builder
        biases = [self.load(y_bias, index(LANES * v)) for v in range(VECTORS)]
        held = []
        for row in range(ROWS):
            own = self.spread(x_bias, index(row))
            held.append([cgutils.alloca_once_value(b, b.fadd(own, bias)) for bias in biases])
        with cgutils.for_range(b, n_features) as loop:
            right = b.mul(loop.index, index(COLUMNS))
            left = b.mul(loop.index, index(ROWS))
            columns = [self.load(y, b.add(right, index(LANES * v))) for v in range(VECTORS)]
            for row in range(ROWS):
                factor = self.spread(x, b.add(left, index(row)))
                for place, column in zip(held[row], columns, strict=True):
                    b.store(b.call(self.fuse, [factor, column, b.load(place)]), place)
        return [[b.load(place) for place in places] for places in held]

    def products(self, panel: Any, n_features: Any, direction: Any, vectors: int) -> list[Any]:
        """Products of the points of a panel, so many vectors of them, with a direction."""
        b, lanes = self.builder, self.vector.count
        places = [cgutils.alloca_once_value(b, ir.Constant(self.vector, None)) for _ in range(vectors)]
        with cgutils.for_range(b, n_features) as loop:
            factor = self.spread(direction, loop.index)
            first = b.mul(loop.index, index(vectors * lanes))
            for v, place in enumerate(places):
                points = self.load(panel, b.add(first, index(v * lanes)))
                b.store(b.call(self.fuse, [factor, points, b.load(place)]), place)
        return [b.load(place) for place in places]

    def passed(self, sums: list[list[Any]], x_bound: Any, y_bound: Any) -> list[list[Any]]:
        """Which sums exceed the bound of their row or that of their column."""
        b = self.builder
        bounds = [self.load(y_bound, index(LANES * v)) for v in range(VECTORS)]
        hits = []
        for row, values in enumerate(sums):
            own = self.spread(x_bound, index(row))
            lower = [b.select(b.fcmp_ordered("<", own, bound), own, bound) for bound in bounds]
            hits.append([b.fcmp_ordered(">", value, low) for value, low in zip(values, lower, strict=True)])
        return hits

    def any_of(self, hits: list[list[Any]]) -> Any:
        """Whether one passed at all."""
        b = self.builder
        together, *others = [hit for row in hits for hit in row]
        for hit in others:
            together = b.or_(together, hit)
        return b.icmp_unsigned("!=", b.bitcast(together, _BITS), ir.Constant(_BITS, 0))

    def write(self, sums: list[list[Any]], hits: list[list[Any]], values: Any, masks: Any) -> None:
        """Store all sums, and for each row which of them passed, a bit each."""
        b = self.builder
        for row in range(ROWS):
            mask: Any = index(0)
            for v in range(VECTORS):
                b.store(sums[row][v], self.vector_at(values, index(row * COLUMNS + v * LANES)), align=4)
                bits = b.zext(b.bitcast(hits[row][v], _BITS), _INDEX)
                mask = b.or_(mask, b.shl(bits, index(v * LANES)))
            b.store(mask, b.gep(masks, [index(row)]))


def index(value: int) -> Any:
    """A constant of the language."""
    return ir.Constant(_INDEX, value)


@intrinsic  # type: ignore[untyped-decorator]  # numba has no types
def tile(
    _typing: Any,
    x: Any,
    x_at: Any,
    y: Any,
    y_at: Any,
    n_features: Any,
    x_bias: Any,
    x_bound: Any,
    row: Any,
    y_bias: Any,
    y_bound: Any,
    column: Any,
    values: Any,
    masks: Any,
) -> Any:
    """Multiply ROWS points with COLUMNS others; True where x·y + x_bias + y_bias exceeds one of both bounds.

    ``x`` from ``x_at`` on has ROWS values for each feature, ``y`` from ``y_at`` COLUMNS; biases and bounds
    start at ``row`` and ``column``. Only then are written: ``values``, ROWS * COLUMNS sums, and ``masks``,
    for each row a bit for each column that exceeds.
    """

    def emit(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
        at = Emitter(context, builder, signature.args, arguments)
        sums = at.sums(at.pointer(0, 1), at.pointer(2, 3), arguments[4], at.pointer(5, 7), at.pointer(8, 10))
        hits = at.passed(sums, at.pointer(6, 7), at.pointer(9, 10))
        found = at.any_of(hits)
        with builder.if_then(found, likely=False):
            at.write(sums, hits, at.pointer(11), at.pointer(12))
        return found

    kinds = (x, x_at, y, y_at, n_features, x_bias, x_bound, row, y_bias, y_bound, column, values, masks)
    return types.boolean(*kinds), emit


def _projection(width: int) -> Any:
    """Make the function that projects the points of one panel of ``width`` onto a direction."""
    lanes = min(width, LANES)
    vector = ir.VectorType(ir.FloatType(), lanes)

    @intrinsic  # type: ignore[untyped-decorator]  # as above
    def project(
        _typing: Any, panels: Any, panel_at: Any, n_features: Any, direction: Any, projections: Any
    ) -> Any:
        """Write the products of a panel's points, from ``panel_at`` on, with a direction."""

        def emit(context: Any, builder: Any, signature: Any, arguments: list[Any]) -> Any:
            at = Emitter(context, builder, signature.args, arguments, vector)
            sums = at.products(at.pointer(0, 1), arguments[2], at.pointer(3), width // lanes)
            for v, value in enumerate(sums):
                builder.store(value, at.vector_at(at.pointer(4), index(v * lanes)), align=4)
            return context.get_dummy_value()

        return types.void(panels, panel_at, n_features, direction, projections), emit

    return project


project_rows, project_columns = _projection(ROWS), _projection(COLUMNS)


@intrinsic  # type: ignore[untyped-decorator]  # as above
def lowest_bit(_typing: Any, bits: Any) -> Any:
    """Position of the lowest bit set in a uint64 that is not 0."""

    def emit(_context: Any, builder: Any, _signature: Any, arguments: list[Any]) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

    return types.int64(bits), emit
