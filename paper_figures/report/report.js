/* Filters. Without this script all rows are shown and the controls stay hidden. */
for (const box of document.querySelectorAll("[data-filters]")) {
  const list = box.dataset.filters;
  const items = [...document.querySelectorAll(`[data-list="${list}"]`)];
  const text = document.getElementById(`${list}-text`), verdict = document.getElementById(`${list}-verdict`);
  const apply = () => {
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const item of items) {
      const fits = words.every((word) => item.dataset.text.includes(word));
      item.hidden = !(fits && (!verdict.value || item.dataset.verdict === verdict.value));
      shown += !item.hidden;
    }
    for (const theme of document.querySelectorAll(".theme")) {
      theme.hidden = !theme.querySelector("[data-list]:not([hidden])");
    }
    box.querySelector("[role=status]").textContent = `${shown} of ${items.length} are shown.`;
  };
  text.addEventListener("input", apply);
  verdict.addEventListener("change", apply);
  /* A link to a hidden item shows everything again. */
  window.addEventListener("hashchange", () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.closest("[hidden]")) return;
    text.value = verdict.value = "";
    apply();
    target.scrollIntoView();
  });
  box.hidden = false;
  apply();
}

/* The run that the reader controls. */
const CHOICES = {
  C: {label: "Large gradient C", values: [1, 2, 3, 4, 5, 6, 6.5, 7, 7.5, 8, 9, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300]},
  k: {label: "Period k", values: [2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 50]},
  delta: {label: "Cap of the window δ", values: [1, 2, 3, 5, 7, 10, 15, 20, 50, 100, 200, 500, 1000, Infinity]},
  alpha: {label: "Step size α", values: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]},
  gamma: {label: "Momentum γ", values: [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99]},
  steps: {label: "Steps", values: [100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000]},
};
const SELECTS = {
  schedule: {label: "Step size over time", values: {sqrt: "α/√t", constant: "constant α"}},
  signal: {label: "Signal of the window", values: {loss: "loss", increase: "increase of the loss", decrease: "decrease of the loss"}},
};
const number = (value) => (value === Infinity ? "∞, the window grows for ever" : String(value));
const recorded = JSON.parse(document.getElementById("recorded").textContent, (_, v) => (v === "Infinity" ? Infinity : v));
const controls = document.getElementById("controls"), inputs = {};

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
for (const [name, {label, values}] of Object.entries(CHOICES)) {
  const output = element("output", {htmlFor: `try-${name}`});
  const input = element("input", {id: `try-${name}`, type: "range", min: 0, max: values.length - 1, step: 1});
  const show = () => {
    output.textContent = number(values[input.value]);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  inputs[name] = {get: () => values[input.value], set: (v) => { input.value = values.indexOf(v); show(); }};
  input.addEventListener("input", () => { show(); later(); });
  controls.append(element("div", {}, element("label", {htmlFor: input.id}, `${label}: `, output), input));
}
for (const [name, {label, values}] of Object.entries(SELECTS)) {
  const input = element("select", {id: `try-${name}`});
  for (const [value, words] of Object.entries(values)) input.append(element("option", {value}, words));
  inputs[name] = {get: () => input.value, set: (v) => { input.value = v; }};
  input.addEventListener("change", () => later());
  controls.append(element("div", {}, element("label", {htmlFor: input.id}, label), input));
}

/* Steps that are equally spaced on a logarithmic axis. */
function spaced(last) {
  const found = new Set([last]);
  for (let i = 0; i <= 240; i++) found.add(Math.max(1, Math.min(last, Math.floor(last ** (i / 240)))));
  return [...found].sort((a, b) => a - b);
}
let waiting = 0;
function later() {
  cancelAnimationFrame(waiting);
  waiting = requestAnimationFrame(run);
}
function run() {
  const setting = {...recorded[0].setting};
  for (const name of Object.keys(inputs)) setting[name] = inputs[name].get();
  const result = drive(setting, spaced(setting.steps));
  const best = setting.C > setting.k - 1 ? "The best fixed point is −1." : "C is not above k − 1, so −1 need not be the best fixed point.";
  document.getElementById("outcome").textContent =
    `After ${setting.steps} steps the iterate is ${result.theta.toFixed(4)} and the regret per step is ` +
    `${(result.regret / setting.steps).toPrecision(4)}. The window is ${result.window}. ` +
    (result.first_violation ? `The preconditioner h first falls at step ${result.first_violation}, and at ${result.violations} steps in all. `
      : "The preconditioner h never falls. ") + best;
  const t = result.path.map((row) => row[0]);
  chart("chart-theta", "iterate θ", t, result.path.map((row) => row[1]), [-1, 1]);
  const rates = result.path.map((row) => row[2]);
  chart("chart-regret", "regret per step R/t", t, rates, [Math.min(0, ...rates), Math.max(0.1, ...rates)]);
}
function chart(id, title, xs, ys, [low, high]) {
  const svg = document.getElementById(id), left = 48, right = 396, top = 26, bottom = 200;
  const last = Math.log10(Math.max(10, xs[xs.length - 1]));
  const x = (v) => left + (Math.log10(v) / last) * (right - left);
  const y = (v) => bottom - ((v - low) / (high - low)) * (bottom - top);
  const part = (name, attributes, text) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };
  svg.replaceChildren(part("path", {class: "axis", d: `M${left} ${top}V${bottom}H${right}`}), part("text", {x: 4, y: 14}, title));
  for (const v of [low, (low + high) / 2, high]) {
    svg.append(part("text", {x: left - 6, y: y(v) + 4, "text-anchor": "end"}, Number(v.toPrecision(2))));
    svg.append(part("path", {class: "axis", d: `M${left - 4} ${y(v)}H${left}`}));
  }
  for (let i = 0; i <= last; i++) {
    svg.append(part("text", {x: x(10 ** i), y: bottom + 16, "text-anchor": "middle"}, (10 ** i).toLocaleString("en")));
    svg.append(part("path", {class: "axis", d: `M${x(10 ** i)} ${bottom}V${bottom + 4}`}));
  }
  svg.append(part("text", {x: (left + right) / 2, y: bottom + 34, "text-anchor": "middle"}, "step"));
  svg.append(part("path", {class: "curve", d: "M" + xs.map((v, i) => `${x(v).toFixed(2)} ${y(ys[i]).toFixed(2)}`).join("L")}));
  svg.setAttribute("aria-label", `${title} against the step, from ${ys[0].toPrecision(3)} to ${ys[ys.length - 1].toPrecision(3)}`);
}

/* The recorded runs again, in this browser: the same last bit, or the page says that it is not. */
const same = recorded.every(({setting, expected}) => {
  const found = drive(setting, []);
  return Object.entries(expected).every(([name, value]) => Object.is(found[name], value));
});
document.getElementById("same").textContent = same
  ? "This browser has just repeated the recorded runs and got the same last bit in every number."
  : "This browser repeated the recorded runs and got other last bits, so its numbers are near those of Python but not equal.";
for (const [name, input] of Object.entries(inputs)) input.set(recorded[0].setting[name]);
controls.hidden = document.getElementById("charts").hidden = false;
document.getElementById("no-script").remove();
controls.addEventListener("submit", (event) => event.preventDefault());
run();
