// Every place that a cache can be kept in is one entry of this table. Drivers are loaded when they
// are asked for: a server that caches in memory never parses a Redis client.

import { decodeIfValid } from "../http/percent_encoding.ts";
import { createDriverStore } from "./drivers/cache_driver.ts";
import { badSpec, parseDuration, parseSize, readQuery } from "./spec.ts";
import { parseUrl, prefixOf, segmentsOf, splitQuery } from "./spec_path.ts";
import type { Store } from "./drivers/store.ts";

export interface StoreContext {
  /** Reads an environment variable. */
  env: (name: string) => string | undefined;
  /** Told what an operator should know: the size of a directory, a connection lost or back. */
  log: (message: string, cause?: unknown) => void;
  fetch?: typeof fetch;
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
    async open(spec, { log }) {
      const { path, query } = splitQuery(spec.replace(/^file:(?:\/\/(?=\/))?/i, ""));
      if (path.startsWith("//")) throw badSpec(spec, "a file takes a path, as in file:/var/cache");
      if (path === "") throw badSpec(spec, "the path is missing, as in file:/var/cache");
      const options = readQuery(spec, query);
      const max = options.text("max") ?? DIRECTORY_MAX;
      options.end();
      const maxBytes = max === "none" ? Infinity : parseSize(max);
      if (!maxBytes) throw badSpec(spec, `max takes a size such as 10GB, or none, not "${max}"`);
      const directory = decodeIfValid(path).replace(/(?<=.)\/+$/, "");
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
    variables: [
      ...["AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY"],
      ...["AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ROLE_ARN"],
      ...["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_SESSION_NAME", "AWS_ENDPOINT_URL_STS"],
      ...["AWS_PROFILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "HOME", "USERPROFILE"],
      ...["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"],
      ...["AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"],
      ...["AWS_EC2_METADATA_DISABLED", "AWS_EC2_METADATA_SERVICE_ENDPOINT"],
    ],
    async open(spec, { env, fetch = globalThis.fetch }) {
      const url = parseUrl(spec);
      const region = url.host || env("AWS_REGION") || env("AWS_DEFAULT_REGION");
      const [bucket, ...folders] = segmentsOf(spec, url);
      if (!region || !bucket) {
        throw badSpec(spec, "region and bucket are needed, as in s3://us-east-1/my-bucket/images");
      }
      const options = readQuery(spec, url.searchParams);
      const place = {
        bucket,
        region,
        endpoint: options.text("endpoint"),
        disableSsl: options.flag("disableSSL"),
        forcePathStyle: options.flag("s3ForcePathStyle"),
      };
      const timeoutMs = options.duration("timeout");
      options.end();
      const { createAwsCredentials, createS3Signer } = await import(
        "./drivers/aws_credentials.ts"
      );
      const { bucketUrlOf, createS3Driver } = await import("./drivers/s3_driver.ts");
      const credentials = createAwsCredentials({ env, fetch });
      const driver = createS3Driver({
        bucketUrl: bucketUrlOf(place),
        prefix: prefixOf(folders),
        sign: createS3Signer({ credentials, region }),
        fetch,
        ...(timeoutMs ? { timeoutMs } : {}),
      });
      return createDriverStore("s3", driver);
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
    variables: [
      ...["AZURESTORAGE_ACCOUNT_NAME", "AZURESTORAGE_ACCESS_KEY"],
      ...["AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_KEY"],
    ],
    async open(spec, { env, fetch = globalThis.fetch }) {
      const url = parseUrl(spec);
      const account = env("AZURESTORAGE_ACCOUNT_NAME") || env("AZURE_STORAGE_ACCOUNT");
      const accessKey = env("AZURESTORAGE_ACCESS_KEY") || env("AZURE_STORAGE_KEY");
      if (!account || !accessKey) {
        throw badSpec(spec, "set AZURESTORAGE_ACCOUNT_NAME and AZURESTORAGE_ACCESS_KEY");
      }
      if (!/^[A-Za-z0-9+/]+={0,2}$/.test(accessKey)) {
        throw badSpec(spec, "AZURESTORAGE_ACCESS_KEY is not base64");
      }
      const options = readQuery(spec, url.searchParams);
      const endpoint = options.text("endpoint")?.replace(/\/$/, "");
      const timeoutMs = options.duration("timeout");
      options.end();
      const { createAzureDriver } = await import("./drivers/azure_driver.ts");
      const driver = createAzureDriver({
        account,
        accessKey,
        container: url.host || "cache",
        prefix: prefixOf(segmentsOf(spec, url)),
        endpoint,
        fetch,
        ...(timeoutMs ? { timeoutMs } : {}),
      });
      return createDriverStore("azure", driver);
    },
  },

  gcs: {
    summary: "Google Cloud Storage: gcs://bucket[/prefix]",
    examples: ["gcs://my-bucket", "gcs://my-bucket/images"],
    variables: [
      ...["GCS_ACCESS_KEY_ID", "GCS_SECRET_ACCESS_KEY", "GOOGLE_APPLICATION_CREDENTIALS"],
      ...["HOME", "GCE_METADATA_HOST"],
    ],
    async open(spec, { env, fetch = globalThis.fetch }) {
      const url = parseUrl(spec);
      if (!url.host) throw badSpec(spec, "the bucket is missing, as in gcs://my-bucket/images");
      const options = readQuery(spec, url.searchParams);
      const endpoint = options.text("endpoint") ?? "https://storage.googleapis.com";
      const timeoutMs = options.duration("timeout");
      options.end();
      const accessKeyId = env("GCS_ACCESS_KEY_ID");
      const secretAccessKey = env("GCS_SECRET_ACCESS_KEY");
      const { createS3Driver } = await import("./drivers/s3_driver.ts");
      const { createS3Signer } = await import("./drivers/aws_credentials.ts");
      const { createGoogleSigner } = await import("./drivers/google_credentials.ts");
      const driver = createS3Driver({
        bucketUrl: `${endpoint.replace(/\/$/, "")}/${url.host}`,
        prefix: prefixOf(segmentsOf(spec, url)),
        sign: accessKeyId && secretAccessKey
          ? createS3Signer({
            credentials: () => Promise.resolve({ accessKeyId, secretAccessKey }),
            region: "auto",
          })
          : createGoogleSigner({ env, fetch }),
        fetch,
        ...(timeoutMs ? { timeoutMs } : {}),
      });
      return createDriverStore("gcs", driver);
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
  // One letter is a drive, as in C:\cache.
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(spec)?.[1]?.toLowerCase() ??
    (spec === "memory" ? "memory" : "file");
  const backend: Backend | undefined = Object.hasOwn(BACKENDS, scheme)
    ? BACKENDS[scheme as keyof typeof BACKENDS]
    : undefined;
  if (!backend) {
    const known = Object.keys(BACKENDS).join(", ");
    throw badSpec(spec, `"${scheme}" is not known; use a directory or one of ${known}`);
  }
  return await backend.open(spec, context);
}

async function openRedis(spec: string, { env, log }: StoreContext): Promise<Store> {
  const url = parseUrl(spec);
  if (!/^\/?\d*$/.test(url.pathname)) {
    throw badSpec(spec, "the path is a database number, as in redis://localhost:6379/2");
  }
  const options = readQuery(spec, url.searchParams);
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
  });
  return createDriverStore("redis", driver);
}
