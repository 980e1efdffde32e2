// Each section of the page: its limits and choices, and what follows them.

/** A group of comparable runs: fields that set limits, the answer, the table and the chart. */
class Section {
  constructor(element, isFirst) {
    this.element = element;
    this.isFirst = isFirst;
    this.data = JSON.parse(element.querySelector(".payload").textContent);
    this.results = new Results(element, this.data);
    this.runs = new PackedRuns(element);
    this.words = this.results.bodies.map((body) => body.rows[0].textContent.toLowerCase());
    this.chart = null;
    this.controls = element.querySelector(".controls");
    for (const part of element.querySelectorAll(".needs-script")) part.hidden = false;
    element.addEventListener("input", () => this.follow());
    for (const button of element.querySelectorAll(".ranked th button")) {
      button.addEventListener("click", () => writeAddress(this)); // after the table has sorted
    }
    offerCopies(this);
    this.update();
  }

  /** Follow what the reader has set, in the page and in its address. */
  follow() {
    this.update();
    writeAddress(this);
  }

  /** The number of the outcome that totals are compared with; null where none is chosen. */
  reference() {
    const name = this.field("reference")?.value;
    const number = this.data.outcomes.findIndex((outcome) => outcome.found && outcome.name === name);
    return name && number >= 0 ? number : null;
  }

  boxes() {
    return [...this.element.querySelectorAll('[name="strategy"]')];
  }

  field(name) {
    return this.element.querySelector(`[name="${name}"]`);
  }

  /** A number and its unit; an empty or impossible number limits nothing. */
  limit(name) {
    const { value, valueAsNumber: number } = this.field(name);
    const unit = this.field(`${name}-unit`).selectedOptions[0];
    const isSet = value !== "" && number >= 0;
    return isSet ? [number * Number(unit.value), `${value} ${unit.text}`] : [Infinity, ""];
  }

  /** What is set; nothing where there is nothing to choose from, and so no field. */
  limits() {
    if (!this.controls) return { recall: 0, nines: 0, memory: Infinity, time: Infinity };
    const stop = Number(this.field("recall").value);
    const [memory, memoryText] = this.limit("memory");
    const [time, timeText] = this.limit("time");
    return { recall: this.data.recalls[stop], nines: this.data.nines[stop], memory, memoryText, time, timeText };
  }

  update() {
    const limits = this.limits();
    const ranking = rank(this.data.outcomes, limits);
    this.say(limits, ranking);
    this.results.show(ranking);
    this.results.compareTo(this.reference());
    const isShown = this.shown(ranking);
    this.results.keep(isShown);
    this.element.querySelector(".none-shown").hidden = isShown.includes(true);
    this.state = { ranking, limits, isShown, isSizedByMemory: this.field("sized").checked };
    this.chart?.show(this.state);
  }

  say(limits, ranking) {
    if (!this.controls) return;
    const recall = String(limits.recall);
    this.field("recall").setAttribute("aria-valuetext", recall);
    this.element.querySelector(".recall-value").textContent = recall;
    const [first, ...others] = answer(this.data, limits, ranking);
    const isNone = ranking.fitting.length === 0;
    this.element.querySelector(".answers").classList.toggle("none-fits", isNone);
    this.element.querySelector(".answer").textContent = first;
    const more = others.map((words) => {
      const paragraph = document.createElement("p");
      paragraph.className = "answer-more";
      paragraph.textContent = words;
      return paragraph;
    });
    this.element.querySelector(".answers-more").replaceChildren(...more);
  }

  /** Which outcomes the reader wants to see, in table and chart. */
  shown(ranking) {
    const fits = new Set(ranking.fitting);
    const isFittingOnly = this.field("fitting").checked;
    const wanted = this.field("filter").value.trim().toLowerCase();
    const hidden = this.boxes().filter(({ checked }) => !checked).map(({ value }) => value);
    return this.data.outcomes.map(
      ({ strategy }, number) =>
        !hidden.includes(strategy) && (!isFittingOnly || fits.has(number)) && this.words[number].includes(wanted),
    );
  }

  async drawChart(isPossible) {
    const item = this.element.querySelector(".chart-item");
    if (!item) return;
    if (!isPossible) {
      this.element.querySelector(".interactive").hidden = true;
      return;
    }
    const chart = new Chart(this.element.querySelector(".chart"), this.data, (number) => this.results.open(number));
    await chart.draw(JSON.parse(item.textContent));
    this.chart = chart;
    chart.show(this.state);
    this.element.classList.add("has-chart");
    for (const button of this.element.querySelectorAll(".of-chart")) button.hidden = false;
  }
}

const sections = [...document.querySelectorAll("section.group")].map((element, i) => new Section(element, i === 0));
readAddress(sections);
addEventListener("hashchange", () => readAddress(sections));
document.documentElement.dataset.ready = "input";

/** The library comes last in the page: what is above answers before it is read. */
document.addEventListener("DOMContentLoaded", async () => {
  const isThere = await startLibrary();
  for (const section of sections) await section.drawChart(isThere);
  document.documentElement.dataset.ready = "chart";
});
