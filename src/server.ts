// Puts the parts together as a Config says, listens, and stops in good order.
import { createApp, type LogEntry } from "./app.ts";
import type { Config } from "./config.ts";
import { matchesHost, parseHostPatterns } from "./http/host.ts";
import { createOriginFetcher } from "./http/original.ts";
import { engineModule } from "./image/engine_module.js";
import { createPool, type PoolStats } from "./image/pool.ts";
import { lowerCase, openImageCache } from "./image_cache.ts";
import { createPurgeHandler } from "./purge.ts";
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
}

/** Starts to serve. Rejects where the address cannot be listened on or a host list cannot be read. */
export async function startServer(
  { config, signatureKeys, log, warn, env, now = Date.now }: StartOptions,
): Promise<RunningServer> {
  const allowed = config.allowHosts.length > 0 ? parseHostPatterns(config.allowHosts) : undefined;
  const denied = parseHostPatterns(config.denyHosts);
  const baseHost = URL.parse(config.baseURL)?.hostname;
  const fetcher = createOriginFetcher({
    allowHosts: allowed && config.allowHosts,
    denyHosts: config.denyHosts,
    exemptHosts: baseHost ? [baseHost] : [],
    allowPrivateNetworks: config.allowPrivateNetworks,
    followRedirects: config.followRedirects,
    userAgent: config.userAgent,
    maxBytes: config.maxSourceBytes,
    totalTimeout: config.fetchTimeout,
  });
  const pool = createPool({
    engine: engineModule,
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
  };
  const app = createApp({
    purge: config.purgeToken
      ? createPurgeHandler({ token: config.purgeToken, grammar, purge: cache.purge })
      : undefined,
    timeoutMs: config.timeout,
    page: config.page ? createPage() : undefined,
    log,
    server: {
      grammar,
      access: {
        isAllowedHost: allowed && ((hostname) => matchesHost(allowed, hostname)),
        isDeniedHost: (hostname) => matchesHost(denied, hostname),
        signatureKeys,
        signedOptionsOnly: config.signedOptionsOnly,
      },
      originals: cache.originals,
      results: cache.results,
      passedRequestHeaders: lowerCase(config.passRequestHeaders),
      clientNoCache: config.clientNoCache,
      now,
    },
  });
  const close = async () => {
    pool.close();
    await fetcher.close();
    await cache.close();
  };
  try {
    const listener = listen(config.addr, (request) => app.fetch(request));
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

function listen(address: Address, handler: (request: Request) => Response | Promise<Response>) {
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
