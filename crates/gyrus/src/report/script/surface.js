// The cortex: where each vertex lies, its target, and the triangles between vertices.
class Surface {
  constructor(packed) {
    Object.assign(this, packed);
    const [left, right] = this.n_vertices;
    this.n_places = left + right;
    this.target = targetsOf(packed, this.n_places);
    this.region = unpacked(packed.regions, packed.n_targets);
    this.number = unpacked(packed.numbers, this.n_places);
    for (let vertex = 1; vertex < this.n_places; vertex += 1) {
      if (vertex !== left) this.number[vertex] += this.number[vertex - 1];
    }
    // The first of each hemisphere counts from −1.
    this.number.forEach((number, vertex) => { this.number[vertex] = number - 1; });
    this.positions = Float32Array.from(unpacked(packed.coordinates, 3 * this.n_places), (tenths) => tenths / 10);
    this.indices = Uint32Array.from(unpacked(packed.triangles, 3 * this.n_triangles));
  }

  get called() {
    return this.names.length > 0 ? "parcel" : "vertex";
  }

  get sparse() {
    const all = this.n_all[0] + this.n_all[1];
    return all > this.n_places ? ` ${this.n_places} of ${all} vertices are shown.` : "";
  }

  at(vertex) {
    return [vertex];
  }

  placeAt([vertex]) {
    return vertex;
  }

  name([vertex], target) {
    if (this.names.length > 0) return this.names[target];
    return `${vertex < this.n_vertices[0] ? "L" : "R"}-${this.number[vertex]}`;
  }

  // Where it stands, in words: places of vertices that were moved apart are nobody's.
  where([vertex]) {
    return ["hemisphere", vertex < this.n_vertices[0] ? "left" : "right"];
  }

  millimetres([vertex]) {
    return Array.from(this.positions.subarray(3 * vertex, 3 * vertex + 3));
  }

  // Every vertex in the colour of its target; what is hidden is grey.
  meshes(colour, none) {
    const { positions, indices } = this;
    const colors = Uint32Array.from(this.target, (target) => packedColour((target < 0 ? undefined : colour(target)) ?? none));
    return [{ positions, indices, colors, opacity: 1 }];
  }

  // The nearest vertex.
  nearest(place) {
    return nearest(place, this.n_places, (vertex) => this.positions.subarray(3 * vertex, 3 * vertex + 3));
  }
}

const packedColour = ([red, green, blue]) => (0xff000000 | blue << 16 | green << 8 | red) >>> 0;

// Which of so many places lies nearest.
function nearest(place, count, at) {
  let best = -1, least = Infinity;
  for (let index = 0; index < count; index += 1) {
    const own = at(index);
    if (!own) continue;
    const distance = (own[0] - place[0]) ** 2 + (own[1] - place[1]) ** 2 + (own[2] - place[2]) ** 2;
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}
