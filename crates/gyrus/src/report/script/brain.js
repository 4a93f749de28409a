// The brain to walk through: what is shown, where the crosshair stands, and the numbers found there.
const STATISTICS = {
  score: { words: "score", unit: "r", print: (value) => fixed(value) },
  gain: { words: "unique gain", unit: "Δr", print: (value) => fixed(value) },
  p: { words: "corrected p of the score", unit: "p", print: (value) => probability(value) },
  depth: { words: "layer centre of mass", unit: "layer", print: (value) => fixed(value, 1) },
};

// A p of 0 is one below 0.0005, which is printed as below 0.001.
const surprise = (thousandths) => 3 - Math.log10(Math.max(thousandths, 1));

class BrainViewer {
  // `more` shows everything, where this is a part and somebody serves the rest.
  constructor(holder, data, more) {
    this.data = data;
    this.more = more;
    this.packed = data.volume ?? data.surface;
    this.shape = data.volume ? new Volume(data.volume) : new Surface(data.surface);
    this.models = this.packed.maps.map((maps, index) => [maps, index]).filter(([maps]) => maps).map(([, index]) => index);
    this.state = { model: this.models[0], statistic: "score", layer: "best", threshold: 0, significant: false, scope: "voxel" };
    this.at = this.shape.at(0);
    this.colours = ramp();
    const move = (turn) => this.move(turn(this.at));
    this.slices = data.volume ? PLANES.map((plane) => new Slice(plane, this.shape, move)) : [];
    this.solid = canDrawSolids() ? new Solid(this.shape, move) : undefined;
    this.view = new ProfileView("brain-profile", "below the crosshair");
    this.facts = make("dl", { class: "readout", "aria-live": "polite" });
    this.legend = make("div", { class: "legend-bar" });
    this.controls = make("div", { class: "controls" });
    const slices = make("div", { class: "slices" }, ...this.slices.map((slice) => slice.element));
    const found = make("div", { class: "found" }, make("div", {}, this.facts, this.scope()), this.view.element);
    const keys = make("p", { class: "note" }, this.help());
    const drawings = make("div", { class: "drawings" }, ...(data.volume ? [slices] : []), ...(this.solid ? [this.solid.element] : []));
    holder.append(this.controls, this.legend, drawings, keys, found);
    holder.hidden = false;
    this.choose();
    this.build();
    this.goToLargest();
    this.watch(slices);
  }

  help() {
    const { called, sparse } = this.shape;
    const slices = this.slices.length > 0 ? "Click a voxel, or focus a slice: arrow keys move the crosshair, page up and page down move through slices." : `Click a ${called}.`;
    const solid = this.solid ? " Drag the brain, or focus it and press arrow keys, to turn it." : "";
    return `${slices}${solid} Group means; grey has no value or lies below the threshold.${sparse}`;
  }

  watch(slices) {
    const repaint = () => this.slices.forEach((slice) => slice.show(this.at, this.colours));
    new ResizeObserver(repaint).observe(slices);
    for (const query of ["(prefers-color-scheme: dark)", "print"]) {
      matchMedia(query).addEventListener("change", () => { this.colours = ramp(); this.paint(); });
    }
  }

  // The maps of the language model, taken apart once.
  choose() {
    const packed = this.packed.maps[this.state.model];
    const count = this.shape.n_targets;
    const all = (maps) => maps.map((map) => unpacked(map, count));
    this.maps = {
      layers: packed.layers, best: packed.best, score: all(packed.score), gain: all(packed.gain), p: all(packed.p),
      depth: unpacked(packed.depth, count),
    };
    const layer = this.state.layer;
    if (layer !== "best" && !packed.layers.includes(layer)) this.state.layer = "best";
    this.largest = Object.fromEntries(this.statistics().map((name) => [name, this.largestOf(name)]));
  }

  statistics() {
    const { gain, p, depth } = this.maps;
    const has = { score: true, gain: gain.length > 0, p: p.length > 0, depth: depth.some((value) => value !== MISSING) };
    return Object.keys(STATISTICS).filter((name) => has[name]);
  }

  // The end of the ramp, the same for every layer.
  largestOf(name) {
    if (name === "depth") return 10 * this.maps.layers[this.maps.layers.length - 1];
    let largest = 0;
    for (const map of this.maps[name]) {
      for (const value of map) {
        if (value !== MISSING) largest = Math.max(largest, name === "p" ? surprise(value) : Math.abs(value));
      }
    }
    return largest;
  }

