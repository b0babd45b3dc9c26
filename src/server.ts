// Puts the parts together as a Config says, listens, and stops in good order.
import { parseSizes } from "./access.ts";
import { createApp, type LogEntry } from "./app.ts";
import { createClientAddress } from "./client_address.ts";
import type { Config } from "./config.ts";
import { exposureWarning } from "./exposure.ts";
import { type Lookup, lookupBySystem } from "./http/connector.ts";
import { matchesHost, parseHostPatterns } from "./http/host.ts";
import { createOriginFetcher } from "./http/original.ts";
import { engineModule } from "./image/engine_module.js";
import { createPool, type PoolStats } from "./image/pool.ts";
import { openImageCache, passedRequestHeaders } from "./image_cache.ts";
import { parsePresets } from "./options/preset.ts";
import { readPresets } from "./preset_files.ts";
import { createPurgeHandler } from "./purge.ts";
import { createRateLimit } from "./rate_limit.ts";
import denoConfig from "../deno.json" with { type: "json" };
import { createPage } from "./page/page.ts";
import { withSamples } from "./page/sample_origin.ts";

export interface RunningServer {
  /** Where it listens, as a person would write it: `http://localhost:8080` or `unix:/path`. */
  url: string;
  poolStats(): PoolStats;
  /** Stops accepting, waits for what is in flight, and frees everything. */
  close(): Promise<void>;
}

export interface StartOptions {
  config: Config;
  signatureKeys: readonly Uint8Array[];
  log(entry: LogEntry): void;
  /** Told what an operator should know that belongs to no request. */
  warn(message: string, cause?: unknown): void;
  /** Reads the variables that cache backends take their credentials from. */
  env(name: string): string | undefined;
  /** Milliseconds since 1970; the system's clock unless a test has its own. */
  now?: () => number;
  /** Resolves host names; the system's resolver unless a test has its own. */
  lookup?: Lookup;
}

/** Starts to serve. Rejects where the address cannot be listened on or a host list cannot be read. */
export async function startServer(
  { config, signatureKeys, log, warn, env, now = Date.now, lookup = lookupBySystem }: StartOptions,
): Promise<RunningServer> {
  const allowed = config.allowHosts.length > 0 ? parseHostPatterns(config.allowHosts) : undefined;
  const denied = parseHostPatterns(config.denyHosts);
  const referrers = config.referrers.length > 0 ? parseHostPatterns(config.referrers) : undefined;
  const sizes = config.sizes.length > 0 ? parseSizes(config.sizes) : undefined;
  const presets = parsePresets(await readPresets(config.presets, Deno.readTextFile));
  const clientAddress = createClientAddress(config.trustedProxies);
  const rateLimit = config.rateLimit > 0
    ? createRateLimit({ perMinute: config.rateLimit, now: () => performance.now() })
    : undefined;
  const exposed = exposureWarning(config, signatureKeys);
  if (exposed) warn(exposed);
  const baseHost = URL.parse(config.baseURL)?.hostname;
  const fetcher = createOriginFetcher({
    allowHosts: allowed && config.allowHosts,
    denyHosts: config.denyHosts,
    exemptHosts: baseHost ? [baseHost] : [],
    allowPrivateNetworks: config.allowPrivateNetworks,
    ports: config.ports,
    lookup,
    followRedirects: config.followRedirects,
    userAgent: config.userAgent,
    maxBytes: config.maxSourceBytes,
    maxHeaderBytes: config.maxHeaderBytes,
    connectTimeout: config.connectTimeout,
    firstByteTimeout: config.firstByteTimeout,
    idleTimeout: config.idleTimeout,
    totalTimeout: config.fetchTimeout,
    requestsPerHost: config.maxRequestsPerHost,
  });
  const pool = createPool({
    engine: engineModule,
    limits: config,
    memory: config.maxTransformMemory,
    workers: config.workers,
    maxWaiting: config.maxWaiting,
    timeoutMs: config.transformTimeout,
    maxWorkerMemory: config.maxWorkerMemory,
  });
  const cache = await openImageCache({
    config,
    fetcher: config.page ? withSamples(fetcher) : fetcher,
    pool,
    release: denoConfig.version,
    context: { env, log: warn },
    now,
    onStoreChange: ({ store, operation, available, cause }) =>
      warn(
        available
          ? `The ${store} cache is in use again (${operation})`
          : `The ${store} cache fails and is left alone for a while (${operation})`,
        cause,
      ),
    onBackgroundFailure: (error) => warn("An image could not be refreshed", error),
  }).catch(async (error) => {
    pool.close();
    await fetcher.close();
    throw error;
  });
  const grammar = {
    baseUrl: config.baseURL || undefined,
    ignoreUnknown: config.ignoreUnknownOptions,
    presets,
    maxUrlLength: config.maxURLLength,
    maxTokens: config.maxOptions,
  };
  const app = createApp({
    purge: config.purgeToken
      ? createPurgeHandler({ token: config.purgeToken, grammar, purge: cache.purge })
      : undefined,
    timeoutMs: config.timeout,
    page: config.page ? createPage() : undefined,
    maxHeaderBytes: config.maxHeaderBytes,
    clientAddress,
    log,
    server: {
      grammar,
      access: {
        isAllowedHost: allowed && ((hostname) => matchesHost(allowed, hostname)),
        isDeniedHost: (hostname) => matchesHost(denied, hostname),
        signatureKeys,
        signedOptionsOnly: config.signedOptionsOnly,
        isReferrer: referrers && ((hostname) => matchesHost(referrers, hostname)),
        sizes,
        presetsOnly: config.presetsOnly,
      },
      originals: cache.originals,
      results: cache.results,
      passedRequestHeaders: passedRequestHeaders(config),
      clientNoCache: config.clientNoCache,
      charge: rateLimit?.spend,
      now,
    },
  });
  const close = async () => {
    pool.close();
    await fetcher.close();
    await cache.close();
  };
  try {
    const listener = listen(
      config.addr,
      (request, { remoteAddr }) =>
        app.fetch(request, { peer: "hostname" in remoteAddr ? remoteAddr.hostname : undefined }),
    );
    return {
      url: urlOf(config.addr, listener.addr),
      poolStats: pool.stats,
      close: async () => {
        await listener.shutdown();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type Address = Config["addr"];

function listen(address: Address, handler: Deno.ServeHandler<Deno.Addr>) {
  const onListen = () => {};
  return "path" in address
    ? Deno.serve({ path: address.path, onListen }, handler)
    : Deno.serve({ hostname: address.hostname, port: address.port, onListen }, handler);
}

function urlOf(address: Address, bound: Deno.Addr): string {
  if ("path" in address) return `unix:${address.path}`;
  const port = "port" in bound ? bound.port : address.port;
  const host = address.hostname.includes(":") ? `[${address.hostname}]` : address.hostname;
  return `http://${host}:${port}`;
}
