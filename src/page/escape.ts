// Text in the page's HTML.

/** Fit for contents and for attributes in double quotes. */
export function escape(text: string): string {
  return text.replaceAll(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
