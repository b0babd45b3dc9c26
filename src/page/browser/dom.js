// Elements, and words for people.

export const find = (selector) => document.querySelector(selector);
export const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

/** A new element with its properties and its children. */
export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Calls once, when nobody has called for so many milliseconds. */
export function later(action, milliseconds) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, milliseconds);
  };
}

export function sizeText(bytes) {
  return bytes < 1000
    ? `${bytes} B`
    : `${(bytes / 1000).toLocaleString("en", { maximumFractionDigits: 1 })} kB`;
}

/** Tells those who see and those who listen. */
export function say(text) {
  find("#message").textContent = text;
}

export async function copyText(text) {
  try {
    // Only over https and on localhost does the clipboard have an interface of its own.
    await navigator.clipboard.writeText(text);
  } catch {
    const field = element("textarea", { value: text });
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  say("Copied");
}
