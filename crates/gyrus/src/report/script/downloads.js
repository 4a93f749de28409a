// Figures to keep: as SVG, as PNG, and their numbers as TSV; made here, so that they need no other file.
function save(name, type, parts) {
  const address = URL.createObjectURL(new Blob(parts, { type }));
  make("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

// The drawing as a file of its own, on white paper.
function standalone(svg) {
  const copy = svg.cloneNode(true);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  for (const words of copy.querySelectorAll("title, desc")) words.textContent = words.textContent;
  const [, , width, height] = copy.getAttribute("viewBox").split(" ");
  [["width", width], ["height", height]].forEach(([name, value]) => copy.setAttribute(name, value));
  copy.prepend(draw("style", {}, document.getElementById("figure-style").textContent + ".field{fill:none}"),
    draw("rect", { class: "paper", width, height }));
  return new XMLSerializer().serializeToString(copy);
}

function savePicture(svg, name) {
  const scale = 3;
  const address = URL.createObjectURL(new Blob([standalone(svg)], { type: "image/svg+xml" }));
  const image = new Image();
  image.addEventListener("load", () => {
    const canvas = make("canvas", { width: Math.ceil(image.width * scale), height: Math.ceil(image.height * scale) });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => save(`${name}.png`, "image/png", [blob]), "image/png");
    URL.revokeObjectURL(address);
  });
  image.src = address;
}

const asTsv = (rows) => rows.map((cells) => `${cells.map((cell) => cell.replace(/[\t\r\n]/g, " ")).join("\t")}\n`).join("");

// Every number that a drawing shows: its table, line and column, what the row is about, and the number as shown.
function numbersOf(svg, data) {
  const found = new Map();
  for (const mark of svg.querySelectorAll("span[data-cell], text[data-cell], tspan[data-cell]")) {
    const [table, row, column] = mark.dataset.cell.split(" ");
    found.set(mark.dataset.cell, [table, row, column, mark.textContent.trim().replace(/^=\u00a0/, "")]);
  }
  const of = new Map();
  const about = (table, row) => {
    const keys = data.rows[table];
    if (!keys) return "";
    if (!of.has(table)) of.set(table, keys.cells.map((packed) => unpacked(packed, keys.n_rows)));
    return keys.columns.map((column, place) => `${column}=${keys.words[of.get(table)[place][row - 2]]}`).join("; ");
  };
  const rows = [...found.values()].map(([table, row, column, value]) => [table, row, about(table, row), column, value]);
  return [["table", "line", "row", "column", "value"], ...rows];
}

function saver(words, label, action) {
  const button = make("button", { type: "button", class: "link", "aria-label": label }, words);
  button.addEventListener("click", action);
  return button;
}

// Buttons for a drawing that the script made.
function savers(name, svg, rows) {
  return make("span", { class: "downloads" },
    saver("SVG", `${name} as SVG`, () => save(`${name}.svg`, "image/svg+xml", [standalone(svg())])),
    saver("PNG", `${name} as PNG`, () => savePicture(svg(), name)),
    saver("TSV", `${name}, numbers as TSV`, () => save(`${name}.tsv`, "text/tab-separated-values", [asTsv(rows())])));
}

// Links to files beside the page become buttons that make the same from the page itself.
function offerDownloads(data) {
  for (const link of document.querySelectorAll(".downloads a[data-figure]")) {
    const name = link.dataset.figure;
    const svg = document.getElementById(`about-${name}`)?.closest("svg");
    if (svg) link.replaceWith(...savers(name, () => svg, () => numbersOf(svg, data)).children);
  }
}
