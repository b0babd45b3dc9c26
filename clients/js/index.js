// @ts-self-types="./index.d.ts"
// URLs of the image proxy, from options with names. Nothing is imported but the table of options, so that
// browsers, Node and Deno can load it as it is.
import { OPTIONS } from "./options.js";

/** The part of a URL that says what to make of a picture: `200x,webp`. */
export function optionsText({ width, height, ...others } = {}) {
  const size = width === undefined && height === undefined
    ? []
    : [`${width ?? ""}x${height ?? ""}`];
  const tokens = Object.entries(others).flatMap(([name, value]) => tokensOf(name, value));
  return [...size, ...tokens].join(",");
}

/** The URL of a picture; `base` is where the proxy is, `https://img.example.com`. */
export function url(base, source, options) {
  return join(base, optionsText(options), source);
}

/** A `srcset` of several widths in pixels; other options go with each. */
export function srcset(base, source, { widths, ...options }) {
  return widths.map((width) => `${url(base, source, { ...options, width })} ${width}w`).join(", ");
}

/** The URL of a picture with a signature that covers the options too. Not for browsers: they would show the key. */
export async function sign(base, source, { key, ...options }) {
  const text = optionsText(options);
  const signature = await signatureOf(`${source}#${text}`, key);
  return join(base, [text, `s${signature}`].filter((part) => part !== "").join(","), source);
}

/** A `srcset` whose URLs are signed. */
export async function signedSrcset(base, source, { widths, ...options }) {
  const urls = widths.map(async (width) =>
    `${await sign(base, source, { ...options, width })} ${width}w`
  );
  return (await Promise.all(urls)).join(", ");
}

function join(base, options, source) {
  return `${base.replace(/\/+$/, "")}/${options || "x"}/${encodeURIComponent(source)}`;
}

/** Bytes in base64url without padding. */
function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_")
    .replace(/=+$/, "");
}

/** HMAC-SHA256 in base64url without padding. */
async function signatureOf(message, key) {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const bytes = typeof key === "string" ? encoder.encode(key) : key;
  const hmac = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"]);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", hmac, encoder.encode(message)));
  return base64url(mac);
}

function tokensOf(name, value) {
  const option = OPTIONS[name];
  if (option === undefined) {
    throw new RangeError(
      `There is no option "${name}"; there are ${Object.keys(OPTIONS).join(", ")}`,
    );
  }
  if (value === undefined || value === false) return [];
  if (option.sides) {
    return Object.entries(value).map(([side, length]) => `${option.sides[side]}${length}`);
  }
  if (option.encoded && value !== true) {
    const [words, ...others] = [value].flat();
    return [[`${option.name}:${base64url(new TextEncoder().encode(words))}`, ...others].join(":")];
  }
  const text = value instanceof Date
    ? String(Math.floor(value.getTime() / 1000))
    : Array.isArray(value)
    ? value.join(":")
    : String(value);
  if (value === true) {
    if (option.words?.length !== 1) throw new RangeError(`The option "${name}" takes a value`);
    return [option.words[0]];
  }
  if (option.words?.includes(text) || option.also?.includes(text)) return [text];
  if (option.prefix && option.name && /^\d/.test(text)) return [option.prefix + text];
  if (option.name) return [`${option.name}:${text}`];
  if (option.prefix) return [option.prefix + text];
  throw new RangeError(`The option "${name}" takes ${option.words.join(" or ")}, not "${text}"`);
}
