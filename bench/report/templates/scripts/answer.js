// The sentences that answer first, from the templates of bench.report.answer.

function fill(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

function limitsInWords(phrases, limits) {
  const parts = [fill(phrases[limits.recall ? "recall" : "any_recall"], limits)];
  if (limits.memory < Infinity) parts.push(fill(phrases.memory, { memory: limits.memoryText }));
  if (limits.time < Infinity) parts.push(fill(phrases.time, { time: limits.timeText }));
  const last = parts.pop();
  return parts.length ? `${parts.join(", ")} and ${last}` : last;
}

function certainty(data, winner, rival) {
  const { outcomes, pairs, phrases } = data;
  if (rival === undefined) return phrases.alone;
  const found = compared(pairs, winner, rival);
  if (!found) return phrases.single;
  const [first, second] = winner < rival ? [winner, rival] : [rival, winner];
  const isTurned = found.verdict === "different" && found.ratio < 1;
  const [a, b] = isTurned ? [second, first] : [first, second];
  const { ratio, low, high } = found;
  const ratios = isTurned ? [1 / ratio, 1 / high, 1 / low] : [ratio, low, high];
  const [middle, least, most] = ratios.map((value) => value === undefined ? "" : hundredths(value));
  const words = { ...found, ratio: middle, low: least, high: most };
  return fill(phrases[found.verdict], { ...words, a: outcomes[a].name, b: outcomes[b].name });
}

/** The answer for limits, a sentence each. */
function answer(data, limits, { fitting, nearest, missed }) {
  const { outcomes, phrases } = data;
  const limitWords = { limits: limitsInWords(phrases, limits) };
  if (nearest !== null) {
    const words = missed.get(nearest).map((name) => fill(phrases[`misses ${name}`], outcomes[nearest]));
    const named = { ...outcomes[nearest], misses: words.join(" and ") };
    return [fill(phrases.none, limitWords), fill(phrases.nearest, named)];
  }
  const [winner, rival] = fitting;
  const sentences = [fill(phrases.fastest, { ...outcomes[winner], ...limitWords })];
  const exact = fitting.find((number) => outcomes[number].exact);
  if (exact === winner) sentences.push(phrases.is_exact);
  else if (exact !== undefined) sentences.push(fill(phrases.exact, outcomes[exact]));
  if (data.isChoice) sentences.push(certainty(data, winner, rival));
  return sentences;
}

/** What the row of an outcome says beside its rank. */
function note(data, number, { fitting, missed }) {
  if (!missed.has(number)) return "";
  if (missed.get(number).length) return `misses ${missed.get(number).join(", ")}`;
  if (number === fitting[0]) return data.phrases.recommended;
  const found = compared(data.pairs, fitting[0], number);
  return (found && data.phrases[`mark ${found.verdict}`]) ?? "";
}
