// Slices through the brain: where each voxel lies, its colour, and the three drawings with their crosshair.

// The target of each place, −1 for none: targets are counted in the order in which they first appear.
function targetsOf(packed, count) {
  const codes = unpacked(packed.targets, count);
  let seen = 0;
  return codes.map((code) => {
    if (code === MISSING) return -1;
    if (code === 0) seen += 1;
    return code === 0 ? seen - 1 : seen + code;
  });
}

class Volume {
  constructor(packed) {
    Object.assign(this, packed);
    const [nx, ny, nz] = this.size;
    const gaps = unpacked(packed.places, packed.n_voxels);
    this.place = new Int32Array(packed.n_voxels);
    this.voxelAt = new Int32Array(nx * ny * nz).fill(-1);
    this.n_places = packed.n_voxels;
    this.target = targetsOf(packed, packed.n_voxels);
    let place = -1;
    for (let voxel = 0; voxel < packed.n_voxels; voxel += 1) {
      place += gaps[voxel];
      this.place[voxel] = place;
      this.voxelAt[place] = voxel;
    }
    this.region = unpacked(packed.regions, packed.n_targets);
    this.pixel = [0, 1, 2].map((direction) => this.length(direction));
  }

  // Millimetres from place to place along a direction.
  length(direction) {
    const axis = this.axes.findIndex(([own]) => own === direction);
    return Math.hypot(...this.affine.map((row) => row[axis])) * Math.abs(this.axes[axis][2]);
  }

  get called() {
    return this.names.length > 0 ? "parcel" : "voxel";
  }

  get sparse() {
    return this.step > 1 ? ` One voxel in ${this.step} along each axis is shown.` : "";
  }

  placeAt([x, y, z]) {
    const [nx, ny, nz] = this.size;
    const inside = x >= 0 && y >= 0 && z >= 0 && x < nx && y < ny && z < nz;
    return inside ? this.voxelAt[x + nx * (y + ny * z)] : -1;
  }

  at(voxel) {
    const [nx, ny] = this.size;
    const place = this.place[voxel];
    return [place % nx, Math.floor(place / nx) % ny, Math.floor(place / (nx * ny))];
  }

  // Indices in the images, from 0.
  indices(at) {
    return this.axes.map(([direction, first, step]) => first + step * at[direction]);
  }

  millimetres(at) {
    const [i, j, k] = this.indices(at);
    return this.affine.map(([a, b, c, d]) => a * i + b * j + c * k + d);
  }

  name(at, target) {
    return this.names.length > 0 ? this.names[target] : this.indices(at).join("-");
  }

  // Where it stands, in words.
  where(at) {
    return ["position", `${this.millimetres(at).map(millimetres).join(", ")} mm`];
  }

  // Voxels with a colour as boxes, and the rest of the brain as a faint one around them.
  meshes(colour, none) {
    const shown = (voxel) => (this.target[voxel] < 0 ? undefined : colour(this.target[voxel]));
    return [boxes(this, shown, 1), boxes(this, (voxel) => (shown(voxel) ? undefined : none), 0.12)].filter(Boolean);
  }

  // The nearest voxel with a colour.
  nearest(place, colour) {
    const isShown = (voxel) => this.target[voxel] >= 0 && colour(this.target[voxel]);
    return nearest(place, this.n_voxels, (voxel) => (isShown(voxel) ? this.millimetres(this.at(voxel)) : undefined));
  }
}

// The sides of a box: the direction it looks in, whether forward, and its corners against the clock seen from outside.
const FACES = [0, 1, 2].flatMap((direction) => {
  const [one, other] = [(direction + 1) % 3, (direction + 2) % 3];
  const corner = (side, a, b) => { const at = []; at[direction] = side; at[one] = a; at[other] = b; return at; };
  const around = (side) => [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]].map(([a, b]) => corner(side, a, b));
  return [[direction, 1, around(0.5)], [direction, -1, around(-0.5).reverse()]];
});

// Boxes of the voxels to which `colour` gives one, without the sides between them; nothing without any.
function boxes(volume, colour, opacity) {
  const own = Array.from({ length: volume.n_voxels }, (_, voxel) => colour(voxel));
  const positions = [], colors = [], indices = [];
  for (let voxel = 0; voxel < volume.n_voxels; voxel += 1) {
    if (!own[voxel]) continue;
    const at = volume.at(voxel);
    for (const [direction, forward, corners] of FACES) {
      const beside = volume.placeAt(at.map((along, axis) => along + (axis === direction ? forward : 0)));
      if (beside >= 0 && own[beside]) continue;
      const first = colors.length;
      for (const corner of corners) {
        positions.push(...volume.millimetres(at.map((along, axis) => along + corner[axis])));
        colors.push(packedColour(own[voxel]));
      }
      indices.push(first, first + 1, first + 2, first, first + 2, first + 3);
    }
  }
  if (colors.length === 0) return undefined;
  return { positions: Float32Array.from(positions), indices: Uint32Array.from(indices), colors: Uint32Array.from(colors), opacity };
}

function millimetres(value) {
  return value.toFixed(1).replace(/\.0$/, "").replace(/^-0$/, "0").replace("-", "\u2212");
}

// Colours of the ramp, as the page's style has them for light or dark.
function ramp() {
  const svg = draw("svg", { width: 0, height: 0, "aria-hidden": "true" });
  document.body.append(svg);
  const colour = (name) => {
    const mark = draw("rect", { class: name });
    svg.append(mark);
    return getComputedStyle(mark).fill.match(/\d+/g).slice(0, 3).map(Number);
  };
  const steps = Array.from({ length: 21 }, (_, index) => colour(index < 10 ? `below${10 - index}` : `step${index - 10}`));
  const paper = getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).map(Number);
  const colours = { steps, none: colour("f-grid"), ink: colour("f-ink"), muted: colour("f-muted"), paper };
  svg.remove();
  return colours;
}

