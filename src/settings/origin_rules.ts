// Rules for some origins alone, by patterns of hosts and names of sources: one origin's Authorization, or the
// Cache-Control that another forgets, needs no second server. Each rule holds settings under their own names.
import { type HostPatterns, matchesHost, parseHostPatterns } from "../http/host.ts";
import { isSendable } from "../http/origin_headers.ts";
import { bytes, duration, integer, type Kind, text } from "./kinds.ts";
import { nearest } from "../options/nearest.ts";

/** What a rule may say; each is the setting of that name, for the origins of the rule. */
const RULE_KINDS = {
  headers: headersKind(),
  userAgent: text,
  fallbackImage: text,
  defaultCacheDuration: duration,
  minCacheDuration: duration,
  connectTimeout: duration,
  firstByteTimeout: duration,
  idleTimeout: duration,
  fetchTimeout: duration,
  maxSourceBytes: bytes,
  maxRequestsPerHost: integer({ min: 1 }),
} satisfies Record<string, Kind<unknown>>;

type RuleName = keyof typeof RULE_KINDS;

/** Times in ms, sizes in bytes; header names in lower case. */
export type OriginSettings = {
  readonly [Name in RuleName]?: ReturnType<(typeof RULE_KINDS)[Name]["parse"]>;
};

/** By lists of patterns as allowHosts takes them, separated by commas; the first that matches counts. */
export type OriginRules = Readonly<Record<string, OriginSettings>>;

/** The rules as one JSON object; in the config file they stand as they are. */
export const originRules: Kind<OriginRules> = {
  placeholder: "<json>",
  isObject: true,
  parse(value) {
    const rules = asObject(value === "" ? "{}" : value, "one object of rules by host");
    return Object.fromEntries(
      Object.entries(rules).map(([pattern, rule]) => [pattern, parseRule(pattern, rule)]),
    );
  },
  show(rules) {
    const shown = Object.entries(rules).map(([pattern, rule]) => [pattern, showRule(rule)]);
    return shown.length > 0 ? JSON.stringify(Object.fromEntries(shown)) : "";
  },
};

/** Finds the rule of a host, or of a source by its name with the colon. */
export function createRuleFinder(
  rules: OriginRules,
): (place: string) => OriginSettings | undefined {
  const parsed = Object.entries(rules).map(([pattern, rule]) => ({
    patterns: parsePatterns(pattern),
    rule,
  }));
  return (place) => parsed.find(({ patterns }) => matchesHost(patterns, place))?.rule;
}

function parsePatterns(list: string): HostPatterns {
  return parseHostPatterns(list.split(",").map((item) => item.trim()));
}

function parseRule(pattern: string, given: unknown): OriginSettings {
  const where = `for ${JSON.stringify(pattern)}`;
  try {
    parsePatterns(pattern);
  } catch (error) {
    throw new Error(`must have lists of hosts as its keys: ${(error as Error).message}`);
  }
  const rule = asObject(given, `one object ${where}`);
  return Object.fromEntries(
    Object.entries(rule).map(([name, value]) => {
      const kinds: Readonly<Record<string, Kind<unknown>>> = RULE_KINDS;
      const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
      if (!kind) {
        const known = Object.keys(RULE_KINDS);
        throw new Error(
          `must say ${where} nothing but ${known.join(", ")}: ` +
            `${JSON.stringify(name)} is none of them${nearest(name, known)}`,
        );
      }
      try {
        return [name, kind.parse(typeof value === "string" ? value : JSON.stringify(value))];
      } catch (error) {
        throw new Error(`has a ${name} ${where} that ${(error as Error).message}`);
      }
    }),
  );
}

function showRule(rule: OriginSettings): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(rule).map(([name, value]) => {
      const { show } = RULE_KINDS[name as RuleName] as Kind<unknown>;
      if (name === "headers") return [name, masked(value as Record<string, string>)];
      return [name, show ? show(value) : value];
    }),
  );
}

/** What headers hold gives access, and is shown to nobody. */
function masked(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.keys(headers).map((name) => [name, "********"]));
}

/** Headers of a request by name. */
function headersKind(): Kind<Readonly<Record<string, string>>> {
  return {
    placeholder: "<json>",
    parse(value) {
      const headers = asObject(value, "headers by name");
      return Object.fromEntries(
        Object.entries(headers).map(([name, value]) => {
          if (!isSendable(name)) throw new Error(`must not hold ${name}`);
          const text = typeof value === "string" ? asHeader(name, value) : undefined;
          if (text === undefined) {
            throw new Error(`must have a text that a header can hold for ${name}`);
          }
          return [name.toLowerCase(), text];
        }),
      );
    },
  };
}

/** The value as it is sent; undefined where it cannot be. */
function asHeader(name: string, value: string): string | undefined {
  try {
    return new Headers([[name, value]]).get(name) ?? undefined;
  } catch {
    return undefined;
  }
}

/** The object that a JSON text holds, or is; throws an Error that says what it must be. */
function asObject(given: unknown, what: string): Record<string, unknown> {
  let value = given;
  if (typeof given === "string") {
    try {
      value = JSON.parse(given);
    } catch {
      // Told below, like every other text that is no object.
    }
  }
  if (value !== null && typeof value === "object" && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw new Error(`must be ${what}: { … }`);
}
