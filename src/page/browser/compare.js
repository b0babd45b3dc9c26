// The two pictures, before and after: under one slider or side by side, fitted or pixel by pixel, and their figures.
import { copyText, element, find, findAll, later, say, sizeText } from "./dom.js";
import { adviceFor, ask } from "./fetch.js";
import { tokens, urlOf } from "./state.js";
import { limitSides, markWrong } from "./widgets.js";

const stage = find("#stage");

const createSide = (name) => ({
  name,
  layer: find(`#${name}`),
  image: find(`#${name} img`),
  target: "",
  bytes: 0,
  error: undefined,
});

export const original = createSide("original");
export const result = createSide("result");
/** An earlier result, which takes the original's place while it is there. */
const pinned = createSide("pinned");
const text = find("#result pre");

/** Asks for what the form says, if that is not there already. */
export function showPictures() {
  show(original, urlOf([]));
  show(result, urlOf(tokens()));
}

async function show(side, target) {
  if (side.target === target) return;
  side.target = target;
  side.stop?.abort();
  const stop = side.stop = new AbortController();
  side.layer.classList.add("pending");
  say("Working …");
  let error;
  try {
    const answer = await ask(target, stop.signal);
    await draw(side, answer);
  } catch (caught) {
    if (stop.signal.aborted) return;
    error = caught;
    side.bytes = 0;
    showFacts(side, []);
    showShare();
  }
  if (stop.signal.aborted) return;
  side.error = error;
  side.layer.classList.remove("pending");
  if (find(".pending")) return;
  say("");
  showTrouble();
  stage.dispatchEvent(new Event("settled"));
}

async function draw(side, { response, blob, milliseconds }) {
  const type = response.headers.get("content-type") ?? "not known";
  const isPicture = type.startsWith("image/");
  side.bytes = blob.size;
  if (side === result) {
    text.hidden = isPicture;
    text.textContent = isPicture ? "" : told(type, await blob.text());
    stage.classList.toggle("tells", !isPicture);
  }
  side.image.hidden = !isPicture;
  if (isPicture) {
    const earlier = side.image.src;
    side.image.src = URL.createObjectURL(blob);
    await side.image.decode().catch(() => {});
    if (earlier) URL.revokeObjectURL(earlier);
    if (side === original) {
      limitSides({ width: side.image.naturalWidth, height: side.image.naturalHeight });
    }
  }
  const { naturalWidth, naturalHeight } = side.image;
  const cache = response.headers.get("x-cache");
  showFacts(side, [
    isPicture ? (naturalWidth ? `${naturalWidth} × ${naturalHeight}` : "not known") : "no picture",
    type.replace(/^image\/|;.*$/g, ""),
    sizeText(side.bytes),
    `${milliseconds.toFixed(0)} ms${cache ? `, ${cache}` : ""}`,
  ]);
  showShare();
  fitStage();
}

/** JSON as people read it. */
function told(type, said) {
  return type === "application/json" ? JSON.stringify(JSON.parse(said), null, 2) : said.trim();
}

function showFacts({ name, bytes, layer }, facts) {
  const title = { original: "Original", pinned: "Pinned", result: "Result" }[name];
  layer.querySelector(".label").textContent = bytes ? `${title}, ${sizeText(bytes)}` : title;
  findAll(`#facts-${name} td`).forEach((cell, index) => cell.textContent = facts[index] ?? "–");
}

/** How the bytes of the result are to those of the original. */
function showShare() {
  const share = find("#share");
  const isKnown = original.bytes > 0 && result.bytes > 0 && !stage.classList.contains("tells");
  share.hidden = !isKnown;
  if (!isKnown) return;
  const percent = 100 * (result.bytes / original.bytes - 1);
  const amount = Math.abs(percent).toFixed(Math.abs(percent) < 10 ? 1 : 0);
  share.textContent = percent <= 0 ? `${amount} % smaller` : `${amount} % larger`;
  share.classList.toggle("larger", percent > 0);
}

/** The boxes of the pictures: the result's own pixels where they are wanted, else as large as there is room. */
export function fitStage() {
  const zoom = Number(find("#zoom").value);
  const isTelling = stage.classList.contains("tells");
  const { naturalWidth: width = 1, naturalHeight: height = 1 } = isTelling
    ? original.image
    : result.image;
  const layers = find("#layers");
  layers.style.setProperty("--ratio", width && height ? `${width} / ${height}` : "3 / 2");
  layers.style.setProperty("--share", width && height ? width / height : 1.5);
  layers.style.setProperty("--width", `${(width || 480) * (zoom || 1)}px`);
  layers.style.setProperty("--zoom", zoom || 1);
  stage.classList.toggle("whole", zoom > 0);
  stage.classList.toggle("dots", zoom > 1);
  const shapes = [original, result].map(({ image }) => image.naturalWidth / image.naturalHeight);
  const differ = Math.abs(shapes[0] / shapes[1] - 1) > 0.02;
  find("#shapes").hidden = !differ || isTelling || stage.dataset.view !== "slider";
}

async function showTrouble() {
  const side = [result, original].find(({ error }) => error);
  const box = find("#trouble");
  box.hidden = !side;
  stage.classList.toggle("failed", side !== undefined);
  find("#scroller").hidden = original.error !== undefined;
  markWrong(side?.error.message ?? "");
  if (!side) return box.replaceChildren();
  const { status, message } = side.error;
  box.replaceChildren(
    element("strong", { textContent: status ? `${status}: ` : "" }),
    element("span", { textContent: message }),
  );
  const advice = await adviceFor(side.error, side.target);
  if (side.error?.message !== message) return;
  for (const { text, command } of advice) {
    const line = element("p", { textContent: text });
    box.append(line);
    if (!command) continue;
    const button = element("button", { type: "button", textContent: "Copy" });
    button.ariaLabel = "Copy the command";
    button.addEventListener("click", () => copyText(command));
    box.append(
      element("div", { className: "line" }, element("code", { textContent: command }), button),
    );
  }
}

export function setView(view) {
  stage.dataset.view = view;
  find(`[name="view"][value="${view}"]`).checked = true;
  fitStage();
}

for (const radio of findAll('[name="view"]')) {
  radio.addEventListener("change", () => setView(radio.value));
}
find("#zoom").addEventListener("change", () => {
  fitStage();
  const scroller = find("#scroller");
  scroller.scrollTo(
    (scroller.scrollWidth - scroller.clientWidth) / 2,
    (scroller.scrollHeight - scroller.clientHeight) / 2,
  );
});
find("#pin").addEventListener("click", ({ target }) => {
  const isPinned = target.ariaPressed !== "true";
  target.ariaPressed = String(isPinned);
  target.textContent = isPinned ? "Unpin" : "Pin result";
  stage.classList.toggle("pinning", isPinned);
  find("#facts-pinned").hidden = !isPinned;
  if (isPinned) show(pinned, result.target);
});
find("#cut").addEventListener("input", ({ target }) => {
  find("#layers").style.setProperty("--cut", `${target.value / 10}%`);
  target.ariaValueText = `${Math.round(target.value / 10)} % of the original`;
});
addEventListener("resize", later(fitStage, 100));