  build() {
    const { state } = this;
    const change = (key, value) => { state[key] = value; this.paint(); };
    const controls = [];
    if (this.models.length > 1) {
      const options = this.models.map((index) => [index, this.data.language_models[index].name]);
      controls.push(choice("language model", options, state.model, (value) => {
        state.model = Number(value);
        this.choose();
        if (!this.statistics().includes(state.statistic)) state.statistic = "score";
        this.build();
        this.paint();
      }).element);
    }
    const statistics = this.statistics().map((name) => [name, STATISTICS[name].words]);
    controls.push(choice("shown", statistics, state.statistic, (value) => change("statistic", value)).element);
    const layers = [["best", `best (${this.maps.best}, by inner folds)`], ...this.maps.layers.map((layer) => [layer, String(layer)])];
    const layer = choice("layer", layers, state.layer, (value) => change("layer", value === "best" ? value : Number(value)));
    this.layerSelect = layer.select;
    controls.push(layer.element, this.threshold());
    if (this.maps.p.length > 0) {
      const box = make("input", { type: "checkbox" });
      box.checked = state.significant;
      box.addEventListener("change", () => change("significant", box.checked));
      controls.push(make("label", { class: "control check" }, box, make("span", {}, "only corrected p below 0.05")));
    }
    const peak = make("button", { type: "button" }, "Go to the largest value");
    peak.addEventListener("click", () => this.goToLargest());
    controls.push(this.regions(), peak);
    if (this.more) {
      const all = make("button", { type: "button", "data-control": "everything" }, `Show every ${this.shape.called}`);
      all.addEventListener("click", () => this.more(all));
      controls.push(all);
    }
    this.controls.replaceChildren(...controls);
  }

  threshold() {
    const slider = make("input", { "data-control": "threshold", type: "range", min: "0", max: "100", step: "1" });
    slider.value = String(this.state.threshold);
    slider.addEventListener("input", () => { this.state.threshold = Number(slider.value); this.paint(); });
    this.limit = make("output", {});
    return make("label", { class: "control" }, make("span", {}, "threshold: ", this.limit), slider);
  }

  regions() {
    const present = new Set(this.shape.region);
    const options = this.data.regions.map((name, index) => [index, name]).filter(([index]) => present.has(index));
    const { element, select } = choice("region", [["", "\u2013"], ...options], "", (value) => {
      if (value === "") return;
      this.state.scope = "region";
      this.goToLargest(Number(value));
    });
    this.regionSelect = select;
    return element;
  }

  // Whose numbers stand below: the voxel's or its region's.
  scope() {
    const boxes = [["voxel", this.shape.called], ["region", "its region"]].map(([value, words]) => {
      const box = make("input", { type: "radio", name: "scope", value });
      box.addEventListener("change", () => { this.state.scope = value; this.tell(); });
      return [box, make("label", { class: "check" }, box, make("span", {}, words))];
    });
    this.scopes = boxes.map(([box]) => box);
    return make("fieldset", { class: "scope" }, make("legend", {}, "numbers of"), ...boxes.map(([, label]) => label));
  }

  row() {
    const layer = this.state.layer === "best" ? this.maps.best : this.state.layer;
    return this.maps.layers.indexOf(layer);
  }

  values() {
    return this.state.statistic === "depth" ? this.maps.depth : this.maps[this.state.statistic][this.row()];
  }

  // From −1 to 1 along the ramp.
  share(value) {
    const { statistic } = this.state;
    return (statistic === "p" ? surprise(value) : value) / (this.largest[statistic] || 1);
  }

  isShown(target, values) {
    if (values[target] === MISSING) return false;
    const { significant, threshold } = this.state;
    if (Math.abs(this.share(values[target])) < threshold / 100) return false;
    if (!significant) return true;
    const p = this.maps.p[this.row()][target];
    return p !== MISSING && p < 50;
  }

  goToLargest(region) {
    const values = this.values();
    let best = -1, most = -Infinity;
    for (let place = 0; place < this.shape.n_places; place += 1) {
      const target = this.shape.target[place];
      if (target < 0 || (region !== undefined && this.shape.region[target] !== region)) continue;
      const share = values[target] === MISSING ? -2 : this.share(values[target]);
      if (share > most) [best, most] = [place, share];
    }
    if (best >= 0) this.move(this.shape.at(best));
  }

  move(at) {
    this.at = at;
    this.paint();
  }

  paint() {
    const values = this.values();
    const colour = (target) => {
      if (!this.isShown(target, values)) return undefined;
      return this.colours.steps[10 + Math.round(10 * Math.min(Math.max(this.share(values[target]), -1), 1))];
    };
    this.slices.forEach((slice) => slice.paint(this.at, this.colours, colour));
    this.solid?.paint(this.at, this.colours, colour, JSON.stringify([this.state, this.colours.paper]));
    this.layerSelect.disabled = this.state.statistic === "depth";
    this.limit.textContent = this.limitWords();
    this.legend.replaceChildren(this.bar(values));
    this.tell();
  }

