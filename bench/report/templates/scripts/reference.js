// Every total as a ratio to that of a reference, with its interval where repeats allow.

/** Seconds of an outcome over those of the reference: of paired repeats as Python computed it, else of medians. */
function ratioTo(data, reference, number) {
  const [one, other] = [data.outcomes[reference], data.outcomes[number]];
  if (!one.found || !other.found) return null;
  if (reference === number) return { ratio: 1 };
  const pair = compared(data.pairs, reference, number);
  if (!pair || pair.ratio === undefined) return { ratio: other.found.seconds / one.found.seconds };
  const { ratio, low, high } = pair;
  return reference < number ? { ratio, low, high } : { ratio: 1 / ratio, low: 1 / high, high: 1 / low };
}

/** Two decimals as Python writes them: a tie, which only an odd number of eighths is, goes to the even digit. */
function hundredths(value) {
  if (!Number.isInteger(value * 8) || Number.isInteger(value * 4)) return value.toFixed(2);
  const below = Math.floor(value * 100);
  return ((below + (below % 2)) / 100).toFixed(2);
}

function writeRatio(value) {
  return value < 0.1 ? value.toPrecision(2) : hundredths(value);
}

function ratioInWords(found) {
  if (found === null) return "";
  const { ratio, low, high } = found;
  return writeRatio(ratio) + (low === undefined ? "" : ` [${writeRatio(low)}, ${writeRatio(high)}]`);
}
