// What a reader takes along: Markdown, the chart as a picture, the rows as CSV and JSON.

/** Text that Markdown shows as it is, in one line. */
function plainMarkdown(text) {
  return text.replace(/\s+/g, " ").trim().replace(/[\\`*_{}[\]<>()#+!|~&-]/g, "\\$&");
}

function markdownTable([head, ...rows]) {
  const line = (cells) => `| ${cells.map(plainMarkdown).join(" | ")} |`;
  const rule = `|${head.map((_, i) => (i < 3 ? "---" : "--:")).join("|")}|`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}

function fenced(text) {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}console\n${text}\n${fence}`;
}

/** Answer, table, command and machine of a section, as its reader sees them. */
function asMarkdown(section) {
  const { element, data, state, results } = section;
  const answers = [...element.querySelectorAll(".answers p")].map((p) => plainMarkdown(p.textContent));
  const isCompared = section.reference() !== null;
  const head = ["Rank", "Strategy", "Status", "Total", "Recall", "Peak memory", "Start", "Fit", "Query"];
  if (isCompared) head.splice(4, 0, `Total / ${data.outcomes[section.reference()].name}`);
  const rows = results.shown().map((number) => {
    const { cells } = results.bodies[number].rows[0];
    const own = (at) => cells[at].querySelector(".total, .chip, a")?.textContent ?? cells[at].firstChild.textContent;
    const row = [...head.keys()].slice(0, 9).map(own);
    if (isCompared) row.splice(4, 0, ratioInWords(ratioTo(data, section.reference(), number)));
    return row;
  });
  const command = data.outcomes[state.ranking.fitting[0] ?? state.ranking.nearest]?.command;
  const machine = [...element.querySelectorAll(".machine > div")].map(
    ({ firstElementChild: name, lastElementChild: value }) => `${name.textContent}: ${value.textContent}`,
  );
  return [
    `**${plainMarkdown(element.querySelector("h2").textContent)}**`,
    ...answers,
    markdownTable([head, ...rows]),
    ...(command ? [fenced(command)] : []),
    machine.map(plainMarkdown).join("; "),
  ].join("\n\n") + "\n";
}

/** The outcomes shown, in the order of the table, with plain names and units. */
function asRows(section) {
  return section.results.shown().map((number) => {
    const { name, strategy, run, exact, found, sort } = section.data.outcomes[number];
    const ratio = section.reference() === null ? null : ratioTo(section.data, section.reference(), number);
    return {
      rank: section.results.ranks[number],
      name,
      strategy,
      run_id: run,
      exact,
      status: sort.status,
      total_seconds: found?.seconds ?? sort.total,
      ratio: ratio?.ratio ?? null,
      ratio_low: ratio?.low ?? null,
      ratio_high: ratio?.high ?? null,
      start_seconds: sort.start,
      fit_seconds: sort.fit,
      query_seconds: sort.query,
      recall: sort.recall,
      recall_low: found?.recall ?? null,
      peak_memory_bytes: sort.memory,
      peak_anonymous_bytes: sort.anonymous,
      cores_used: sort.cores,
    };
  });
}

function asCsv(rows) {
  const cell = (value) => (/[",\r\n]/.test(value ?? "") ? `"${String(value).replaceAll('"', '""')}"` : `${value ?? ""}`);
  if (!rows.length) return "";
  return [Object.keys(rows[0]), ...rows.map(Object.values)].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // an older browser, or one that does not let a file use the clipboard
    const area = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function save(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** The buttons of a section. */
function offerCopies(section) {
  const { element } = section;
  const said = element.querySelector(".copied");
  const name = element.id;
  const text = (content, type) => new Blob([content], { type: `${type};charset=utf-8` });
  const does = {
    markdown: () => copyText(asMarkdown(section)),
    link: () => {
      writeAddress(section);
      return copyText(location.href);
    },
    csv: () => save(text(asCsv(asRows(section)), "text/csv"), `${name}.csv`),
    json: () => save(text(`${JSON.stringify(asRows(section), null, 1)}\n`, "application/json"), `${name}.json`),
    png: async () => save(await section.chart.picture("png"), `${name}.png`),
    svg: async () => save(await section.chart.picture("svg"), `${name}.svg`),
  };
  for (const button of element.querySelectorAll("[data-copy], [data-save]")) {
    button.addEventListener("click", async () => {
      await does[button.dataset.copy ?? button.dataset.save]();
      said.textContent = button.dataset.copy ? "Copied." : "Saved.";
      setTimeout(() => (said.textContent = ""), 4000);
    });
  }
}
