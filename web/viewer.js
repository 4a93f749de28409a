// The viewer in three dimensions that the page asks for: a scene of NiiVue with one coloured mesh, and a faint one around it.
import NiiVue from "@niivue/niivue/webgl2";

const RENDER = 4;

/** A scene on a canvas; `picked` is given the place in millimetres that was clicked. */
async function scene(canvas, { paper, picked }) {
  const niivue = new NiiVue({ backgroundColor: colour(paper), isDragDropEnabled: false, logLevel: "error" });
  await niivue.attachToCanvas(canvas);
  // NiiVue listens to letters pressed anywhere in the page.
  removeEventListener("keydown", niivue._eventListeners.keydown);
  niivue.sliceType = RENDER;
  niivue.isOrientCubeVisible = true;
  niivue.isColorbarVisible = false;
  niivue.isOrientationTextVisible = false;
  return new Scene(niivue, canvas, picked);
}

const colour = (rgb) => [...rgb.map((part) => part / 255), 1];

class Scene {
  constructor(niivue, canvas, picked) {
    Object.assign(this, { niivue, canvas });
    let down;
    canvas.addEventListener("pointerdown", (event) => { down = [event.clientX, event.clientY]; });
    canvas.addEventListener("click", async (event) => {
      // Whoever drags turns the brain.
      if (down && Math.hypot(event.clientX - down[0], event.clientY - down[1]) > 3) return;
      const place = await this.pick(event.clientX, event.clientY);
      if (place) picked(place);
    });
  }

  /** The place of the mesh at a place of the window, in millimetres; the faint mesh is looked through. */
  async pick(x, y) {
    const { niivue, canvas } = this;
    const box = canvas.getBoundingClientRect();
    const scale = canvas.width / box.width;
    const meshes = niivue.model.meshes;
    niivue.model.meshes = meshes.slice(0, 1);
    // Drawn before it first waits.
    const found = niivue.view.depthPick((x - box.left) * scale, (y - box.top) * scale);
    niivue.model.meshes = meshes;
    const place = await found;
    niivue.drawScene();
    return place;
  }

  /** Shows meshes: corners in millimetres, triangles, and a colour (0xAABBGGRR) of each corner. */
  async show(meshes) {
    const { niivue } = this;
    niivue.model.removeAllMeshes();
    for (const mesh of meshes) await niivue.model.addMesh(whole(mesh));
    await niivue.updateGLVolume();
  }

  turn(azimuth, elevation) {
    this.niivue.azimuth = azimuth;
    this.niivue.elevation = elevation;
    this.niivue.drawScene();
  }

  angles() {
    return [this.niivue.azimuth, this.niivue.elevation];
  }

  /** Puts the crosshair at a place in millimetres. */
  point(place) {
    this.niivue.setCrosshairPos(place);
  }

  background(paper) {
    this.niivue.backgroundColor = colour(paper);
    this.niivue.drawScene();
  }
}

/** What NiiVue keeps of a mesh that it has read. */
function whole({ positions, indices, colors, opacity }) {
  const [extentsMin, extentsMax] = [[Infinity, Infinity, Infinity], [-Infinity, -Infinity, -Infinity]];
  for (let at = 0; at < positions.length; at += 1) {
    extentsMin[at % 3] = Math.min(extentsMin[at % 3], positions[at]);
    extentsMax[at % 3] = Math.max(extentsMax[at % 3], positions[at]);
  }
  return {
    kind: "mesh", shaderType: "matte", color: [1, 1, 1, 1], isColorbarVisible: false, isLegendVisible: false, layers: [],
    perVertexColors: colors, mz3: { positions, indices }, trx: null, jcon: null, tractOptions: null, connectomeOptions: null,
    clipPlane: new Float32Array(4), positions, indices, colors, opacity, extentsMin, extentsMax,
  };
}

globalThis.gyrusScene = scene;
