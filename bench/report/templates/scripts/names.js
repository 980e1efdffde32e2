// Names beside the marks of the chart, where they cover neither marks nor each other.

const LETTER = 6.8; // pixels, of 12px text
const LINE = 15;
const MARK = 7; // half of a mark
const PLACES = [
  { dx: -13, dy: 0, align: "right" },
  { dx: 13, dy: 0, align: "left" },
  { dx: 0, dy: -17, align: "center" },
  { dx: 0, dy: 17, align: "center" },
];

/** Columns of the names of visible marks, the most important first: these come always, others where there is room. */
function named(plot, marks, visible, always, others) {
  const points = marks.x.map((x, at) => ({
    x: Math.log(x / plot.x_range.start) / Math.log(plot.x_range.end / plot.x_range.start) * plot.inner_width,
    y: (plot.y_range.end - marks.y[at]) / (plot.y_range.end - plot.y_range.start) * plot.inner_height,
  }));
  const taken = visible.map((at) => ({ at, ...around(points[at], MARK, MARK) }));
  const columns = { x: [], y: [], text: [], dx: [], dy: [], align: [] };
  for (const at of [...always, ...others]) {
    const width = LETTER * marks.name[at].length;
    const boxes = PLACES.map((place) => box(points[at], place, width));
    const isFree = ({ left, right, top, bottom }) =>
      left >= 0 && right <= plot.inner_width && top >= 0 && bottom <= plot.inner_height
      && taken.every((other) => other.at === at || other.left > right || other.right < left
        || other.top > bottom || other.bottom < top);
    const found = plot.inner_width ? boxes.findIndex(isFree) : -1;
    if (found < 0 && !always.includes(at)) continue;
    const chosen = Math.max(found, 0);
    const { dx, dy, align } = PLACES[chosen];
    const row = { x: marks.x[at], y: marks.y[at], text: marks.name[at], dx, dy, align };
    for (const [name, value] of Object.entries(row)) columns[name].push(value);
    taken.push(boxes[chosen]);
  }
  return columns;
}

function around({ x, y }, halfWidth, halfHeight) {
  return { left: x - halfWidth, right: x + halfWidth, top: y - halfHeight, bottom: y + halfHeight };
}

function box({ x, y }, { dx, dy, align }, width) {
  const middle = x + dx + { right: -width / 2, left: width / 2, center: 0 }[align];
  return around({ x: middle, y: y + dy }, width / 2, LINE / 2);
}
