// Which outcomes are within the limits, in which order, or which is closest: as bench.analysis.ranking.

const RECALL_GRAIN = 1e-4;

/** Name the limits that figures miss, each with the factor by which. */
function misses(found, limits) {
  const missed = {};
  if (found.recall < limits.recall) {
    missed.recall = (1 - found.recall + RECALL_GRAIN) / (1 - limits.recall + RECALL_GRAIN);
  }
  for (const name of ["memory", "time"]) {
    const needed = found[name] ?? Infinity;
    if (needed > limits[name]) missed[name] = limits[name] ? needed / limits[name] : Infinity;
  }
  return missed;
}

/** Rank outcomes by number: what fits, the fastest first, or the closest where nothing does. */
function rank(outcomes, limits) {
  const judged = [];
  for (const [number, { found }] of outcomes.entries()) {
    if (!found) continue;
    const missed = misses(found, limits);
    judged.push({ number, missed, seconds: found.seconds, worst: Math.max(0, ...Object.values(missed)) });
  }
  const fitting = judged.filter(({ worst }) => worst === 0).sort((a, b) => a.seconds - b.seconds);
  const nearest = fitting.length ? [] : judged.sort((a, b) => a.worst - b.worst || a.seconds - b.seconds);
  return {
    fitting: fitting.map(({ number }) => number),
    nearest: nearest[0]?.number ?? null,
    missed: new Map(judged.map(({ number, missed }) => [number, Object.keys(missed)])),
  };
}

/** What repeats say of two outcomes, seconds of the later over the earlier: nothing where they are single runs. */
function compared(pairs, a, b) {
  const found = pairs[a < b ? `${a}-${b}` : `${b}-${a}`];
  if (!found) return null;
  const [verdict, repeats, ratio, low, high] = found;
  return { verdict, repeats, ratio, low, high };
}

/** Numbers of the marks than which none shown is both faster and of higher recall. */
function front(marks, isShown) {
  const candidates = marks.outcome
    .map((number, at) => ({ number, at, x: marks.x[at], y: marks.y[at] }))
    .filter(({ at }) => isShown[at] && marks.ok[at] && marks.known[at])
    .sort((a, b) => a.x - b.x || b.y - a.y);
  let best = -Infinity;
  return candidates.filter(({ y }) => y > best && ((best = y), true)).map(({ at }) => at);
}
