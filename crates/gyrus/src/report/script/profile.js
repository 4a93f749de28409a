// A layer profile: a drawing whose layers say their numbers when they are pointed at or focused, and the same as a table.
const QUANTITIES = {
  score: { words: "score", unit: "r", axis: "held-out correlation r" },
  unique_gain: { words: "unique gain", unit: "Δr", axis: "difference of held-out r" },
  contextual_gain: { words: "contextual gain", unit: "Δr", axis: "difference of held-out r" },
};

// The profile of a place (a region, or beyond them the mean over regions) as the tables have it.
function profileOfPlace(data, model, quantity, place) {
  const found = model.quantities.find((known) => known.name === quantity);
  const { layers } = model;
  const count = data.regions.length + 1;
  const pick = (packed) => {
    const all = unpacked(packed, layers.length * count);
    return layers.map((_, index) => all[index * count + place]);
  };
  const isScore = quantity === "score";
  return {
    name: place < data.regions.length ? data.regions[place] : "mean over regions",
    quantity, layers,
    best: unpacked(model.best, count)[place],
    value: pick(found.value),
    people: found.people.map(pick),
    story: found.story.map(pick),
    null95: pick(found.null_95),
    p: pick(found.p),
    baseline: isScore ? pick(model.baseline)[0] : MISSING,
    ceilings: isScore ? data.ceilings.map((packed) => unpacked(packed, count)[place]) : [MISSING, MISSING],
  };
}

function sentence(profile, index) {
  const { unit } = QUANTITIES[profile.quantity];
  let words = `layer ${profile.layers[index]}: ${unit} = ${fixed(profile.value[index])}`;
  if (profile.people) {
    words += `, participants ${interval(profile.people, index)}, story ${interval(profile.story, index)}`;
  }
  if (profile.p) words += `, corrected p ${probability(profile.p[index], "=\u00a0")}`;
  return words;
}

// Columns of the table below the drawing: heading, and the cell of a layer.
function columns(profile) {
  const list = [["layer", (index) => String(profile.layers[index])]];
  const { unit } = QUANTITIES[profile.quantity];
  list.push([unit, (index) => fixed(profile.value[index])]);
  if (profile.people) {
    list.push(["[participants]", (index) => interval(profile.people, index)]);
    list.push(["[story]", (index) => interval(profile.story, index)]);
    list.push(["null 95th", (index) => fixed(profile.null95[index])]);
  }
  if (profile.p) list.push(["p corrected", (index) => probability(profile.p[index])]);
  for (const [heading, values] of profile.further ?? []) list.push([heading, (index) => fixed(values[index])]);
  return list;
}

