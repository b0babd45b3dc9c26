// The words of a location: sizes, durations and the query that tunes it. Pure.

/** The error for a location that cannot be right, with the reason as the end of its sentence. */
export type Fail = (reason: string) => Error;

/** The query of a location: every name is read once, and a name nobody read is refused. */
export interface LocationQuery {
  text(name: string): string | undefined;
  flag(name: string): boolean;
  /** Milliseconds. */
  duration(name: string): number | undefined;
  /** Throws when the query holds a name that was not asked for. */
  end(): void;
}

const UNIT_MS = { ns: 1e-6, us: 1e-3, "µs": 1e-3, "μs": 1e-3, ms: 1, s: 1e3, m: 6e4, h: 36e5 };
const DURATION = /^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const DURATION_PART = /([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g;
const SIZE = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])(i?)b?|b)?$/i;

/** Milliseconds of a duration as Go writes it, such as `1h30m` or `0`; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (!DURATION.test(text)) return undefined;
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(DURATION_PART)) {
    ms += Number(amount) * UNIT_MS[unit as keyof typeof UNIT_MS];
  }
  return ms;
}

/** Bytes of a size such as `500MB`, `10GB`, `1.5GiB` or a plain number; undefined if it is none. */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text);
  if (!match) return undefined;
  const [, amount, unit, binary] = match;
  const power = unit ? "kmgt".indexOf(unit.toLowerCase()) + 1 : 0;
  return Math.floor(Number(amount) * (binary ? 1024 : 1000) ** power);
}

/** Reads a query; whatever is wrong with it is thrown as `fail` gives it. */
export function readQuery(query: URLSearchParams, fail: Fail): LocationQuery {
  const asked = new Set<string>();

  function text(name: string): string | undefined {
    asked.add(name);
    return query.get(name) ?? undefined;
  }

  return {
    text,
    flag(name) {
      const value = text(name);
      if (value === undefined || value === "0" || value === "false") return false;
      if (value === "1" || value === "true") return true;
      throw fail(`${name} takes 1 or 0, not "${value}"`);
    },
    duration(name) {
      const value = text(name);
      if (value === undefined) return undefined;
      const ms = parseDuration(value);
      if (ms) return ms;
      throw fail(`${name} takes a duration such as 5s, not "${value}"`);
    },
    end() {
      for (const name of query.keys()) {
        if (asked.has(name)) continue;
        throw fail(`it does not know "${name}", only ${[...asked].join(", ")}`);
      }
    },
  };
}
