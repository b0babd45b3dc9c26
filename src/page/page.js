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
  keep();
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
  const type = response.headers.get("content-type") ?? "not known";
  const image = side.figure.querySelector("img");
  const text = side.figure.querySelector("pre");
  const isPicture = type.startsWith("image/");
  if (text) {
    text.hidden = isPicture;
    text.textContent = isPicture ? "" : said(type, await blob.text());
  }
  if (!isPicture) {
    image.hidden = true;
    side.bytes = blob.size;
    showFacts(side, {
      Size: "no picture",
      Bytes: bytesText(side),
      Time: `${milliseconds.toFixed(0)} ms`,
      Format: type,
    });
    return;
  }
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
    Format: type.replace("image/", ""),
    ...(cache ? { Cache: cache } : {}),
  });
  // The share of the original is known only when both are here.
  const bytes = sides.result.figure.querySelector("dd:nth-of-type(2)");
  if (bytes) bytes.textContent = bytesText(sides.result);
}

/** JSON as people read it. */
function said(type, text) {
  return type === "application/json" ? JSON.stringify(JSON.parse(text), null, 2) : text.trim();
}

function sizeText(bytes) {
  return bytes < 1000
    ? `${bytes} B`
    : `${(bytes / 1000).toLocaleString("en", { maximumFractionDigits: 1 })} kB`;
}

function bytesText(side) {
  const text = sizeText(side.bytes);
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
  for (const shown of side.figure.querySelectorAll("img, pre")) shown.hidden = true;
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
  for (const [index, group] of [...list.children].entries()) {
    for (const option of group.querySelectorAll(".option")) {
      option.hidden = !`${option.dataset.search} ${option.textContent.toLowerCase()}`.includes(
        wanted,
      );
    }
    group.hidden = !group.querySelector(".option:not([hidden])");
    group.open = wanted === "" ? index === 0 || saysSomething(group) : true;
  }
});

find("#reset").addEventListener("click", () => {
  for (const field of list.querySelectorAll("input, select")) {
    if (field.type === "checkbox") field.checked = false;
    else field.value = "";
  }
  update();
});

function quoted(text) {
  return `"${text.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"`;
}

/** What is copied, by the form that is chosen. */
const FORMS = {
  url: (url) => url,
  html: (url) => {
    const { naturalWidth: width, naturalHeight: height } = sides.result.figure.querySelector("img");
    return `<img src=${quoted(url)} width="${width}" height="${height}" alt="">`;
  },
  srcset: () => {
    const entries = [320, 640, 1280].map((width) => `${addressAt(width)} ${width}w`);
    const set = quoted(entries.join(", "));
    return `<img srcset=${set} sizes="100vw" src=${quoted(addressAt(640))} alt="">`;
  },
  css: (url) => `background-image: url("${url}");`,
  markdown: (url) => `![](<${url}>)`,
  curl: (url) => `curl --output picture "${url}"`,
};

/** The URL of the result at another width. */
function addressAt(width) {
  const options = optionsText().split(",").filter((token) => token && !/^\d*(\.\d+)?x/.test(token));
  return `${base.href}${[`${width}x`, ...options].join(",")}/${remoteText()}`;
}

find("#copy").addEventListener("click", async () => {
  const text = FORMS[find("#form").value](address.value);
  try {
    // Only over https and on localhost does the clipboard have an interface of its own.
    await navigator.clipboard.writeText(text);
  } catch {
    const field = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  say("Copied");
});

find("#compare").addEventListener("change", ({ target }) => {
  find(".pictures").classList.toggle("laid", target.checked);
  find("#cut").hidden = !target.checked;
});

find("#cut").addEventListener("input", ({ target }) => {
  find(".pictures").style.setProperty("--cut", `${target.value}%`);
});

/** Asks for the result in one format after the other, and lists what each takes. */
find("#formats").addEventListener("click", async ({ target }) => {
  const [field] = document.querySelectorAll('[name^="format."]');
  const formats = [...field.options].map(({ value }) => value).filter((value) =>
    value && value !== "auto"
  );
  const others = optionsText().split(",").filter((token) => token && !formats.includes(token));
  const rows = find("#sizes tbody");
  rows.replaceChildren();
  find("#sizes").hidden = false;
  target.disabled = true;
  for (const format of formats) {
    const started = performance.now();
    const options = [...others.filter((token) => token !== "auto"), format].join(",");
    const response = await fetch(`${base.href}${options}/${remoteText()}`).catch(() => undefined);
    const blob = await response?.blob();
    const cells = response?.ok
      ? [format, sizeText(blob.size), `${(performance.now() - started).toFixed(0)} ms`]
      : [format, "–", "–"];
    const row = document.createElement("tr");
    row.append(
      ...cells.map((text, index) =>
        Object.assign(document.createElement(index === 0 ? "th" : "td"), { textContent: text })
      ),
    );
    row.firstChild.scope = "row";
    rows.append(row);
  }
  target.disabled = false;
});

function fields() {
  return [...list.querySelectorAll("input, select")];
}

function saysSomething(group) {
  return [...group.querySelectorAll(".token")].some((token) => tokenOf(token) !== "");
}

/** Puts what is asked for into the page's own URL, so that it can be kept and sent. */
function keep() {
  const state = new URLSearchParams({ url: remote.value.trim() });
  for (const { name, type, checked, value } of fields()) {
    if (type === "checkbox" ? checked : value !== "") {
      state.set(name, type === "checkbox" ? "on" : value);
    }
  }
  if (`#${state}` !== location.hash) history.replaceState(null, "", `#${state}`);
}

/** Takes up what the page's URL says; a page that is told nothing shows a sample and what becomes of it. */
function restore() {
  const state = new URLSearchParams(location.hash.slice(1));
  const isNew = !state.has("url");
  if (isNew) {
    state.set("url", document.querySelector("[data-sample]").dataset.sample);
    state.set("size.0", "480");
  }
  remote.value = state.get("url");
  for (const field of fields()) {
    const value = state.get(field.name) ?? "";
    if (field.type === "checkbox") field.checked = value !== "";
    else field.value = value;
  }
  for (const [index, group] of [...list.children].entries()) {
    group.open = index === 0 || saysSomething(group);
  }
  update();
}

addEventListener("hashchange", restore);
restore();
