// Sliders and colour wells beside the fields that they write, and what shows which options are in use.
import { element, find, findAll } from "./dom.js";
import { fields, tokenOf } from "./state.js";

const byName = (name) => find(`#options [name="${name}"]`);

/** Brings what stands beside the fields up to what they say. */
export function showFields() {
  for (const slider of findAll("[data-slides]")) {
    const { value } = byName(slider.dataset.slides);
    const number = Number(value);
    const isSet = value !== "" && Number.isFinite(number);
    slider.classList.toggle("unset", !isSet);
    slider.value = placeOf(slider, isSet ? number : Number(slider.dataset.neutral));
    slider.ariaValueText = isSet ? value : "not set";
  }
  for (const well of findAll("[data-colours]")) {
    const hex = /^#?([\da-f]{3,8})$/i.exec(byName(well.dataset.colours).value)?.[1] ?? "";
    const six = hex.length < 6 ? [...hex.slice(0, 3)].map((digit) => digit + digit).join("") : hex;
    if (six.length >= 6) well.value = `#${six.slice(0, 6)}`;
  }
  for (const group of findAll(".group")) {
    const count = findAll(".option", group).filter(isInUse).length;
    const badge = group.querySelector("output");
    badge.hidden = count === 0;
    badge.textContent = `${count} in use`;
  }
  for (const option of findAll(".option")) option.classList.toggle("used", isInUse(option));
  showChips();
}

export function isInUse(option) {
  return findAll(".token", option).some((control) => tokenOf(control) !== "");
}

/** The options in use, each to be taken away by a click. */
function showChips() {
  const chips = findAll(".token").filter((control) => tokenOf(control) !== "").map((control) => {
    const token = tokenOf(control);
    const chip = element("button", { type: "button", className: "chip" }, token, " ");
    chip.ariaLabel = `Remove ${token}`;
    chip.append(element("span", { textContent: "×", ariaHidden: "true" }));
    chip.addEventListener("click", () => {
      for (const field of findAll("[name]", control)) empty(field);
      changed(control);
    });
    return chip;
  });
  find("#chips").replaceChildren(...chips);
}

function empty(field) {
  if (field.type === "checkbox") field.checked = false;
  else field.value = "";
}

/** Has everybody know that a field says something else. */
export function changed(field) {
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Sliders of a size go as far as the picture does. */
export function limitSides({ width, height }) {
  for (const slider of findAll("[data-side]")) {
    const most = { width, height }[slider.dataset.side];
    if (!most) continue;
    slider.dataset.max = slider.dataset.neutral = most;
  }
  showFields();
}

function boundsOf({ dataset }) {
  return { min: Number(dataset.min), max: Number(dataset.max), bend: Number(dataset.bend ?? 1) };
}

function placeOf(slider, number) {
  const { min, max, bend } = boundsOf(slider);
  const share = Math.min(1, Math.max(0, (number - min) / (max - min)));
  return Math.round(1000 * Math.pow(share, 1 / bend));
}

function numberAt(slider) {
  const { min, max, bend } = boundsOf(slider);
  const number = min + (max - min) * Math.pow(slider.value / 1000, bend);
  if (slider.dataset.step === "1") return Math.round(number);
  const decimals = Math.abs(number) < 1 ? 2 : Math.abs(number) < 10 ? 1 : 0;
  return Math.max(min, Number(number.toFixed(decimals)));
}

/** Marks the field whose token an error quotes; takes every mark away where it quotes none. */
export function markWrong(text) {
  const quoted = /"([^"]+)"/.exec(text)?.[1];
  for (const control of findAll(".token")) {
    const isWrong = quoted !== undefined && tokenOf(control) === quoted;
    for (const field of findAll("[name]", control)) {
      if (isWrong) field.ariaInvalid = "true";
      else field.removeAttribute("aria-invalid");
    }
    if (isWrong) control.closest("details.group")?.setAttribute("open", "");
  }
}

find("#options").addEventListener("input", ({ target }) => {
  const { slides, colours } = target.dataset;
  if (slides) byName(slides).value = numberAt(target);
  if (colours) byName(colours).value = target.value.slice(1);
  if (slides || colours || fields().includes(target)) showFields();
});