class ProfileView {
  constructor(name, about) {
    this.name = name;
    this.said = make("p", { class: "said", "aria-live": "polite" });
    this.drawing = make("div", { class: "drawing" });
    this.table = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Numbers of every layer, ${about}` });
    this.caption = make("figcaption", {});
    const figure = make("figure", {}, this.drawing, this.said, this.caption);
    this.element = make("div", { class: "profile" }, figure, this.table);
  }

  show(profile) {
    this.profile = profile;
    const svg = profileDrawing(profile, (index) => this.point(index));
    svg.setAttribute("aria-label", `${QUANTITIES[profile.quantity].words} of every layer, ${profile.name}`);
    this.drawing.replaceChildren(svg);
    this.caption.replaceChildren(savers(this.name, () => svg, () => this.text()));
    const list = columns(profile);
    const head = make("tr", {}, ...list.map(([heading]) => make("th", { scope: "col" }, heading)));
    this.rows = profile.layers.map((_, index) => {
      const cells = list.map(([, cell], place) =>
        make(place === 0 ? "th" : "td", place === 0 ? { scope: "row" } : { class: "number" }, cell(index)));
      const row = make("tr", {}, ...cells);
      row.addEventListener("pointerenter", () => this.point(index));
      return row;
    });
    this.table.replaceChildren(make("table", {}, make("caption", {}, profile.name), make("thead", {}, head),
      make("tbody", {}, ...this.rows)));
    const best = profile.layers.indexOf(profile.best);
    this.point(best < 0 ? 0 : best);
  }

  point(index) {
    this.said.textContent = sentence(this.profile, index);
    this.rows.forEach((row, other) => row.classList.toggle("on", other === index));
    this.drawing.querySelectorAll("[data-layer]").forEach((mark, other) => mark.classList.toggle("on", other === index));
  }

  text() {
    const list = columns(this.profile);
    const lines = this.profile.layers.map((_, index) => list.map(([, cell]) => cell(index)));
    return [list.map(([heading]) => heading), ...lines];
  }
}

const CHART = { width: 460, height: 250, left: 46, right: 14, top: 28, bottom: 42 };

function profileDrawing(profile, point) {
  const { width, height, left, right, top, bottom } = CHART;
  const svg = draw("svg", { class: "figure", viewBox: `0 0 ${width} ${height}`, width, height, role: "group" });
  const known = (values) => [...values].filter((value) => value !== MISSING);
  const all = [0, ...[profile.value, ...(profile.people ?? []), ...(profile.story ?? []), profile.null95 ?? [],
    [profile.baseline ?? MISSING], profile.ceilings ?? []].flatMap(known)];
  const ticks = steps(Math.min(...all) / 1000, Math.max(...all) / 1000);
  const [low, high] = [ticks[0], ticks[ticks.length - 1]];
  const y = (value) => top + (height - top - bottom) * (high - value / 1000) / (high - low);
  const span = Math.max(1, profile.layers[profile.layers.length - 1] - profile.layers[0]);
  const x = (index) => left + 16 + (width - left - right - 32) * (profile.layers[index] - profile.layers[0]) / span;
  const frame = { svg, profile, x, y, left, right: width - right };
  for (const value of ticks) {
    const at = y(value * 1000);
    svg.append(draw("path", { class: "thin s-grid", d: `M${left} ${at}H${width - right}` }));
    const label = value.toFixed(Math.max(0, Math.ceil(-Math.log10(ticks[1] - ticks[0]) - 1e-9))).replace("-", "\u2212");
    svg.append(draw("text", { class: "small end f-muted", x: left - 6, y: at + 4 }, label));
  }
  svg.append(draw("text", { class: "small f-muted", x: 4, y: 14 }, QUANTITIES[profile.quantity].axis));
  svg.append(draw("text", { class: "small middle f-muted", x: (left + width - right) / 2, y: height - 6 }, "layer (0 = embedding)"));
  levels(frame);
  lines(frame);
  marks(frame, point);
  return svg;
}

// Round values from at most `low` to at least `high`.
function steps(low, high) {
  const range = Math.max(high - low, 0.01);
  const power = 10 ** Math.floor(Math.log10(range / 4));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => range / size <= 5);
  const first = Math.floor(low / step + 1e-9), last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: Math.max(last, first + 1) - first + 1 }, (_, index) => (first + index) * step);
}

// What does not depend on the layer.
function levels({ svg, profile, y, left, right }) {
  const [lower, upper] = profile.ceilings ?? [MISSING, MISSING];
  if (lower !== MISSING && upper !== MISSING) {
    const [from, to] = [y(Math.max(lower, upper)), y(Math.min(lower, upper))];
    svg.append(draw("rect", { class: "band f-ceiling", x: left, y: from, width: right - left, height: to - from }));
  }
  if ((profile.baseline ?? MISSING) !== MISSING) {
    svg.append(draw("path", { class: "line dashed s-baseline", d: `M${left} ${y(profile.baseline)}H${right}` }));
  }
}

function lines({ svg, profile, x, y }) {
  const along = (values) => {
    let pen = "M", path = "";
    values.forEach((value, index) => {
      if (value === MISSING) { pen = "M"; return; }
      path += `${pen}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
      pen = "L";
    });
    return path;
  };
  if (profile.null95) svg.append(draw("path", { class: "line dotted s-null", d: along(profile.null95) }));
  svg.append(draw("path", { class: "line s-score", d: along(profile.value) }));
}

// One mark per layer, with a wide field around it that answers to the pointer.
function marks({ svg, profile, x, y }, point) {
  const { height, top, bottom } = CHART;
  const wide = profile.layers.length > 1 ? Math.abs(x(1) - x(0)) : 40;
  const every = Math.ceil(profile.layers.length / 16);
  const all = profile.layers.map((layer, index) => {
    const at = x(index);
    const isBest = layer === profile.best;
    const mark = draw("g", { class: "layer", "data-layer": layer, role: "img", "aria-label": sentence(profile, index), tabindex: isBest ? 0 : -1 });
    mark.append(draw("rect", { class: "field", x: at - wide / 2, y: top - 6, width: wide, height: height - top - bottom + 26 }));
    for (const [name, ends, shift] of [["people", profile.people, 0], ["story", profile.story, 5]]) {
      if (!ends || ends[0][index] === MISSING || ends[1][index] === MISSING) continue;
      mark.append(draw("path", { class: `${name} s-score`, d: `M${at + shift} ${y(ends[0][index])}V${y(ends[1][index])}` }));
    }
    if (profile.value[index] !== MISSING) {
      mark.append(draw("circle", { class: "mark f-score halo", cx: at, cy: y(profile.value[index]), r: isBest ? 6.5 : 4.5 }));
    }
    if (index % every === 0) mark.append(draw("text", { class: "small middle f-muted", x: at, y: height - bottom + 16 }, String(layer)));
    for (const event of ["pointerenter", "focus", "click"]) mark.addEventListener(event, () => point(index));
    return mark;
  });
  if (!all.some((mark) => mark.getAttribute("tabindex") === "0")) all[0]?.setAttribute("tabindex", "0");
  svg.append(...all);
  svg.addEventListener("keydown", (event) => {
    const from = all.indexOf(document.activeElement);
    const to = from + ({ ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0);
    if (from < 0 || to === from || !all[to]) return;
    event.preventDefault();
    all[to].focus();
  });
}
