// What the page holds compressed: the chart library and, if there are many runs, their details.

const CAN_UNPACK = "DecompressionStream" in window;

/** The text that an element holds as gzip in base64. */
async function unpack(element) {
  const bytes = Uint8Array.from(atob(element.textContent), (character) => character.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(unpacked).text();
}

/** Run the library, whose text must match the page's policy; false where it cannot be unpacked. */
async function startLibrary() {
  const packed = document.getElementById("library");
  if (!packed || !CAN_UNPACK) return false;
  const script = document.createElement("script");
  script.textContent = await unpack(packed);
  document.head.append(script);
  Bokeh.set_log_level("warn");
  return true;
}

/** Fills in the details of a run when they are first opened. */
class PackedRuns {
  constructor(section) {
    this.packed = section.querySelector(".packed-runs");
    // a toggle does not bubble
    if (this.packed) section.addEventListener("toggle", ({ target }) => this.fill(target), { capture: true });
  }

  async fill(details) {
    const empty = [...details.querySelectorAll(":scope > .opened:empty")];
    if (!details.open || !empty.length) return;
    if (!CAN_UNPACK) {
      for (const place of empty) place.textContent = "This browser is too old to unpack it.";
      return;
    }
    this.runs ??= unpack(this.packed).then(JSON.parse);
    const runs = await this.runs;
    for (const place of empty) place.innerHTML = runs[place.id];
  }
}