// Each drawing: which directions run across and down, which one it cuts, and what its sides are.
const PLANES = [
  { name: "from above", across: 0, mirrored: false, down: 1, through: 2, sides: ["L", "R"], letter: "z" },
  { name: "from behind", across: 0, mirrored: false, down: 2, through: 1, sides: ["L", "R"], letter: "y" },
  { name: "from the left", across: 1, mirrored: true, down: 2, through: 0, sides: ["front", "back"], letter: "x" },
];

class Slice {
  constructor(plane, volume, move) {
    Object.assign(this, { plane, volume });
    this.columns = volume.size[plane.across];
    this.rows = volume.size[plane.down];
    this.canvas = make("canvas", {
      tabindex: "0", role: "application", "aria-roledescription": "slice through the brain",
      "aria-label": `Slice ${plane.name}. Arrow keys move the crosshair, page up and page down move through slices.`,
    });
    const [wide, high] = [this.columns * volume.pixel[plane.across], this.rows * volume.pixel[plane.down]];
    this.canvas.style.aspectRatio = `${wide} / ${high}`;
    this.where = make("span", {});
    this.element = make("div", { class: "slice" }, this.canvas, make("p", {}, plane.name, ", ", this.where));
    this.element.style.flexGrow = String(wide);
    this.image = document.createElement("canvas");
    [this.image.width, this.image.height] = [this.columns, this.rows];
    const press = (event) => {
      if (event.type === "pointermove" && event.buttons !== 1) return;
      const box = this.canvas.getBoundingClientRect();
      const column = Math.floor((event.clientX - box.left) / box.width * this.columns);
      const row = Math.floor((event.clientY - box.top) / box.height * this.rows);
      move((at) => this.turn(at, Math.min(Math.max(column, 0), this.columns - 1), Math.min(Math.max(row, 0), this.rows - 1)));
    };
    this.canvas.addEventListener("pointerdown", press);
    this.canvas.addEventListener("pointermove", press);
    this.canvas.addEventListener("keydown", (event) => this.key(event, move));
  }

  // The place below a column and a row.
  turn(at, column, row) {
    const turned = [...at];
    turned[this.plane.across] = this.plane.mirrored ? this.columns - 1 - column : column;
    turned[this.plane.down] = this.rows - 1 - row;
    return turned;
  }

  key(event, move) {
    const { across, mirrored, down, through } = this.plane;
    const right = mirrored ? -1 : 1;
    const step = {
      ArrowLeft: [across, -right], ArrowRight: [across, right], ArrowUp: [down, 1], ArrowDown: [down, -1],
      PageUp: [through, 1], PageDown: [through, -1],
    }[event.key];
    if (!step) return;
    event.preventDefault();
    move((at) => at.map((along, direction) => {
      const moved = along + (direction === step[0] ? step[1] : 0);
      return Math.min(Math.max(moved, 0), this.volume.size[direction] - 1);
    }));
  }

  // `colour` gives the colour of a target, or nothing.
  paint(at, colours, colour) {
    const pixels = new ImageData(this.columns, this.rows);
    for (let row = 0; row < this.rows; row += 1) {
      for (let column = 0; column < this.columns; column += 1) {
        const voxel = this.volume.placeAt(this.turn(at, column, row));
        if (voxel < 0) continue;
        const target = this.volume.target[voxel];
        const [red, green, blue] = (target < 0 ? undefined : colour(target)) ?? colours.none;
        pixels.data.set([red, green, blue, 255], 4 * (column + this.columns * row));
      }
    }
    this.image.getContext("2d").putImageData(pixels, 0, 0);
    this.show(at, colours);
    const { letter, through } = this.plane;
    this.where.textContent = `${letter} = ${millimetres(this.volume.millimetres(at)[through])} mm`;
  }

  show(at, colours) {
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [this.canvas.clientWidth * scale, this.canvas.clientHeight * scale].map(Math.round);
    if (width === 0 || height === 0) return;
    [this.canvas.width, this.canvas.height] = [width, height];
    const context = this.canvas.getContext("2d");
    context.imageSmoothingEnabled = false;
    context.drawImage(this.image, 0, 0, width, height);
    const { across, down, mirrored, sides } = this.plane;
    const column = mirrored ? this.columns - 1 - at[across] : at[across];
    const [x, y] = [(column + 0.5) * width / this.columns, (this.rows - 0.5 - at[down]) * height / this.rows];
    context.strokeStyle = `rgb(${colours.ink.join(" ")})`;
    context.lineWidth = scale;
    context.beginPath();
    const [wide, high] = [0.8 * width / this.columns, 0.8 * height / this.rows];
    context.moveTo(x, 0); context.lineTo(x, y - high); context.moveTo(x, y + high); context.lineTo(x, height);
    context.moveTo(0, y); context.lineTo(x - wide, y); context.moveTo(x + wide, y); context.lineTo(width, y);
    context.stroke();
    context.fillStyle = `rgb(${colours.muted.join(" ")})`;
    context.font = `${Math.round(12 * scale)}px system-ui, sans-serif`;
    context.textBaseline = "top";
    context.textAlign = "left";
    context.fillText(sides[0], 2 * scale, 2 * scale);
    context.textAlign = "right";
    context.fillText(sides[1], width - 2 * scale, 2 * scale);
  }
}
