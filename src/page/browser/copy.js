// The result in the forms in which pages and programs ask for it.
import { copyText, find, findAll } from "./dom.js";
import { result } from "./compare.js";
import { tokens, urlOf } from "./state.js";

const address = find("#address");

function quoted(text) {
  return `"${text.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"`;
}

const FORMS = {
  url: (url) => url,
  html(url) {
    const { naturalWidth: width, naturalHeight: height } = result.image;
    const sides = width && height ? ` width="${width}" height="${height}"` : "";
    return `<img src=${quoted(url)}${sides} alt="">`;
  },
  srcset() {
    const entries = [320, 640, 1280].map((width) => `  ${urlAt(width)} ${width}w`);
    return `<img\n  srcset=${quoted(`\n  ${entries.join(",\n  ")}\n  `)}\n  sizes="100vw"\n  src=${
      quoted(urlAt(640))
    }\n  alt=""\n>`;
  },
  css: (url) => `background-image: url("${url}");`,
  markdown: (url) => `![](<${url}>)`,
  curl: (url) => `curl --output picture '${url.replaceAll("'", "%27")}'`,
};

/** The URL of the result at another width, in the same shape. */
function urlAt(width) {
  const isSize = (token) => /^[\d.]*x?[\d.]*$/.test(token);
  const [, across, up] = /^(\d+)x(\d+)$/.exec(tokens().find(isSize) ?? "") ?? [];
  const height = across ? Math.max(1, Math.round(width * up / across)) : "";
  return urlOf([`${width}x${height}`, ...tokens().filter((token) => !isSize(token))]);
}

/** Shows the form that is chosen. */
export function showAddress() {
  const url = urlOf(tokens());
  address.value = FORMS[find('[name="form"]:checked').value](url);
  address.rows = Math.min(10, address.value.split("\n").length);
  find("#open").href = url;
}

for (const radio of findAll('[name="form"]')) radio.addEventListener("change", showAddress);
find("#copy").addEventListener("click", () => copyText(address.value));
