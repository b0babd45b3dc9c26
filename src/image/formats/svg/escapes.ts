// What characters of XML's markup, and any others, are written as within texts (XML 1.0 section 4.1).

const NAMED: Readonly<Record<string, string>> = {
  lt: "<",
  gt: ">",
  amp: "&",
  quot: '"',
  apos: "'",
};

/** The text that is meant; what stands for no character stays as it is. */
export function unescaped(value: string): string {
  return value.replaceAll(/&(#x?)?([^;&]{1,100});/g, (whole, number?: string, name = "") => {
    if (number === undefined) return Object.hasOwn(NAMED, name) ? NAMED[name]! : whole;
    const code = parseInt(name, number === "#" ? 10 : 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
