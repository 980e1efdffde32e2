// What a reader has set, in the address: #recall=0.98&memory=8GiB&reference=sklearn_chunked&sort=-total.

const SWITCHES = ["fitting", "sized"];
const QUANTITIES = ["memory", "time"];

/** What is set in a section, as parameters; nothing of what a page opens with. */
function asked(section) {
  const words = new URLSearchParams();
  if (!section.isFirst) words.set("in", section.element.id);
  const { recalls, opening } = section.data;
  if (section.controls) {
    const recall = recalls[Number(section.field("recall").value)];
    if (recall !== opening) words.set("recall", recall);
    for (const name of QUANTITIES) {
      const [, text] = section.limit(name);
      if (text) words.set(name, text.replace(" ", ""));
    }
  }
  const reference = section.reference();
  if (reference !== null) words.set("reference", section.data.outcomes[reference].name);
  const boxes = section.boxes();
  if (boxes.some((box) => !box.checked)) {
    for (const box of boxes.filter(({ checked }) => checked)) words.append("strategy", box.value);
    if (!words.has("strategy")) words.set("strategy", "");
  }
  const { key, isDescending } = section.results.sorted;
  if (key !== "rank" || isDescending) words.set("sort", `${isDescending ? "-" : ""}${key}`);
  if (section.field("filter").value) words.set("filter", section.field("filter").value);
  for (const name of SWITCHES) if (section.field(name).checked) words.set(name, "yes");
  return words;
}

/** Set a section as an address has it; what the address does not name is set as a page opens. */
function restore(section, words) {
  const { recalls, opening, outcomes } = section.data;
  if (section.controls) {
    const recall = words.has("recall") ? Number(words.get("recall")) : opening;
    const stop = recalls.findIndex((value) => value >= recall);
    section.field("recall").value = stop < 0 ? recalls.indexOf(opening) : stop;
    for (const name of QUANTITIES) {
      const [, number, unit] = /^([0-9.e+-]+) ?([a-zA-Z]+)$/.exec(words.get(name) ?? "") ?? [];
      const units = [...section.field(`${name}-unit`).options];
      const option = units.find(({ text }) => text === unit);
      section.field(name).value = option ? number : "";
      (option ?? units.find(({ defaultSelected }) => defaultSelected)).selected = true;
    }
  }
  const select = section.field("reference");
  if (select) {
    const name = words.get("reference");
    select.value = outcomes.some((outcome) => outcome.found && outcome.name === name) ? name : "";
  }
  const chosen = words.getAll("strategy");
  for (const box of section.boxes()) box.checked = !chosen.length || chosen.includes(box.value);
  section.field("filter").value = words.get("filter") ?? "";
  for (const name of SWITCHES) section.field(name).checked = words.get(name) === "yes";
  const [, minus, key] = /^(-?)(.*)$/s.exec(words.get("sort") ?? "rank");
  section.results.sort(key, minus === "-");
  section.update();
}

/** Write what is set in a section into the address; an address without a question stays empty. */
function writeAddress(section) {
  const text = String(asked(section));
  try {
    history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
  } catch { // a page inside another may have no address of its own
  }
}

/** Open on the question of the address; a name alone is a place in the page. */
function readAddress(sections) {
  const text = location.hash.slice(1);
  if (!text.includes("=")) return;
  const words = new URLSearchParams(text);
  const section = sections.find(({ element }) => element.id === words.get("in")) ?? sections[0];
  if (!section) return;
  restore(section, words);
  if (!section.isFirst) section.element.scrollIntoView();
}
