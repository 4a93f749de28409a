// The brain in three dimensions: drawn by NiiVue, where the page brought it along and the browser has WebGL.
const canDrawSolids = (() => {
  let can;
  return () => {
    can ??= Boolean(globalThis.gyrusScene && document.createElement("canvas").getContext("webgl2"));
    return can;
  };
})();

// Azimuth and elevation that each side is seen from, in degrees.
const SIDES = [["left", 90, 0], ["right", 270, 0], ["front", 180, 0], ["back", 0, 0], ["above", 0, 90], ["below", 0, -90]];
const START = [110, 15];

class Solid {
  constructor(shape, move) {
    Object.assign(this, { shape, move });
    this.canvas = make("canvas", {
      tabindex: "0", role: "application", "aria-roledescription": "brain in three dimensions",
      "aria-label": "Brain in three dimensions. Arrow keys turn it.",
    });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
    // Over the drawing the wheel scrolls the page as everywhere else; with Ctrl it comes nearer.
    const holder = make("div", { class: "scene" }, this.canvas);
    holder.addEventListener("wheel", (event) => { if (!event.ctrlKey) event.stopPropagation(); }, { capture: true });
    const sides = SIDES.map(([words, ...angles]) => {
      const button = make("button", { type: "button" }, words);
      button.addEventListener("click", () => this.scene?.turn(...angles));
      return button;
    });
    const title = make("span", {}, "seen from: ");
    this.element = make("div", { class: "solid" }, holder, make("div", { class: "sides" }, title, ...sides));
    // Drawn once somebody comes near.
    const watch = new IntersectionObserver((seen) => {
      if (!seen.some((one) => one.isIntersecting)) return;
      watch.disconnect();
      this.open();
    }, { rootMargin: "400px" });
    watch.observe(holder);
  }

  async open() {
    const picked = (place) => {
      const found = this.shape.nearest(place, this.colour);
      if (found >= 0) this.move(() => this.shape.at(found));
    };
    try {
      const scene = await gyrusScene(this.canvas, { paper: this.paper, picked });
      scene.turn(...START);
      this.scene = scene;
      await this.draw();
      this.element.dataset.state = "drawn";
    } catch {
      // A browser may refuse at any moment; everything else of the page does not need it.
      this.element.hidden = true;
    }
  }

  key(event) {
    const turn = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, 10], ArrowDown: [0, -10] }[event.key];
    if (!turn || !this.scene) return;
    event.preventDefault();
    const [azimuth, elevation] = this.scene.angles();
    this.scene.turn((azimuth + turn[0] + 360) % 360, Math.min(Math.max(elevation + turn[1], -90), 90));
  }

  // `what` changes whenever colours do.
  paint(at, colours, colour, what) {
    Object.assign(this, { at, colours, colour, what, paper: colours.paper });
    this.draw();
  }

  // One drawing at a time; whatever came while it was made is drawn after it.
  async draw() {
    if (!this.scene || this.isBusy) return;
    this.isBusy = true;
    while (this.shown !== this.what) {
      this.shown = this.what;
      this.scene.background(this.paper);
      await this.scene.show(this.shape.meshes(this.colour, this.colours.none));
    }
    this.isBusy = false;
    this.scene.point(this.shape.millimetres(this.at));
  }
}
