// The numbers that the page brought along: taken apart, and printed as everywhere else on it.
"use strict";
const MISSING = -0x80000000;
const CODES = new Uint8Array(128);
for (const [code, character] of [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].entries()) {
  CODES[character.charCodeAt(0)] = code;
}

// The code of a number is value − least + 1, that of a missing one 0; six bits a character, the highest bit first.
function unpacked({ least, bits, data }, count) {
  const values = new Int32Array(count).fill(MISSING);
  if (bits === 0) return values;
  let word = 0, filled = 0, read = 0;
  for (let index = 0; index < count; index += 1) {
    while (filled < bits) {
      word = (word << 6) | CODES[data.charCodeAt(read)];
      read += 1;
      filled += 6;
    }
    filled -= bits;
    const code = word >>> filled;
    word &= (1 << filled) - 1;
    if (code > 0) values[index] = least + code - 1;
  }
  return values;
}

// A whole number of 10^-decimals.
function fixed(value, decimals = 3) {
  if (value === MISSING) return "n/a";
  const size = (Math.abs(value) / 10 ** decimals).toFixed(decimals);
  return value < 0 ? `\u2212${size}` : size;
}

function probability(thousandths, equals = "") {
  if (thousandths === MISSING) return equals === "" ? "n/a" : `${equals}n/a`;
  return thousandths === 0 ? "<\u00a00.001" : equals + fixed(thousandths);
}

function interval([low, high], index) {
  return `[${fixed(low[index])},\u00a0${fixed(high[index])}]`;
}

// Elements; strings become text and nothing else.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function draw(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// A labelled choice; `options` are pairs of value and words.
function choice(label, options, chosen, change) {
  const select = make("select", { "data-control": label }, ...options.map(([value, words]) => make("option", { value }, words)));
  select.value = String(chosen);
  select.addEventListener("change", () => change(select.value));
  return { element: make("label", { class: "control" }, make("span", {}, label), select), select };
}
