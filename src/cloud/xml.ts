// The answers of object stores are flat XML, of which a few elements matter.

/** The text of the first element of that name, with its entities decoded. */
export function xmlText(xml: string, name: string): string | undefined {
  return xmlAll(xml, name)[0];
}

/** The texts of all elements of that name. Enough for the flat listings of object stores. */
export function xmlAll(xml: string, name: string): string[] {
  const elements = xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([^]*?)</${name}>`, "g"));
  return Array.from(elements, ([, text]) => decodeEntities(text!));
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal));
  });
}
