// Numbers in option tokens: a strict decimal grammar in, and out the notation that Go's %v prints,
// because signatures made by the Go program cover the options in that notation.

/**
 * Reads a plain decimal number such as `100`, `0.15` or `-20`, with any number of decimals; undefined for
 * anything else.
 */
export function parseDecimal(text: string): number | undefined {
  if (!/^-?(?:\d{1,15}(?:\.\d*)?|\.\d+)$/.test(text)) return undefined;
  return Number(text) + 0;
}

/** Reads digits alone; undefined for anything else. */
export function parseInteger(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** A number as Go's `%v` prints a float64: the shortest digits, with an exponent below -4 and above 5. */
export function formatNumber(value: number): string {
  if (value === 0) return "0";
  const [mantissa = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent <= 5) return String(value);
  const sign = exponent < 0 ? "-" : "+";
  return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
