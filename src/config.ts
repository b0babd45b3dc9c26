// Every setting, one entry each. The flag, the IMAGEPROXY_ variable, the --help text, docs/settings.md
// and the `Config` type derive from this table.
import {
  address,
  boolean,
  bytes,
  caches,
  duration,
  integer,
  type Kind,
  list,
  text,
  url,
  words,
} from "./setting_kinds.ts";

export interface Setting<T> {
  kind: Kind<T>;
  default: T;
  /** The default as text where it is not a fixed value. */
  defaultText?: string;
  /** One sentence for `--help` and the documentation. */
  description: string;
  /** The heading under which it is listed. */
  section: Section;
  /** Never shown: what it holds gives access. */
  secret?: boolean;
}

export const SECTIONS = ["Server", "Access", "Origins", "Cache", "Images", "Limits"] as const;
export type Section = (typeof SECTIONS)[number];

export const SETTINGS = {
  addr: setting(address, {
    default: { hostname: "localhost", port: 8080 },
    section: "Server",
    description: "Where to listen: host:port, :port for all interfaces, or unix:/path.",
  }),
  verbose: setting(boolean, {
    default: false,
    section: "Server",
    description: "Log every request, and the private reason of every failure.",
  }),
  page: setting(boolean, {
    default: true,
    section: "Server",
    description: "Show browsers a page at / on which options can be tried; OK for all others.",
  }),
  allowHosts: setting(list, {
    default: [],
    section: "Access",
    description:
      "Hosts whose images need no signature: names, *.example.com, or address blocks; with neither hosts " +
      "nor keys, all pass.",
  }),
  denyHosts: setting(list, {
    default: [],
    section: "Access",
    description: "Hosts whose images are never served, written like those of allowHosts.",
  }),
  signatureKey: setting(words, {
    default: [],
    section: "Access",
    secret: true,
    description:
      "HMAC key of signed URLs, or @file that holds it (a final newline is not part of the key); several may " +
      "be valid at once.",
  }),
  signedOptionsOnly: setting(boolean, {
    default: false,
    section: "Access",
    description: "Refuse signatures that do not cover the options.",
  }),
  contentTypes: setting(list, {
    default: ["image/*"],
    section: "Access",
    description:
      "Content types that may be served, told by the bytes; * stands for anything but a slash.",
  }),
  ignoreUnknownOptions: setting(boolean, {
    default: false,
    section: "Access",
    description:
      "Ignore options that do not exist, as the Go program does, instead of answering 400.",
  }),
  baseURL: setting(url, {
    default: "",
    section: "Origins",
    description: "URL against which relative remote URLs resolve.",
  }),
  userAgent: setting(text, {
    default: "imageproxy",
    section: "Origins",
    description: "User-Agent sent to origins.",
  }),
  followRedirects: setting(boolean, {
    default: true,
    section: "Origins",
    description: "Follow redirects of origins, at most 10.",
  }),
  allowPrivateNetworks: setting(boolean, {
    default: false,
    section: "Origins",
    description:
      "Fetch from addresses that are not public; hosts named exactly in allowHosts are fetched anyway.",
  }),
  passResponseHeaders: setting(list, {
    default: ["Cache-Control", "Last-Modified", "Expires", "Etag", "Link"],
    section: "Origins",
    description: "Headers of the origin that are passed on to clients.",
  }),
  passRequestHeaders: setting(list, {
    default: [],
    section: "Origins",
    description: "Headers of the client that are passed on to the origin.",
  }),
  cache: setting(caches, {
    default: ["memory"],
    section: "Cache",
    description:
      "Where to cache: memory[:MB[:age]], a directory, or a URL such as s3://region/bucket; none for nowhere. " +
      "Given more than once, the fastest first; originals=… or results=… keeps only those there.",
  }),
  minCacheDuration: setting(duration, {
    default: 0,
    section: "Cache",
    description: "Shortest time to keep images fresh; raises the lifetimes that origins give.",
  }),
  forceCache: setting(boolean, {
    default: false,
    section: "Cache",
    description: "Cache even what origins mark as private or no-store.",
  }),
  defaultCacheDuration: setting(duration, {
    default: 3_600_000,
    section: "Cache",
    description: "How long images stay fresh whose origins say nothing about it.",
  }),
  heuristicCacheDuration: setting(duration, {
    default: 24 * 3_600_000,
    section: "Cache",
    description:
      "The most that a tenth of the time since Last-Modified may come to, where it is all that origins say.",
  }),
  notFoundCacheDuration: setting(duration, {
    default: 60_000,
    section: "Cache",
    description: "How long a 404, 410 or other refusal of an origin is remembered, at most.",
  }),
  errorCacheDuration: setting(duration, {
    default: 10_000,
    section: "Cache",
    description:
      "How long a 5xx of an origin, or a failure to fetch or transform, is remembered, at most.",
  }),
  staleWhileRevalidate: setting(duration, {
    default: 0,
    section: "Cache",
    description:
      "How long a stale image is served while it is refreshed, where origins do not say it.",
  }),
  staleIfError: setting(duration, {
    default: 0,
    section: "Cache",
    description: "How long a stale image is served while its origin fails, where it does not say.",
  }),
  clientNoCache: setting(boolean, {
    default: false,
    section: "Cache",
    description: "Let clients have cached images checked by sending no-cache or max-age.",
  }),
  cacheTimeout: setting(duration, {
    default: 2000,
    section: "Cache",
    description:
      "How long a read from a cache may take before the image is fetched instead; writes have five times that.",
  }),
  cacheQueue: setting(bytes, {
    default: 50e6,
    section: "Cache",
    description: "Bytes that may wait to be written to each cache; what exceeds them is not kept.",
  }),
  purgeToken: setting(text, {
    default: "",
    section: "Cache",
    secret: true,
    description: "Bearer token that lets PURGE and DELETE of an image remove it from the cache.",
  }),
  scaleUp: setting(boolean, {
    default: false,
    section: "Images",
    description: "Allow images to become larger than the original.",
  }),
  workers: setting(integer({ min: 1, max: 256 }), {
    default: navigator.hardwareConcurrency,
    defaultText: "the number of cores",
    section: "Limits",
    description: "Transforms at once, each in a worker of its own.",
  }),
  maxWaiting: setting(integer({ min: 0 }), {
    default: 500,
    section: "Limits",
    description: "Transforms that may wait for a worker; one more is answered 503.",
  }),
  timeout: setting(duration, {
    default: 0,
    section: "Limits",
    description: "Time limit of a whole request; 0 for none beyond those of its parts.",
  }),
  fetchTimeout: setting(duration, {
    default: 30_000,
    section: "Limits",
    description: "Time limit for fetching an original, redirects included.",
  }),
  transformTimeout: setting(duration, {
    default: 30_000,
    section: "Limits",
    description: "Time limit of one transform; its worker is replaced when it runs out.",
  }),
  maxSourceBytes: setting(bytes, {
    default: 50e6,
    section: "Limits",
    description: "Largest original, in bytes as sent and as decompressed.",
  }),
  maxPixels: setting(integer({ min: 1 }), {
    default: 50_000_000,
    section: "Limits",
    description: "Most pixels of one frame of an original.",
  }),
  maxFrames: setting(integer({ min: 1 }), {
    default: 1000,
    section: "Limits",
    description: "Most frames of an animation.",
  }),
  maxTotalPixels: setting(integer({ min: 1 }), {
    default: 100_000_000,
    section: "Limits",
    description: "Most pixels of all frames of an original together.",
  }),
  maxOutputPixels: setting(integer({ min: 1 }), {
    default: 50_000_000,
    section: "Limits",
    description: "Most pixels of a result.",
  }),
  maxWorkerMemory: setting(bytes, {
    default: 500e6,
    section: "Limits",
    description: "Memory of a worker's engine above which the worker is replaced after its job.",
  }),
  // deno-lint-ignore no-explicit-any -- the one place where the values of all settings meet
} satisfies Record<string, Setting<any>>;

