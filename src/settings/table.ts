// Every setting, one entry each. The flag, the IMAGEPROXY_ variable, the key in the config file, the
// --help text, docs/settings.md and the `Config` type derive from this table.
import type { Effort } from "../image/formats/coding/encoding.ts";
import { DEFAULT_ENCODING } from "../image/formats/encoding.ts";
import {
  encodingOf,
  formatOf,
  LOSSY_FORMATS,
  type LossyFormat,
  type OutputFormat,
  SLOW_FORMATS,
  type SlowFormat,
} from "../image/formats/table.ts";
import { fallbackImages } from "./fallback_images.ts";
import { originRules } from "./origin_rules.ts";
import { overlays } from "./overlays.ts";
import { DEFAULT_PORTS } from "../http/origin/origin_policy.ts";
import {
  address,
  boolean,
  bytes,
  caches,
  choice,
  duration,
  folder,
  integer,
  type Kind,
  list,
  type ListenAddress,
  mode,
  optional,
  path,
  type SocketPath,
  status,
  text,
  words,
} from "./kinds.ts";
import { baseUrl, httpProxy, pathPrefix, sources } from "./place_kinds.ts";
import { type SentryDsn, sentryDsn } from "./sentry_dsn.ts";

export interface Setting<T> {
  kind: Kind<T>;
  default: T;
  /** The default as text where it is not a fixed value. */
  defaultText?: string;
  /** One sentence for `--help` and the documentation. */
  description: string;
  /** The heading under which it is listed. */
  section: Section;
  /** Never shown, or by its kind without the parts that are: what it holds gives access. */
  secret?: boolean | "in part";
  /** Taken at the start only: a reload does not change it. */
  fixed?: boolean;
}

export const SECTIONS = [
  "Server",
  "Access",
  "Sources",
  "Origins",
  "Cache",
  "Images",
  "Engine",
  "Limits",
  "Operation",
] as const;
export type Section = (typeof SECTIONS)[number];

const QUALITY = integer({ min: 1, max: 100 });