  limitWords() {
    const { statistic, threshold } = this.state;
    if (threshold === 0) return "none";
    const limit = this.largest[statistic] * threshold / 100;
    if (statistic === "p") return `p at most ${(10 ** -limit).toFixed(3)}`;
    return `at least ${statistic === "depth" ? (limit / 10).toFixed(1) : (limit / 1000).toFixed(3)}`;
  }

  bar(values) {
    const { statistic } = this.state;
    const lowest = statistic === "p" ? 0 : values.reduce((least, value) => value === MISSING ? least : Math.min(least, value), 0);
    const first = Math.round(10 * this.share(statistic === "p" ? 1000 : lowest));
    const [cell, count] = [14, 11 - first];
    const svg = draw("svg", { viewBox: `0 0 ${count * cell + 60} 32`, width: count * cell + 60, height: 32, role: "img" });
    for (let step = first; step <= 10; step += 1) {
      svg.append(draw("rect", { class: step < 0 ? `below${-step}` : `step${step}`, x: 16 + (step - first) * cell, y: 2, width: cell, height: 12 }));
    }
    const label = (share) => {
      if (statistic === "p") return share === 0 ? "1" : probability(Math.round(1000 * 10 ** -this.largest.p));
      if (share === 0) return "0";
      const end = Math.round(share * this.largest[statistic]);
      return statistic === "depth" ? fixed(end / 10, 0) : fixed(end);
    };
    // A lowest value next to 0 would stand in its label.
    const shares = first <= -3 ? [first / 10, 0, 1] : [0, 1];
    for (const share of shares) {
      const x = 16 + (10 * share - first + 0.5) * cell;
      svg.append(draw("text", { class: "small middle f-muted", x, y: 28 }, label(share)));
    }
    svg.append(draw("text", { class: "small f-muted", x: 20 + count * cell, y: 13 }, STATISTICS[statistic].unit));
    svg.setAttribute("aria-label", `Colours of ${STATISTICS[statistic].words}: ${shares.map(label).join(" to ")}`);
    return svg;
  }

  // The numbers below the crosshair.
  tell() {
    const place = this.shape.placeAt(this.at);
    const target = place < 0 ? -1 : this.shape.target[place];
    const region = target < 0 ? MISSING : this.shape.region[target];
    const isRegion = this.state.scope === "region";
    this.scopes.forEach((box) => { box.checked = box.value === this.state.scope; });
    this.regionSelect.value = region === MISSING ? "" : String(region);
    const [term, words] = this.shape.where(this.at);
    const facts = [[term, words, "position"]];
    this.view.element.hidden = target < 0;
    if (target < 0) {
      facts.unshift([place < 0 ? "outside of the brain" : "brain without a score", "", "name"]);
    } else {
      const name = this.shape.name(this.at, target);
      facts.unshift([this.shape.called, name, "name"], ["region", region === MISSING ? "none" : this.data.regions[region], "region"]);
      if (isRegion && region !== MISSING) this.tellRegion(region, facts);
      else this.tellTarget(target, name, facts);
    }
    this.facts.replaceChildren(...facts.flatMap(([term, words, key]) =>
      [make("dt", {}, term), make("dd", { "data-fact": key }, words)]));
  }

  tellTarget(target, name, facts) {
    const { layers, best, score, gain, p, depth } = this.maps;
    const row = this.row();
    facts.push(["layer", String(layers[row]), "layer"], ["score r", fixed(score[row][target]), "score"]);
    if (gain.length > 0) facts.push(["unique gain Δr", fixed(gain[row][target]), "gain"]);
    if (p.length > 0) facts.push(["corrected p", probability(p[row][target]), "p"]);
    facts.push(["layer centre of mass", fixed(depth[target], 1), "depth"]);
    const quantity = this.state.statistic === "gain" ? "unique_gain" : "score";
    const along = (maps) => layers.map((_, index) => maps[index][target]);
    this.view.show({
      name, quantity, layers, best,
      value: along(quantity === "score" ? score : gain),
      p: quantity === "score" && p.length > 0 ? along(p) : undefined,
      further: [quantity === "score" ? ["unique gain Δr", along(gain)] : ["r", along(score)]].filter(() => gain.length > 0),
    });
    this.view.point(row);
  }

  tellRegion(region, facts) {
    const quantity = this.state.statistic === "gain" ? "unique_gain" : "score";
    const profile = profileOfPlace(this.data, this.data.language_models[this.state.model], quantity, region);
    const row = this.row();
    facts.push(["layer", String(profile.layers[row]), "layer"],
      [quantity === "score" ? "score r" : "unique gain Δr", fixed(profile.value[row]), quantity === "score" ? "score" : "gain"],
      ["corrected p", probability(profile.p[row]), "p"]);
    this.view.show(profile);
    this.view.point(row);
  }
}