export type SettingName = keyof typeof SETTINGS;
export type Config = { [Name in SettingName]: (typeof SETTINGS)[Name]["default"] };

/** Where a value comes from, strongest first. */
export type Source = "flag" | "variable" | "default";

export interface ResolvedConfig {
  config: Config;
  sources: Record<SettingName, Source>;
  /** One sentence per value that cannot be used, each naming its flag or variable. */
  problems: string[];
}

/** The name of a setting's environment variable: the Go program's own rule. */
export function variableOf(name: string): string {
  return `IMAGEPROXY_${name.toUpperCase()}`;
}

/** Values from flags, else variables, else defaults; all problems are collected, none is fatal here. */
export function resolveConfig(
  flags: Readonly<Record<string, string | readonly string[] | undefined>>,
  variables: (name: string) => string | undefined,
): ResolvedConfig {
  const config: Record<string, unknown> = {};
  const sources: Record<string, Source> = {};
  const problems: string[] = [];
  for (const [name, entry] of Object.entries(SETTINGS) as [SettingName, Setting<unknown>][]) {
    const flag = flags[name];
    const variable = variables(variableOf(name));
    const source: Source = flag !== undefined ? "flag" : variable ? "variable" : "default";
    const given = flag ?? variable;
    config[name] = entry.default;
    sources[name] = source;
    if (source === "default" || given === undefined) continue;
    try {
      config[name] = typeof given === "string"
        ? entry.kind.parse(given)
        : given.flatMap((item) => entry.kind.parse(item));
    } catch (error) {
      const label = source === "flag" ? `-${name}` : variableOf(name);
      const shown = entry.secret ? "the value given" : JSON.stringify(given);
      problems.push(`${label} ${(error as Error).message}, not ${shown}`);
    }
  }
  return { config: config as Config, sources, problems };
}

function setting<T>(kind: Kind<T>, entry: Omit<Setting<T>, "kind">): Setting<T> {
  return { kind, ...entry };
}
