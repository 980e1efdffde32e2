// The chart of a section, drawn by Bokeh from what bench.report.figures.chart describes.

const MOST_NAMES = { always: 8, others: 30 };
const FADED = { fill: 0.25, line: 0.8 };
const MODELS = ["marks", "shown", "front", "chosen", "labels", "recall limit", "time limit"];

/** Draws once, then follows limits and choices. */
class Chart {
  constructor(target, data, onTap) {
    this.target = target;
    this.data = data;
    this.onTap = onTap;
  }

  async draw(item) {
    const views = await Bokeh.embed.embed_item(item, this.target.id);
    [this.view] = views.roots;
    this.plot = this.view.model;
    const model = (name) => this.plot.document.get_model_by_name(name);
    this.models = Object.fromEntries(MODELS.map((name) => [name, model(name)]));
    this.inked = ["ink line", "ink ring", "ink text"].map((name) => model(name).glyph);
    this.paint();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.paint());
    const { marks } = this.models;
    marks.selected.change.connect(() => {
      const [at] = marks.selected.indices;
      if (at !== undefined) this.onTap(marks.data.outcome[at]);
    });
  }

  /** The chart as a picture on the page's background: PNG, or SVG. */
  async picture(form) {
    const layer = this.view.export(form === "png" ? "png" : "svg");
    const surface = getComputedStyle(this.target).getPropertyValue("--surface");
    if (form === "svg") {
      const text = await (await layer.to_blob()).text();
      const back = `<rect width="100%" height="100%" fill="${surface}"/>`;
      return new Blob([text.replace(/<svg[^>]*>/, (start) => start + back)], { type: "image/svg+xml" });
    }
    const { canvas } = layer;
    const whole = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height });
    const context = whole.getContext("2d");
    context.fillStyle = surface;
    context.fillRect(0, 0, whole.width, whole.height);
    context.drawImage(canvas, 0, 0);
    return new Promise((resolve) => whole.toBlob(resolve));
  }

  /** Take the colors of the page, light or dark. */
  paint() {
    const style = getComputedStyle(this.target);
    const [ink, muted, line] = ["--ink", "--muted", "--line"].map((name) => style.getPropertyValue(name));
    const { below, left, center } = this.plot;
    for (const axis of [...below, ...left]) {
      Object.assign(axis, {
        axis_label_text_color: muted,
        major_label_text_color: muted,
        axis_line_color: line,
        major_tick_line_color: null,
        minor_tick_line_color: null,
        axis_label_text_font_style: "normal",
      });
    }
    for (const grid of center.filter((model) => "grid_line_color" in model)) grid.grid_line_color = line;
    for (const glyph of this.inked) Object.assign(glyph, "text" in glyph ? { text_color: ink } : { line_color: ink });
    for (const name of ["recall limit", "time limit"]) this.models[name].line_color = muted;
  }

  /** Fade what does not fit, hide what is not shown, ring what is recommended, draw and name the front. */
  show({ ranking, limits, isShown, isSizedByMemory }) {
    if (!this.plot) return;
    const { marks, shown, front: line, chosen, labels } = this.models;
    const { data } = marks;
    const fits = new Set(ranking.fitting);
    const isVisible = data.outcome.map((number) => isShown[number]);
    const size = isSizedByMemory ? data.memory_size : data.plain_size;
    const alpha = data.outcome.map((number) => (fits.has(number) ? 1 : FADED.line));
    const fill = data.outcome.map((number, at) => (data.ok[at] ? (fits.has(number) ? 1 : FADED.fill) : 0));
    marks.data = { ...data, size, alpha, fill };
    shown.booleans = isVisible;
    const best = front(data, isVisible);
    line.data = { x: best.map((at) => data.x[at]), y: best.map((at) => data.y[at]) };
    const winner = data.outcome.indexOf(ranking.fitting[0]);
    const ringed = winner >= 0 && isVisible[winner] ? [winner] : [];
    chosen.data = {
      x: ringed.map((at) => data.x[at]),
      y: ringed.map((at) => data.y[at]),
      size: ringed.map((at) => size[at] + 9),
    };
    const always = [...new Set([...ringed, ...best])].slice(0, MOST_NAMES.always);
    const visible = [...data.x.keys()].filter((at) => isVisible[at]);
    const others = visible.filter((at) => !always.includes(at)).slice(0, MOST_NAMES.others);
    labels.data = named(this.plot, data, visible, always, others);
    this.models["recall limit"].location = limits.recall ? limits.nines : null;
    this.models["time limit"].location = limits.time < Infinity ? limits.time : null;
  }
}
