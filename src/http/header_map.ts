// Stored headers are a plain object with lower-case names, so that they survive JSON and so that
// every rule looks a field up in one way.

/** Header fields by lower-case name; several lines of one field are joined by ", " (RFC 9110 section 5.3). */
export type HeaderMap = Readonly<Record<string, string>>;

/** Lower-cases names and joins repeated fields of what an HTTP client hands over. */
export function headerMap(raw: Record<string, string | readonly string[] | undefined>): HeaderMap {
  const joined = new Map<string, string>();
  for (const [name, value] of Object.entries(raw)) {
    if (value === undefined) continue;
    const key = name.toLowerCase();
    const text = typeof value === "string" ? value : value.join(", ");
    const before = joined.get(key);
    joined.set(key, before === undefined ? text : `${before}, ${text}`);
  }
  return Object.fromEntries(joined);
}

/** The value of a field named by someone else: `constructor` and the like are absent, not inherited. */
export function field(headers: HeaderMap, name: string): string | undefined {
  return Object.hasOwn(headers, name) ? headers[name] : undefined;
}

/** The fields of these names, in their order there. */
export function pick(headers: HeaderMap, names: readonly string[]): HeaderMap {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)));
}
