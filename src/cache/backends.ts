// Every place that a cache can be kept in is one entry of this table. Drivers are loaded when they
// are asked for: a server that caches in memory never parses a Redis client.

import type { Bucket } from "../cloud/bucket.ts";
import type { CloudContext } from "../cloud/context.ts";
import {
  type Location,
  parseFileLocation,
  parseLocation,
  parseUrl,
  withoutPassword,
} from "../cloud/location.ts";
import { type Fail, parseDuration, parseSize, readQuery } from "../cloud/location_query.ts";
import { closest, nearest } from "../options/nearest.ts";
import { AWS_VARIABLES, AZURE_VARIABLES, GOOGLE_VARIABLES } from "../cloud/variables.ts";
import { type CacheDriver, createDriverStore } from "./drivers/cache_driver.ts";
import type { S3DriverOptions } from "./drivers/s3_driver.ts";
import type { Store } from "./drivers/store.ts";

export interface StoreContext extends CloudContext {
  /** Told what an operator should know: the size of a directory, and with a cause what goes wrong. */
  log: (message: string, cause?: unknown) => void;
  /** Whether to find out at once that a place cannot be written to. */
  triesWriting?: boolean;
  /** Whether this is a server, and not a part of one or a command. */
  isServer?: boolean;
}

export interface Backend {
  summary: string;
  examples: readonly [string, ...string[]];
  /** The variables that it reads, for the least permission to the environment. */
  variables: readonly string[];
  /** Opens what the whole `-cache` value says; throws one sentence if it says it wrongly. */
  open(spec: string, context: StoreContext): Promise<Store>;
}

export const MEMORY_MB = 100;
const DIRECTORY_MAX = "10GB";
/** Fewer bytes than this are megabytes or gigabytes of which the unit was left out. */
const LEAST_WITHOUT_UNIT = 100_000;

/** Scheme → backend. A value without a scheme is a directory. */
export const BACKENDS = {
  memory: {
    summary: `Memory: memory[:MB[:age]], ${MEMORY_MB} MB and no age if not said`,
    examples: ["memory", "memory:200", "memory:100:24h"],
    variables: [],
    async open(spec) {
      const { maxBytes, maxAgeMs = 0 } = parseMemorySpec(spec);
      const { createMemoryDriver } = await import("./drivers/memory_driver.ts");
      return createDriverStore(
        "memory",
        createMemoryDriver({ maxBytes, maxAgeMs }),
      );
    },
  },

  file: {
    summary:
      `A directory: a path or file:path, with ?max=SIZE (${DIRECTORY_MAX}; none for no bound)`,
    examples: ["/var/cache/imageproxy", "file:/var/cache/imageproxy?max=10GB", "./cache?max=500MB"],
    variables: [],
    async open(spec, { log, triesWriting }) {
      const { path: directory, query } = parseFileLocation(spec, failing(spec));
      const max = query.text("max") ?? DIRECTORY_MAX;
      query.end();
      const maxBytes = max === "none" ? Infinity : parseSize(max);
      if (!maxBytes) throw badSpec(spec, `max takes a size such as 10GB, or none, not "${max}"`);
      if (/^\d+$/.test(max) && maxBytes < LEAST_WITHOUT_UNIT) {
        throw badSpec(spec, `max=${max} is ${max} bytes: write ${max}MB or ${max}GB`);
      }
      const { createFileDriver } = await import("./drivers/file_driver.ts");
      const driver = createFileDriver({
        directory,
        maxBytes,
        onReady: ({ entries, bytes, ms }) =>
          log(
            `The cache directory ${directory} holds ${entries} entries, ${bytes} bytes of at most ${max} (read in ${
              Math.round(ms)
            } ms)`,
          ),
        onError: (error) => log(`Cannot read the cache directory ${directory}`, error),
        onFull: (error) =>
          log(
            `The disk of the cache directory ${directory} is full before ${max} are reached, so what was used the ` +
              "longest time ago makes room",
            error,
          ),
        ...(triesWriting && {
          onUnwritable: (error) =>
            log(`Cannot write the cache directory ${directory}, so nothing is kept there`, error),
        }),
      });
      return createDriverStore("file", driver);
    },
  },

  s3: {
    summary: "Amazon S3 and servers like it: s3://region/bucket/prefix",
    examples: [
      "s3://us-east-1/my-bucket/images",
      "s3://local/images?endpoint=127.0.0.1:9000&disableSSL=1&s3ForcePathStyle=1",
    ],
    variables: AWS_VARIABLES,
    async open(spec, context) {
      const { s3Bucket } = await import("../cloud/s3.ts");
      const { createS3Driver } = await import("./drivers/s3_driver.ts");
      const location = parseLocation(spec, failing(spec));
      const bucket = s3Bucket(location, context);
      return openBucket("s3", { location, bucket, context, createDriver: createS3Driver });
    },
  },

  redis: {
    summary: "Redis: redis://[user[:password]@]host[:port][/database][?prefix=…]",
    examples: ["redis://localhost:6379", "redis://user@cache.internal:6379/2?prefix=images:"],
    variables: ["REDIS_PASSWORD"],
    open: openRedis,
  },

  rediss: {
    summary: "Redis over TLS, otherwise as redis://",
    examples: ["rediss://cache.internal:6380/0"],
    variables: ["REDIS_PASSWORD"],
    open: openRedis,
  },

  azure: {
    summary: "Azure Blob Storage: azure://container[/prefix]",
    examples: ["azure://images", "azure://images/thumbs?endpoint=http://127.0.0.1:10000/account"],
    variables: AZURE_VARIABLES,
    async open(spec, context) {
      const { azureContainer } = await import("../cloud/azure.ts");
      const { createAzureDriver } = await import("./drivers/azure_driver.ts");
      const location = parseLocation(spec, failing(spec));
      const bucket = azureContainer(location, { ...context, usual: "cache" });
      return openBucket("azure", { location, bucket, context, createDriver: createAzureDriver });
    },
  },

  gcs: {
    summary: "Google Cloud Storage: gcs://bucket[/prefix]",
    examples: ["gcs://my-bucket", "gcs://my-bucket/images"],
    variables: GOOGLE_VARIABLES,
    async open(spec, context) {
      const { gcsBucket } = await import("../cloud/gcs.ts");
      const { createS3Driver } = await import("./drivers/s3_driver.ts");
      const location = parseLocation(spec, failing(spec));
      const bucket = gcsBucket(location, context);
      return openBucket("gcs", { location, bucket, context, createDriver: createS3Driver });
    },
  },
} satisfies Record<string, Backend>;

