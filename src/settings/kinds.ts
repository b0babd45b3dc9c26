// How the text of a flag, a variable or a file becomes a value: one kind per type of value. A kind's
// error completes the sentence "{flag} {error}, not {text}".

export interface Kind<T> {
  /** What stands for the value in `--help`: `<duration>`. */
  placeholder: string;
  /** Throws an Error whose message says what the value must be. */
  parse(text: string): T;
  /** Whether the flag may be given more than once, each adding to the list. */
  repeats?: boolean;
  /** Whether the value is a list, so that a list of texts may be given too. */
  isList?: boolean;
  /** Whether the value is an object, so that the config file may hold it as one. */
  isObject?: boolean;
  /** Whether the flag alone, without a value, means "true". */
  isBoolean?: boolean;
  /** All values, where they are few. */
  words?: readonly string[];
  /** How a default is shown; `String` unless told. */
  show?(value: T): string;
}

export const text: Kind<string> = { placeholder: "<text>", parse: (value) => value };

export const path: Kind<string> = { placeholder: "<file>", parse: (value) => value };

export const folder: Kind<string> = { placeholder: "<folder>", parse: (value) => value };

export const boolean: Kind<boolean> = {
  placeholder: "[true|false]",
  isBoolean: true,
  parse(value) {
    // The spellings that Go's strconv.ParseBool takes, since environment files hold them.
    if (/^(1|t|true)$/i.test(value)) return true;
    if (/^(0|f|false)$/i.test(value)) return false;
    throw new Error("must be true or false");
  },
};

/** One of a few words. */
export function choice<const T extends string>(words: readonly T[]): Kind<T> {
  return {
    placeholder: `<${words.join("|")}>`,
    words,
    parse(value) {
      const word = words.find((candidate) => candidate === value);
      if (word !== undefined) return word;
      throw new Error(`must be ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`);
    },
  };
}

/** The same kind, of which nothing at all is a value too: the empty text. */
export function optional<T>(kind: Kind<T>): Kind<T | undefined> {
  return {
    ...kind,
    parse: (value) => value === "" ? undefined : kind.parse(value),
    show: (value) => value === undefined ? "" : (kind.show ?? String)(value),
  };
}

export function integer(
  { min, max = Number.MAX_SAFE_INTEGER }: { min: number; max?: number },
): Kind<number> {
  return {
    placeholder: "<number>",
    parse(value) {
      const number = /^\d{1,15}$/.test(value) ? Number(value) : NaN;
      if (number >= min && number <= max) return number;
      const range = max === Number.MAX_SAFE_INTEGER
        ? `of at least ${min}`
        : `from ${min} to ${max}`;
      throw new Error(`must be a whole number ${range}`);
    },
  };
}

const DURATION_UNITS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "µs": 1e-3,
  "μs": 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds, written as Go writes durations: `1h30m`, `250ms`, `0`. */
export const duration: Kind<number> = {
  placeholder: "<duration>",
  parse(value) {
    if (value === "0") return 0;
    const parts = [...value.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)];
    if (parts.length === 0 || parts.map(([part]) => part).join("") !== value) {
      throw new Error("must be a duration such as 30s, 250ms or 1h30m");
    }
    return parts.reduce(
      (sum, [, number, unit]) => sum + Number(number) * DURATION_UNITS[unit!]!,
      0,
    );
  },
  show(value) {
    if (value === 0) return "0";
    for (const [unit, size] of [["h", 3_600_000], ["m", 60_000], ["s", 1000]] as const) {
      if (value % size === 0) return `${value / size}${unit}`;
    }
    return `${value}ms`;
  },
};

const BYTE_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KIB: 1024,
  MIB: 1024 ** 2,
  GIB: 1024 ** 3,
};

/** Bytes, written as `20MB`, `1.5GiB` or plain digits. */
export const bytes: Kind<number> = {
  placeholder: "<bytes>",
  parse(value) {
    const [, number, unit] = /^(\d+(?:\.\d+)?)\s*([KMG]i?B)?B?$/i.exec(value) ?? [];
    const size = BYTE_UNITS[(unit ?? "").toUpperCase()];
    if (number === undefined || size === undefined) {
      throw new Error("must be a size such as 500KB, 20MB or 1GiB");
    }
    return Math.round(Number(number) * size);
  },
  show(value) {
    for (const [unit, size] of [["GB", 1e9], ["MB", 1e6], ["KB", 1e3]] as const) {
      if (value >= size && value % size === 0) return `${value / size}${unit}`;
    }
    return String(value);
  },
};

/** Items separated by commas; spaces around them do not count. */
export const list: Kind<readonly string[]> = {
  placeholder: "<list>",
  isList: true,
  parse: (value) => value.split(",").map((item) => item.trim()).filter((item) => item !== ""),
  show: (value) => value.join(","),
};

/** Items separated by spaces, or flags given more than once. */
export const words: Kind<readonly string[]> = {
  placeholder: "<value>",
  repeats: true,
  isList: true,
  parse: (value) => value.split(/\s+/).filter((item) => item !== ""),
  show: (value) => value.join(" "),
};

/** Caches, fastest first, separated by spaces or given by repeated flags; `none` stands for no cache. */
export const caches: Kind<readonly string[]> = {
  ...words,
  placeholder: "<cache>",
  parse: (value) => words.parse(value).filter((item) => item !== "none"),
};

export interface ListenAddress {
  hostname: string;
  port: number;
}

export interface SocketPath {
  path: string;
}

/** A status of HTTP that a body may follow. */
export const status: Kind<number> = {
  placeholder: "<status>",
  parse(value) {
    // The others end with their headers (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5).
    if (/^[2-5]\d\d$/.test(value) && !["204", "205", "304"].includes(value)) return Number(value);
    throw new Error("must be a status with a body, such as 200 or 404");
  },
};

/** Permissions of a file as chmod takes them: `660`. */
export const mode: Kind<number> = {
  placeholder: "<octal>",
  parse(value) {
    if (/^0?[0-7]{3}$/.test(value)) return parseInt(value, 8);
    throw new Error("must be three octal digits such as 660");
  },
  show: (value) => value.toString(8).padStart(3, "0"),
};

/** `host:port`, `:port` for all interfaces by IPv4 and IPv6, `[v6]:port`, or `unix:/path`. */
export const address: Kind<ListenAddress | SocketPath> = {
  placeholder: "<host:port>",
  parse(value) {
    if (/^unix:./.test(value)) return { path: value.slice("unix:".length) };
    const match = /^(?:\[([\da-f:.]+)\]|([^:[\]/]*)):(\d{1,5})$/i.exec(value);
    const port = Number(match?.[3]);
    if (!match || port > 65_535) throw new Error("must be host:port, :port or unix:/path");
    return { hostname: match[1] ?? (match[2] || "::"), port };
  },
  show(value) {
    if ("path" in value) return `unix:${value.path}`;
    return `${value.hostname.includes(":") ? `[${value.hostname}]` : value.hostname}:${value.port}`;
  },
};
