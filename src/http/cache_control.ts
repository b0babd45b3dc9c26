// Cache-Control as origins really write it: any case, quoted numbers, repeated and contradictory
// directives, semicolons. Where a value cannot be trusted, the reading errs towards not caching.

/** What a Cache-Control field says (RFC 9111 section 5.2). Durations are in seconds. */
export interface CacheControl {
  /** Every well-formed directive in order: lower-case name and the text it was written with. */
  readonly directives: readonly { readonly name: string; readonly text: string }[];
  readonly maxAge: number | undefined;
  readonly sMaxAge: number | undefined;
  readonly minFresh: number | undefined;
  readonly staleWhileRevalidate: number | undefined;
  readonly staleIfError: number | undefined;
  readonly noStore: boolean;
  /** True for the unqualified form, or a form qualified by fields that a cache cannot do without. */
  readonly noCache: boolean;
  readonly private: boolean;
  /** Fields named by qualified `no-cache` and `private`, lower-case: they must not be stored. */
  readonly withheldFields: readonly string[];
  readonly public: boolean;
  readonly mustRevalidate: boolean;
  readonly proxyRevalidate: boolean;
  readonly mustUnderstand: boolean;
  readonly immutable: boolean;
}

/** RFC 9111 section 1.2.2: what any greater number of seconds is read as. */
const MAX_DELTA = 2 ** 31;

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

// Without these a stored response cannot be judged, so withholding them withholds the response.
const GOVERNING_FIELDS = new Set([
  "age",
  "cache-control",
  "content-encoding",
  "date",
  "etag",
  "expires",
  "last-modified",
  "vary",
]);

/** Parses a Cache-Control field value, never throws; unknown and malformed directives are ignored. */
export function parseCacheControl(value: string | undefined): CacheControl {
  const directives: { name: string; text: string; argument: string | undefined }[] = [];
  for (const text of splitOutsideQuotes(value ?? "")) {
    const equals = text.indexOf("=");
    const name = (equals < 0 ? text : text.slice(0, equals)).trim().toLowerCase();
    if (!TOKEN.test(name)) continue;
    directives.push({
      name,
      text,
      argument: equals < 0 ? undefined : unquote(text.slice(equals + 1).trim()),
    });
  }

  const has = (name: string) => directives.some((directive) => directive.name === name);
  // RFC 9111 section 4.2.1: of repeated directives the first counts.
  const seconds = (name: string, malformed: number | undefined) => {
    const directive = directives.find((candidate) => candidate.name === name);
    return directive && (parseDelta(directive.argument) ?? malformed);
  };
  // Of a qualified and an unqualified form the stricter counts.
  const qualified = (name: string) => {
    const forms = directives.filter((directive) => directive.name === name);
    const lists = forms.map((form) => fieldNames(form.argument));
    const whole = lists.some((list) =>
      list === undefined || list.some((item) => GOVERNING_FIELDS.has(item))
    );
    return { whole, fields: lists.flatMap((list) => list ?? []) };
  };
  const noCache = qualified("no-cache");
  const restricted = qualified("private");

  return {
    directives,
    // Section 4.2.1: a lifetime that is no number of seconds had better be stale.
    maxAge: seconds("max-age", 0),
    sMaxAge: seconds("s-maxage", 0),
    minFresh: seconds("min-fresh", undefined),
    staleWhileRevalidate: seconds("stale-while-revalidate", 0),
    staleIfError: seconds("stale-if-error", 0),
    noStore: has("no-store"),
    noCache: noCache.whole,
    private: restricted.whole,
    withheldFields: [...noCache.fields, ...restricted.fields],
    public: has("public"),
    mustRevalidate: has("must-revalidate"),
    proxyRevalidate: has("proxy-revalidate"),
    mustUnderstand: has("must-understand"),
    immutable: has("immutable"),
  };
}

/** Parses delta-seconds (RFC 9111 section 1.2.2), capped at 2^31; `undefined` if it is none. */
export function parseDelta(value: string | undefined): number | undefined {
  if (value === undefined || !/^\d+$/.test(value)) return undefined;
  return Math.min(Number(value), MAX_DELTA);
}

// Semicolons separate too: they are never right, but `private; max-age=0` must not be read as nothing.
function splitOutsideQuotes(value: string): string[] {
  const pieces: string[] = [];
  let start = 0;
  let quoted = false;
  for (let i = 0; i <= value.length; i++) {
    const char = value[i];
    if (quoted && char === "\\") i++;
    else if (char === '"') quoted = !quoted;
    else if (i >= value.length || (!quoted && (char === "," || char === ";"))) {
      const piece = value.slice(start, i).trim();
      if (piece !== "") pieces.push(piece);
      start = i + 1;
    }
  }
  // A backslash at the very end of an open quote steps over the end.
  const rest = value.slice(start).trim();
  if (rest !== "") pieces.push(rest);
  return pieces;
}

function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text.slice(1, -1).replace(/\\(.)/g, "$1");
}

// No argument, or one that is not a list of names, is the unqualified form.
function fieldNames(argument: string | undefined): string[] | undefined {
  const names = argument?.split(",").map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
  if (names === undefined || names.length === 0) return undefined;
  return names.every((name) => TOKEN.test(name)) ? names : undefined;
}