/** The bounds in `memory[:MB[:age]]`; throws one sentence if it is written otherwise. */
export function parseMemorySpec(spec: string): { maxBytes: number; maxAgeMs?: number } {
  const [, megabytes = "", age, ...rest] = spec.split(":");
  const amount = megabytes === "" ? MEMORY_MB : Number(megabytes);
  if (!/^\d*$/.test(megabytes) || amount < 1) {
    throw badSpec(spec, `memory takes whole megabytes, such as memory:100, not "${megabytes}"`);
  }
  const maxAgeMs = age === undefined ? 0 : parseDuration(age);
  if (maxAgeMs === undefined || rest.length > 0) {
    throw badSpec(spec, "the age is a duration such as 24h, as in memory:100:24h");
  }
  return { maxBytes: amount * 1e6, ...(maxAgeMs > 0 ? { maxAgeMs } : {}) };
}

/**
 * Opens the store that a `-cache` value names. Nothing is contacted yet: a backend that is down is
 * found out by use. Throws one sentence for a value that cannot be right.
 */
export async function openStore(spec: string, context: StoreContext): Promise<Store> {
  if (spec.trim() === "") {
    throw badSpec(spec, "it is empty; use memory, a directory, or a URL such as s3://…");
  }
  checkBareWord(spec);
  // One letter is a drive, as in C:\cache.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(spec)?.[1]?.toLowerCase() ??
    (spec === "memory" ? "memory" : "file");
  const backend: Backend | undefined = Object.hasOwn(BACKENDS, scheme)
    ? BACKENDS[scheme as keyof typeof BACKENDS]
    : undefined;
  if (!backend) {
    const known = Object.keys(BACKENDS).join(", ");
    const close = nearest(scheme, Object.keys(BACKENDS));
    throw badSpec(spec, `"${scheme}" is not known; use a directory or one of ${known}${close}`);
  }
  return await backend.open(spec, context);
}

/** Refuses a word that is more likely a kind of cache, mistyped or half written, than a directory. */
function checkBareWord(spec: string): void {
  const [word = "", query] = spec.split("?");
  if (spec === "memory" || !/^[a-z]+$/i.test(word)) return;
  const kind = closest(word, [...Object.keys(BACKENDS), "none"]);
  if (kind === undefined) return;
  const usual = kind === "memory" && query !== undefined
    ? "memory:100 for 100 MB"
    : kind === "none"
    ? kind
    : BACKENDS[kind as keyof typeof BACKENDS].examples[0];
  throw badSpec(spec, `did you mean ${usual}? A directory of that name is written ./${word}`);
}

function openBucket(
  name: string,
  { location, bucket, context, createDriver }: {
    location: Location;
    bucket: Bucket;
    context: StoreContext;
    createDriver(options: S3DriverOptions): CacheDriver;
  },
): Store {
  const timeoutMs = location.query.duration("timeout");
  location.query.end();
  const { fetch = globalThis.fetch } = context;
  return createDriverStore(name, createDriver({ bucket, fetch, timeoutMs }));
}

async function openRedis(
  spec: string,
  { env, log, isServer = false }: StoreContext,
): Promise<Store> {
  const fail = failing(spec);
  const url = parseUrl(spec, fail);
  if (!/^\/?\d*$/.test(url.pathname)) {
    throw badSpec(spec, "the path is a database number, as in redis://localhost:6379/2");
  }
  const options = readQuery(url.searchParams, fail);
  const prefix = options.text("prefix") ?? "imageproxy:";
  const timeoutMs = options.duration("timeout");
  options.end();
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password) || env("REDIS_PASSWORD");
  url.username = url.password = url.search = "";
  const { createRedisDriver } = await import("./drivers/redis_driver.ts");
  const driver = createRedisDriver({
    url: url.href,
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
    prefix,
    ...(timeoutMs ? { timeoutMs } : {}),
    onChange: (connected, error) =>
      connected
        ? log(`Connected to Redis at ${url.host}`)
        : log(`Lost the connection to Redis at ${url.host}, trying again`, error),
    isServer,
    onChannelTrouble: (error) =>
      log(`Purges do not reach the other servers that share the Redis at ${url.host}`, error),
  });
  return createDriverStore("redis", driver);
}

/** The error for a `-cache` value. A password in it is not repeated. */
function badSpec(spec: string, reason: string): Error {
  return new Error(`Cannot open the cache "${withoutPassword(spec)}": ${reason}`);
}

function failing(spec: string): Fail {
  return (reason) => badSpec(spec, reason);
}
