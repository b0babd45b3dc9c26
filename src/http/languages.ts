// Accept-Language as people's browsers write it, so that two who want the same are told apart by nothing else.

interface Wanted {
  readonly tag: string;
  /** 0 to 1 */
  readonly weight: number;
}

/**
 * The same preferences in one spelling, the most wanted first: RFC 9110 section 12.5.4 gives a meaning to the
 * weights, and none that can be relied on to the order. What is no such list stays as it is.
 */
export function canonicalLanguages(value: string): string {
  const wanted = parseLanguages(value);
  if (wanted === undefined) return value;
  return wanted.toSorted((a, b) => b.weight - a.weight || (a.tag < b.tag ? -1 : 1))
    .map(({ tag, weight }) => weight === 1 ? tag : `${tag};q=${weight}`)
    .join(", ");
}

/** The one language that is wanted more than all others, in lower case; undefined where there is none. */
export function favouriteLanguage(value: string): string | undefined {
  const wanted = parseLanguages(value) ?? [];
  const most = Math.max(0, ...wanted.map(({ weight }) => weight));
  const [favourite, second] = wanted.filter(({ weight }) => weight === most && weight > 0);
  return second === undefined ? favourite?.tag : undefined;
}

function parseLanguages(value: string): Wanted[] | undefined {
  const wanted: Wanted[] = [];
  for (const item of value.toLowerCase().split(",")) {
    if (item.trim() === "") continue;
    const [, tag, weight = "1"] =
      /^\s*([a-z\d-]+|\*)\s*(?:;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?$/.exec(item) ?? [];
    if (tag === undefined) return undefined;
    wanted.push({ tag, weight: Number(weight) });
  }
  return wanted.length > 0 ? wanted : undefined;
}
