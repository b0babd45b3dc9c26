// The page's own script. It asks this server for the original and the result, and shows what came.
const find = (selector) => document.querySelector(selector);
const remote = find("#remote");
const address = find("#address");
const message = find("#message");
const list = find("#options .list");

// Where this page lies, so that it also works behind a proxy that serves it under a path.
const base = new URL(".", location.href);

/** The tokens of all controls that say something, in the order of the table. */
function optionsText() {
  return [...document.querySelectorAll(".token")].map(tokenOf).filter((token) => token !== "")
    .join(",");
}

/** The texts and values of one token in turn; values that follow a colon may be left out at its end. */
function tokenOf(element) {
  const fields = [...element.querySelectorAll("input, select")];
  if (fields[0].type === "checkbox") return fields[0].checked ? fields[0].value : "";
  if (fields.every(({ value }) => value.trim() === "")) return "";
  const texts = JSON.parse(element.dataset.texts);
  const parts = fields.map(({ value }, index) => texts[index] + value.trim());
  while (parts.at(-1) === ":") parts.pop();
  return parts.join("");
}

/** Written as it is where a browser and the proxy read it alike, else encoded as a whole. */
function remoteText() {
  const url = remote.value.trim();
  const isPlain = /^https?:\/\/[\w.:-]+(?:\/(?!\.{1,2}(?:\/|$))[\w.~@+=,:-]*)*$/.test(url);
  return isPlain ? url : encodeURIComponent(url);
}

const sides = { original: createSide("#original"), result: createSide("#result") };

function createSide(selector) {
  return { figure: find(selector), target: "", bytes: 0, error: "" };
}

function update() {
  const source = remote.value.trim();
  if (source === "") return;
  const options = optionsText();
  address.value = base.href + (options === "" ? "" : `${options}/`) + remoteText();
  for (const button of document.querySelectorAll("[data-sample]")) {
    button.setAttribute("aria-pressed", String(button.dataset.sample === source));
  }
  show(sides.original, base.href + remoteText());
  show(sides.result, address.value);
}

async function show(side, target) {
  if (side.target === target) return;
  side.target = target;
  side.stop?.abort();
  const stop = side.stop = new AbortController();
  side.figure.classList.add("pending");
  side.error = "";
  report();
  try {
    const started = performance.now();
    const response = await fetch(target, {
      signal: stop.signal,
      headers: { accept: document.body.dataset.accept },
    });
    const blob = await response.blob();
    const milliseconds = performance.now() - started;
    if (!response.ok) throw new Error(await explain(response.status, blob));
    await draw(side, { response, blob, milliseconds });
  } catch (error) {
    if (stop.signal.aborted) return;
    side.error = error.message;
    clear(side);
  }
  side.figure.classList.remove("pending");
  report();
}

/** What went wrong, else what is under way. */
function report() {
  const { original, result } = sides;
  const error = result.error || original.error;
  say(error || (document.querySelector("figure.pending") ? "Working …" : ""), error !== "");
}

async function explain(status, blob) {
  const sentence = (await blob.text()).trim().slice(0, 300) || "the server gave no reason";
  const hint = status === 403
    ? ". If this server wants signed URLs, make one on the command line: imageproxy sign"
    : "";
  return `${status}: ${sentence}${hint}`;
}

async function draw(side, { response, blob, milliseconds }) {
  const image = side.figure.querySelector("img");
  const earlier = image.src;
  image.src = URL.createObjectURL(blob);
  image.hidden = false;
  await image.decode().catch(() => {});
  if (earlier) URL.revokeObjectURL(earlier);
  side.bytes = blob.size;
  const cache = response.headers.get("x-cache");
  showFacts(side, {
    Size: image.naturalWidth ? `${image.naturalWidth} × ${image.naturalHeight} px` : "not known",
    Bytes: bytesText(side),
    Time: `${milliseconds.toFixed(0)} ms`,
    Format: (response.headers.get("content-type") ?? "not known").replace("image/", ""),
    ...(cache ? { Cache: cache } : {}),
  });
  // The share of the original is known only when both are here.
  const bytes = sides.result.figure.querySelector("dd:nth-of-type(2)");
  if (bytes) bytes.textContent = bytesText(sides.result);
}

function bytesText(side) {
  const text = side.bytes < 1000
    ? `${side.bytes} B`
    : `${(side.bytes / 1000).toLocaleString("en", { maximumFractionDigits: 1 })} kB`;
  if (side !== sides.result || !sides.original.bytes) return text;
  const share = side.bytes / sides.original.bytes * 100;
  return `${text} (${share.toFixed(share < 10 ? 1 : 0)} %)`;
}

function showFacts(side, facts) {
  side.figure.querySelector("dl").replaceChildren(
    ...Object.entries(facts).flatMap(([name, value]) => [
      Object.assign(document.createElement("dt"), { textContent: name }),
      Object.assign(document.createElement("dd"), { textContent: value }),
    ]),
  );
}

function clear(side) {
  side.bytes = 0;
  side.figure.querySelector("img").hidden = true;
  side.figure.querySelector("dl").replaceChildren();
}

function say(text, wrong = false) {
  message.textContent = text;
  message.classList.toggle("wrong", wrong);
}

function later(action, milliseconds) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
}

list.addEventListener("input", later(update, 300));

find("#source").addEventListener("submit", (event) => {
  event.preventDefault();
  update();
});

for (const button of document.querySelectorAll("[data-sample]")) {
  button.addEventListener("click", () => {
    remote.value = button.dataset.sample;
    update();
  });
}

find("#find").addEventListener("input", ({ target }) => {
  const wanted = target.value.trim().toLowerCase();
  for (const option of list.children) {
    option.hidden = !`${option.dataset.search} ${option.textContent.toLowerCase()}`.includes(
      wanted,
    );
  }
});

find("#reset").addEventListener("click", () => {
  for (const field of list.querySelectorAll("input, select")) {
    if (field.type === "checkbox") field.checked = false;
    else field.value = "";
  }
  update();
});

find("#copy").addEventListener("click", async () => {
  address.select();
  try {
    // Only over https and on localhost does the clipboard have an interface of its own.
    await navigator.clipboard.writeText(address.value);
  } catch {
    document.execCommand("copy");
  }
  say("Copied");
});