export const SETTINGS = {
  addr: setting(address, {
    default: { hostname: "localhost", port: 8080 },
    section: "Server",
    fixed: true,
    description:
      "Where to listen: host:port, :port for all interfaces (IPv4 and IPv6), or unix:/path.",
  }),
  socketMode: setting(mode, {
    default: 0o660,
    section: "Server",
    fixed: true,
    description: "Permissions of a unix socket, in octal.",
  }),
  config: setting(path, {
    default: "",
    section: "Server",
    fixed: true,
    description: "File of settings, in JSON with comments; flags and variables outrank it.",
  }),
  verbose: setting(boolean, {
    default: false,
    section: "Server",
    description: "Log every request, and the private reason of every failure.",
  }),
  pathPrefix: setting(pathPrefix, {
    default: "",
    section: "Server",
    description:
      "Path below which everything is answered, such as /img for /img/200x/https://…; not at adminAddr.",
  }),
  bearerToken: setting(text, {
    default: "",
    section: "Server",
    secret: true,
    description:
      "Token that every request must bear, Authorization: Bearer …, for CDNs that reach the server directly; " +
      "not at adminAddr.",
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
      "Hosts whose images need no signature: names, *.example.com, address blocks, or sources such as photos:; " +
      "with neither hosts nor keys, all pass.",
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
  referrers: setting(list, {
    default: [],
    section: "Access",
    description:
      "Hosts whose pages may show images, written like those of allowHosts; a request without a Referer is refused.",
  }),
  sizes: setting(list, {
    default: [],
    section: "Access",
    description:
      "Sizes that may be asked for without a signature, such as 200x or 100x100; all else that can be counted " +
      "up, such as a crop rectangle, then needs one.",
  }),
  dialect: setting(words, {
    default: [],
    section: "Access",
    description:
      "Other servers whose URLs are answered too, such as imgproxy below /imgproxy/, or imgproxy=/path/ where that says; " +
      "docs/dialects.md has them all.",
  }),
  dialectKey: setting(words, {
    default: [],
    section: "Access",
    secret: true,
    description:
      "Keys of such URLs' own signatures, such as imgproxy=KEY:SALT or imgproxy=@file; several may be valid at once. " +
      "With one of a server none of its URLs goes unsigned.",
  }),
  presets: setting(words, {
    default: [],
    section: "Access",
    description:
      "Named lists of options, such as avatar=100x100,sc for preset:avatar, or @file with one on each line.",
  }),
  presetsOnly: setting(boolean, {
    default: false,
    section: "Access",
    description: "Without a signature, answer only requests for a preset and nothing besides.",
  }),
  rateLimit: setting(integer({ min: 0 }), {
    default: 0,
    section: "Access",
    description:
      "Images in a minute that one client (an IPv4 address, an IPv6 /64) may have fetched or made; what is " +
      "cached is not counted, more is answered 429. 0 for no limit.",
  }),
  trustedProxies: setting(list, {
    default: [],
    section: "Access",
    description:
      "Addresses and blocks of reverse proxies whose X-Forwarded-For tells the client's address; unix for a Unix socket.",
  }),
  svg: setting(choice(["pass", "draw", "refuse"]), {
    default: "pass",
    section: "Access",
    description:
      "SVG passes disarmed unless the URL names a format, is drawn for any options, or is refused.",
  }),
  contentTypes: setting(list, {
    default: ["image/*"],
    section: "Access",
    fixed: true,
    description:
      "Content types that may be served, told by the bytes; * stands for anything but a slash, ? for one character, " +
      "[a-z] for one of them. Origins are sent them as Accept.",
  }),
  ignoreUnknownOptions: setting(boolean, {
    default: false,
    section: "Access",
    description:
      "Ignore options that do not exist or cannot be read, as the Go program does, instead of answering 400.",
  }),
  source: setting(sources, {
    default: [],
    section: "Sources",
    description:
      "Pictures under a name, such as photos=file:/var/www/pictures or photos=s3://region/bucket/prefix, for the " +
      "remote URL photos:path/of/picture.jpg; see docs/sources.md.",
  }),
  baseURL: setting(baseUrl, {
    default: "",
    section: "Sources",
    description:
      "URL, or name of a source such as photos:, against which relative remote URLs resolve.",
  }),
  origins: setting(originRules, {
    default: {},
    section: "Sources",
    secret: "in part",
    description:
      "Rules for some hosts and sources alone, as an object of the config file, or as JSON; see docs/sources.md.",
  }),
  sourceKey: setting(words, {
    default: [],
    section: "Sources",
    secret: true,
    description:
      "Key of hidden remote URLs, enc:…, or @file that holds it; several may be valid at once, of which the " +
      "first hides. See imageproxy encrypt.",
  }),
  ignoredParameters: setting(list, {
    default: [],
    section: "Sources",
    description:
      "Query parameters of remote URLs that tell no two pictures apart, such as X-Amz-*: they are sent, but what " +
      "is cached is answered whatever they hold.",
  }),
  fallbackImage: setting(fallbackImages, {
    default: [],
    section: "Sources",
    description:
      "Picture to show in place of one that cannot be had: a file, a URL, or photos:path; preset:name=… for " +
      "one preset alone.",
  }),
  fallbackStatus: setting(optional(status), {
    default: undefined as number | undefined,
    section: "Sources",
    description: "Status to send with fallbackImage, such as 200; that of the failure unless set.",
  }),
  overlay: setting(overlays, {
    default: [],
    section: "Sources",
    description:
      "Pictures that may be laid over others by a name, such as logo=@/etc/logo.png for overlay:logo: a file, a URL, or " +
      "photos:path.",
  }),
  fontDir: setting(folder, {
    default: "",
    section: "Sources",
    fixed: true,
    description:
      "Folder of fonts (.ttf, .otf, .ttc) for the text of SVGs, and for font: by their files' names.",
  }),
  caFile: setting(list, {
    default: [],
    section: "Origins",
    description:
      "Files of certificates, in PEM, of authorities to trust for https besides the usual ones and those of the system.",
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
  ports: setting(list, {
    default: DEFAULT_PORTS,
    section: "Origins",
    description: "Ports of origins, and ranges of ports, that may be connected to.",
  }),
  proxy: setting(httpProxy, {
    default: "",
    section: "Origins",
    secret: "in part",
    description:
      "Proxy on the way to origins, such as http://user:password@proxy:3128; what then cannot be checked is said " +
      "in docs/security.md.",
  }),
  noProxy: setting(list, {
    default: ["localhost", "127.0.0.0/8", "::1/128"],
    section: "Origins",
    description: "Hosts that are asked without the proxy, written like those of allowHosts.",
  }),
  includeReferer: setting(boolean, {
    default: false,
    section: "Origins",
    fixed: true,
    description: "Send the client's Referer to origins.",
  }),
  passRequestHeaders: setting(list, {
    default: [],
    section: "Origins",
    fixed: true,
    description:
      "Headers of clients that are sent to origins; what is fetched with an Authorization or Cookie is never cached.",
  }),
  passResponseHeaders: setting(list, {
    default: ["Cache-Control", "CDN-Cache-Control", "Last-Modified", "Expires", "Etag", "Link"],
    section: "Origins",
    fixed: true,
    description: "Headers of the origin that are passed on to clients.",
  }),
  cache: setting(caches, {
    default: ["memory"],
    section: "Cache",
    fixed: true,
    description:
      "Where to cache: memory[:MB[:age]], a directory, or a URL such as s3://region/bucket; none for nowhere. " +
      "Given more than once, the fastest first; originals=… or results=… keeps only those there.",
  }),
  minCacheDuration: setting(duration, {
    default: 0,
    section: "Cache",
    fixed: true,
    description: "Shortest time to keep images fresh; raises the lifetimes that origins give.",
  }),
  forceCache: setting(boolean, {
    default: false,
    section: "Cache",
    fixed: true,
    description: "Cache even what origins mark as private or no-store.",
  }),
  defaultCacheDuration: setting(duration, {
    default: 3_600_000,
    section: "Cache",
    fixed: true,
    description: "How long images stay fresh whose origins say nothing about it.",
  }),
  heuristicCacheDuration: setting(duration, {
    default: 24 * 3_600_000,
    section: "Cache",
    fixed: true,
    description:
      "The most that a tenth of the time since Last-Modified may come to, where it is all that origins say.",
  }),
  notFoundCacheDuration: setting(duration, {
    default: 60_000,
    section: "Cache",
    fixed: true,
    description:
      "How long a 404, 410, 403 or other refusal of an origin is remembered, at most; a 429 as long as its Retry-After " +
      "says, up to an hour. 0 for not at all.",
  }),
  errorCacheDuration: setting(duration, {
    default: 10_000,
    section: "Cache",
    fixed: true,
    description:
      "How long a 5xx of an origin, or a failure to fetch or transform, is remembered, at most; a 503 as long as its " +
      "Retry-After says, up to an hour. 0 for not at all.",
  }),
  cacheableErrors: setting(boolean, {
    default: false,
    section: "Cache",
    description:
      "Let browsers and CDNs keep errors that are remembered here, for as long: they are sent with max-age in " +
      "place of no-store.",
  }),
  staleWhileRevalidate: setting(duration, {
    default: 0,
    section: "Cache",
    fixed: true,
    description:
      "How long a stale image is served while it is refreshed, where origins do not say it.",
  }),
  staleIfError: setting(duration, {
    default: 0,
    section: "Cache",
    fixed: true,
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
    fixed: true,
    description:
      "How long a read from a cache may take before the image is fetched instead; writes have five times that.",
  }),
  cacheQueue: setting(bytes, {
    default: 50e6,
    section: "Cache",
    fixed: true,
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
    fixed: true,
    description: "Allow images, and what a crop left of them, to be enlarged.",
  }),
  strict: setting(boolean, {
    default: false,
    section: "Images",
    fixed: true,
    description:
      "Refuse images that are cut short or damaged (422), where otherwise what is there is shown, with " +
      "`X-Image-Partial: true`, and kept for as long as errorCacheDuration.",
  }),
  autoFormat: setting(boolean, {
    default: false,
    section: "Images",
    description:
      "Negotiate the format of every image whose URL names none, as the option auto does.",
  }),
  ...maxPixelsSettings(),
  ...qualitySettings(),
  effort: setting(integer({ min: 1, max: 3 }) as Kind<Effort>, {
    default: DEFAULT_ENCODING.effort,
    section: "Images",
    fixed: true,
    description: "Time that encoders may take for fewer bytes: 1 is the fastest, 3 the smallest.",
  }),
  parallel: setting(integer({ min: 1, max: 64 }), {
    default: 1,
    section: "Server",
    fixed: true,
    description:
      "Threads that answer requests, on one port (Linux): each a server with its share of workers, memory cache " +
      "and limits. For cached pictures by the ten thousand a second.",
  }),
  workers: setting(integer({ min: 1, max: 256 }), {
    default: navigator.hardwareConcurrency,
    defaultText: "the number of cores",
    section: "Engine",
    fixed: true,
    description: "Transforms at once, each in a worker of its own.",
  }),
  minWorkers: setting(integer({ min: 1, max: 256 }), {
    default: 1,
    section: "Engine",
    fixed: true,
    description:
      "Workers that are always there; others are started when they are needed, and let go when they are not.",
  }),
  workerIdleTime: setting(duration, {
    default: 60_000,
    section: "Engine",
    fixed: true,
    description:
      "Time without work for them after which workers are let go, and a process of the engine that has grown is " +
      "replaced; 0 for never.",
  }),
  maxWaiting: setting(integer({ min: 0 }), {
    default: 500,
    section: "Engine",
    fixed: true,
    description: "Transforms that may wait for a worker; one more is answered 503.",
  }),
  timeout: setting(duration, {
    default: 0,
    section: "Limits",
    description: "Time limit of a whole request; 0 for none beyond those of its parts.",
  }),
  sendTimeout: setting(duration, {
    default: 30_000,
    section: "Limits",
    description:
      "Time in which a client has to take something of a large answer; one that takes nothing is let go. 0 for any time.",
  }),
  fetchTimeout: setting(duration, {
    default: 30_000,
    section: "Origins",
    description: "Time limit for fetching an original, redirects included.",
  }),
  connectTimeout: setting(duration, {
    default: 5_000,
    section: "Origins",
    description: "Time limit for connecting to an origin: name, connection and TLS together.",
  }),
  firstByteTimeout: setting(duration, {
    default: 15_000,
    section: "Origins",
    description: "Time limit from a request to an origin to the end of its response's headers.",
  }),
  idleTimeout: setting(duration, {
    default: 10_000,
    section: "Origins",
    description: "Time limit between two pieces of an original.",
  }),
  maxRequestsPerHost: setting(integer({ min: 1 }), {
    default: 32,
    section: "Origins",
    description: "Requests in flight to one origin host; more wait for them.",
  }),
  transformTimeout: setting(duration, {
    default: 30_000,
    section: "Engine",
    fixed: true,
    description: "Time limit of one transform; its worker is replaced when it runs out.",
  }),
  maxURLLength: setting(integer({ min: 100 }), {
    default: 8192,
    section: "Limits",
    description: "Most characters of a request's path and query; one more is answered 414.",
  }),
  maxHeaderBytes: setting(bytes, {
    default: 32_000,
    section: "Limits",
    description: "Most bytes of the headers of a request, and of an origin's response.",
  }),
  maxOptions: setting(integer({ min: 1 }), {
    default: 64,
    section: "Limits",
    description: "Most options in one URL.",
  }),
  maxSourceBytes: setting(bytes, {
    default: 50e6,
    section: "Origins",
    description: "Largest original, in bytes as sent and as decompressed.",
  }),
  maxBytesInFlight: setting(bytes, {
    default: 100e6,
    section: "Limits",
    description:
      "Bytes of originals that may be on their way in together, and again of those that wait for a worker: " +
      "beyond them 503 is answered. And again of answers that wait in memory for clients that have stopped " +
      "reading: who has waited longest is let go.",
  }),
  maxPixels: setting(integer({ min: 1 }), {
    default: 50_000_000,
    section: "Limits",
    fixed: true,
    description: "Most pixels of one frame of an original.",
  }),
  maxFrames: setting(integer({ min: 1 }), {
    default: 1000,
    section: "Limits",
    fixed: true,
    description: "Most frames of an animation that stays one.",
  }),
  maxTotalPixels: setting(integer({ min: 1 }), {
    default: 150_000_000,
    section: "Limits",
    fixed: true,
    description:
      "Most pixels of all that is decoded of an original: the frames that are asked for, layers, tiles.",
  }),
  maxScans: setting(integer({ min: 1 }), {
    default: 100,
    section: "Limits",
    fixed: true,
    description: "Most scans of a progressive JPEG: each goes over the whole picture.",
  }),
  maxOutputPixels: setting(integer({ min: 1 }), {
    default: 25_000_000,
    section: "Limits",
    fixed: true,
    description: "Most pixels of a result.",
  }),
  maxOutputSide: setting(integer({ min: 1 }), {
    default: 16_383,
    section: "Limits",
    description:
      "Longest side of a result in pixels, where the original's own is not longer; WebP holds no more than the default.",
  }),
  maxTransformMemory: setting(bytes, {
    default: 500e6,
    section: "Engine",
    description:
      "Memory that the large pictures in work may take together, estimated from their headers: one that " +
      "alone needs more is answered 413, others wait. The default suits a machine of 1 GB.",
  }),
  maxWorkerMemory: setting(bytes, {
    default: 150e6,
    section: "Engine",
    fixed: true,
    description: "Memory of a worker's engine above which the worker is replaced after its job.",
  }),
  workerMemoryCeiling: setting(bytes, {
    default: 1e9,
    section: "Engine",
    fixed: true,
    description:
      "Memory that the engine of one worker can ever take, and what draws and what writes WebPs there " +
      "(512 MB at most): a picture that makes it want more is refused.",
  }),
  engineMemoryCeiling: setting(bytes, {
    default: 0,
    defaultText: "500MB + maxTransformMemory + maxWorkerMemory for each worker",
    section: "Engine",
    fixed: true,
    description:
      "Memory at which the engine's process is ended and the pictures in work are tried again, each alone.",
  }),
  adminAddr: setting(optional(address), {
    default: undefined as ListenAddress | SocketPath | undefined,
    section: "Operation",
    fixed: true,
    description:
      "Address of its own for /metrics, /health-check and /ready; the public one then has none.",
  }),
  logFormat: setting(choice(["auto", "text", "json"]), {
    default: "auto" as "auto" | "text" | "json",
    section: "Operation",
    description: "How log lines are written: auto is text on a terminal, else json.",
  }),
  sentryDsn: setting(optional(sentryDsn), {
    default: undefined as SentryDsn | undefined,
    section: "Operation",
    fixed: true,
    secret: true,
    description:
      "DSN of a server of Sentry's protocol that failures of the program are reported to.",
  }),
  logHidden: setting(boolean, {
    default: true,
    section: "Operation",
    description: "Name the hosts of hidden remote URLs, and why they fail, in the log.",
  }),
  serverTiming: setting(boolean, {
    default: false,
    section: "Operation",
    description: "Send Server-Timing: what each part of the work on an image took.",
  }),
  xCache: setting(boolean, {
    default: false,
    section: "Operation",
    description: "Send X-Cache: how the result and its original were found.",
  }),
  metricsHosts: setting(integer({ min: 0, max: 1000 }), {
    default: 50,
    section: "Operation",
    fixed: true,
    description: "Most origin hosts with metrics of their own; all further ones count as other.",
  }),
  drainDelay: setting(duration, {
    default: 0,
    section: "Operation",
    description:
      "Time from a SIGTERM, when /ready turns to 503, until nothing more is accepted; give the balancer its time.",
  }),
  stopTimeout: setting(duration, {
    default: 30_000,
    section: "Operation",
    description: "Time that requests in flight get to finish when the server stops.",
  }),
  // deno-lint-ignore no-explicit-any -- the one place where the values of all settings meet
} satisfies Record<string, Setting<any>>;

export type SettingName = keyof typeof SETTINGS;
export type Config = { [Name in SettingName]: (typeof SETTINGS)[Name]["default"] };

/** The name of a setting's environment variable: the Go program's own rule. */
export function variableOf(name: string): string {
  return `IMAGEPROXY_${name.toUpperCase()}`;
}

/** Spellings of earlier programs, what they mean today, and how their values are written there. */
export const OLD_NAMES: Readonly<
  Record<string, { name: SettingName; value(old: string): string }>
> = {
  whitelist: { name: "allowHosts", value: (old) => old },
  port: { name: "addr", value: (old) => `:${old}` },
};

function setting<T>(kind: Kind<T>, entry: Omit<Setting<T>, "kind">): Setting<T> {
  return { kind, ...entry };
}

/** A setting for each format that is lossy. */
function qualitySettings() {
  return settingsFor<LossyFormat, "Quality">(LOSSY_FORMATS, {
    suffix: "Quality",
    kind: QUALITY,
    describe: (format) =>
      `Quality of ${formatOf(format).name} where the URL names none${
        encodingOf(format).quality?.native ? ", on the scale of JPEG" : ""
      }.`,
  });
}

/** A setting for each format that is negotiated and takes long to write. */
function maxPixelsSettings() {
  return settingsFor<SlowFormat, "MaxPixels">(SLOW_FORMATS, {
    suffix: "MaxPixels",
    kind: integer({ min: 0 }),
    describe: (format) =>
      `Most pixels of a result that is negotiated to be ${
        formatOf(format).name
      }; it takes long to write.`,
  });
}

function settingsFor<Name extends OutputFormat, Suffix extends "Quality" | "MaxPixels">(
  formats: readonly Name[],
  { suffix, kind, describe }: {
    suffix: Suffix;
    kind: Kind<number>;
    describe(format: Name): string;
  },
): Record<`${Name}${Suffix}`, Setting<number>> {
  return Object.fromEntries(formats.map((format) => {
    const name = `${format}${suffix}` as keyof typeof DEFAULT_ENCODING;
    const entry = {
      default: DEFAULT_ENCODING[name],
      section: "Images",
      fixed: true,
      description: describe(format),
    } as const;
    return [name, setting(kind, entry)];
  })) as Record<`${Name}${Suffix}`, Setting<number>>;
}
