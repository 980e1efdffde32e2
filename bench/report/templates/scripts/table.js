// The table of results: ranks and notes, order, and what is shown.

const TEXT = new Intl.Collator("en", { numeric: true });

function byValue(a, b) {
  if (a === null || b === null) return (a === null) - (b === null);
  return typeof a === "string" ? TEXT.compare(a, b) : a - b;
}

/** Change a text only where it differs: each change makes the browser lay out the table again. */
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** The table of a section; each outcome is a tbody of two rows: its figures, and its details. */
class Results {
  constructor(section, data) {
    this.data = data;
    this.table = section.querySelector(".results");
    this.bodies = [...this.table.tBodies];
    this.spent = [...section.querySelectorAll(".spent tr[data-outcome]")];
    this.ranks = [];
    this.sorted = { key: "rank", isDescending: false };
    for (const button of this.table.querySelectorAll("button[data-key]")) {
      button.addEventListener("click", () => this.sortBy(button.dataset.key));
    }
    for (const body of this.bodies) {
      body.rows[0].addEventListener("click", (event) => {
        if (event.target.closest("a, button, summary") || String(getSelection())) return;
        const more = body.querySelector("details");
        more.open = !more.open;
      });
    }
  }

  /** Write ranks and notes, and sort the rows again. */
  show(ranking) {
    this.ranks = this.bodies.map(() => null);
    ranking.fitting.forEach((number, i) => (this.ranks[number] = i + 1));
    for (const [number, body] of this.bodies.entries()) {
      write(body.querySelector(".rank"), String(this.ranks[number] ?? "–"));
      write(body.querySelector(".note-of-rank"), note(this.data, number, ranking));
      body.classList.toggle("unfit", this.ranks[number] === null);
      body.classList.toggle("recommended", this.ranks[number] === 1);
    }
    this.order();
  }

  /** Sort by a column; in reverse if it is the same column again. */
  sortBy(key) {
    this.sort(key, this.sorted.key === key && !this.sorted.isDescending);
  }

  sort(key, isDescending) {
    const isColumn = this.table.querySelector(`button[data-key="${CSS.escape(key)}"]`) !== null;
    this.sorted = isColumn ? { key, isDescending } : { key: "rank", isDescending: false };
    for (const button of this.table.querySelectorAll("button[data-key]")) {
      const isSorted = button.dataset.key === this.sorted.key;
      const direction = this.sorted.isDescending ? "descending" : "ascending";
      if (isSorted) button.closest("th").setAttribute("aria-sort", direction);
      else button.closest("th").removeAttribute("aria-sort");
    }
    this.order();
  }

  valueOf(number) {
    const { key } = this.sorted;
    const outcome = this.data.outcomes[number];
    return key === "rank" ? this.ranks[number] : key === "name" ? outcome.name : outcome.sort[key];
  }

  order() {
    const { isDescending } = this.sorted;
    const values = this.bodies.map((_, number) => this.valueOf(number));
    const numbers = this.bodies.map((_, i) => i).sort((a, b) => {
      const isKnown = values[a] !== null && values[b] !== null;
      return byValue(values[a], values[b]) * (isDescending && isKnown ? -1 : 1) || a - b;
    });
    const isOrdered = numbers.every((number, i) => this.table.tBodies[i] === this.bodies[number]);
    if (!isOrdered) this.table.append(...numbers.map((number) => this.bodies[number]));
  }

  /** Show the rows of some outcomes alone, here and in the table of where the time goes. */
  keep(isShown) {
    for (const [number, body] of this.bodies.entries()) body.hidden = !isShown[number];
    for (const row of this.spent) row.hidden = !isShown[Number(row.dataset.outcome)];
  }

  /** The outcomes shown, by number, in the order of the rows. */
  shown() {
    const bodies = [...this.table.tBodies].filter((body) => !body.hidden);
    return bodies.map((body) => this.bodies.indexOf(body));
  }

  /** Write each total as a ratio to that of a reference; null: as it is. */
  compareTo(reference) {
    this.table.classList.toggle("has-reference", reference !== null);
    for (const [number, body] of this.bodies.entries()) {
      const found = reference === null ? null : ratioTo(this.data, reference, number);
      write(body.querySelector(".ratio"), ratioInWords(found));
    }
    const name = reference === null ? "" : ` / ${this.data.outcomes[reference].name}`;
    write(this.table.querySelector('[data-key="total"]'), `Total${name}`);
  }

  /** Open the details of an outcome and scroll to it. */
  open(number) {
    this.bodies[number].querySelector("details").open = true;
    this.bodies[number].scrollIntoView({ block: "center" });
  }
}
