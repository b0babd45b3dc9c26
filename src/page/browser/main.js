// What happens when somebody does something.
import { element, find, findAll, later, say } from "./dom.js";
import { showPictures } from "./compare.js";
import { showAddress } from "./copy.js";
import { takeDrops } from "./drop.js";
import { readingsOf } from "./fetch.js";
import { forgetFormats } from "./formats.js";
import { keepState, remote, setValues, step, takeState, tokens, urlOf } from "./state.js";
import { showTool } from "./tools.js";
import { isInUse, showFields } from "./widgets.js";

let shown = "";

/** Brings everything up to what the form says. */
function update() {
  const url = remote.value.trim();
  showFields();
  showTool();
  if (url === "") return;
  keepState();
  showAddress();
  for (const button of findAll("[data-sample]")) {
    button.ariaPressed = String(button.dataset.sample === url);
  }
  const target = urlOf(tokens());
  if (target !== shown) forgetFormats();
  shown = target;
  showPictures();
}

/** Takes a picture's URL as it is, and one of a server of pictures apart. */
async function take(text) {
  const notice = find("#notice");
  notice.hidden = true;
  const readings = text.startsWith("http://sample.invalid/") ? [] : await readingsOf(text);
  if (readings.length === 0) return update();
  choose(readings, 0);
}

function choose(readings, index) {
  const { server, url, fields: wanted, problem } = readings[index];
  const notice = find("#notice");
  const what = server === "imageproxy"
    ? "That is a URL of a server like this one."
    : `That is a URL of ${server}.`;
  notice.replaceChildren(
    element("span", {
      textContent: `${what} ${url ? "Its options are set, and its picture is shown." : ""}`,
    }),
  );
  if (problem) notice.append(element("span", { className: "wrong", textContent: ` ${problem}.` }));
  readings.forEach((other, at) => {
    if (at === index) return;
    const button = element("button", { type: "button", textContent: `Read it as ${other.server}` });
    button.addEventListener("click", () => choose(readings, at));
    notice.append(" ", button);
  });
  notice.hidden = false;
  if (url === undefined) return;
  remote.value = url;
  setValues(wanted);
  openGroups();
  update();
}

function openGroups() {
  for (const group of findAll(".group")) {
    group.open = findAll(".option", group).some(isInUse);
  }
}

const soon = later(update, 300);
find("#options").addEventListener("input", ({ target }) => {
  if (target.id !== "find") soon();
});
find("#options").addEventListener("click", ({ target }) => {
  if (!target.classList.contains("try")) return;
  setValues(JSON.parse(target.dataset.fields), { keeps: true });
  update();
});

find("#source").addEventListener("submit", (event) => {
  event.preventDefault();
  take(remote.value.trim());
});
// What is pasted is meant to be looked at.
remote.addEventListener("paste", () => setTimeout(() => take(remote.value.trim())));

takeDrops({
  onAddress(url) {
    remote.value = url;
    take(url);
  },
  onFile() {
    const notice = find("#notice");
    notice.replaceChildren(
      "A server of this kind takes no files: it fetches pictures by their URLs. On the command line ",
      element("code", { textContent: "imageproxy transform" }),
      " does the same to files.",
    );
    notice.hidden = false;
  },
});

for (const button of findAll("[data-sample]")) {
  button.addEventListener("click", () => {
    find("#notice").hidden = true;
    const isBare = tokens().length === 0 || button.dataset.fields === undefined;
    remote.value = button.dataset.sample;
    if (isBare) setValues(JSON.parse(button.dataset.fields ?? "{}"));
    update();
  });
}

find("#find").addEventListener("input", ({ target }) => {
  const wanted = target.value.trim().toLowerCase();
  for (const group of findAll(".group")) {
    for (const option of findAll(".option", group)) {
      const text = `${option.dataset.search} ${option.textContent.toLowerCase()}`;
      option.hidden = !text.includes(wanted);
    }
    group.hidden = !group.querySelector(".option:not([hidden])");
    group.open = wanted !== "" || findAll(".option", group).some(isInUse);
  }
  find("#none").hidden = wanted === "" || find(".group:not([hidden])") !== null;
});

find("#reset").addEventListener("click", () => {
  setValues({});
  update();
});

/** Goes back or forth by a step. */
function go(isBack) {
  if (!step(isBack)) return;
  openGroups();
  update();
  say(isBack ? "Undone" : "Done again");
}
find("#undo").addEventListener("click", () => go(true));
find("#redo").addEventListener("click", () => go(false));
addEventListener("keydown", (event) => {
  // In a field the keys undo what was typed there.
  if (event.target.matches("input:not([type=range], [type=checkbox], [type=radio]), textarea")) {
    return;
  }
  if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
  event.preventDefault();
  go(!event.shiftKey);
});

find("#stage").addEventListener("settled", () => {
  showAddress();
  showTool();
});

/** Takes up what the page's URL says; a page that is told nothing shows a sample and what becomes of it. */
function restore() {
  const state = location.hash.slice(1);
  if (new URLSearchParams(state).has("url")) takeState(state);
  else {
    const [first] = findAll("[data-sample]");
    remote.value = first.dataset.sample;
    setValues(JSON.parse(first.dataset.fields));
  }
  openGroups();
  update();
}

addEventListener("hashchange", restore);
restore();
