// Puts the parts together as a Config says, listens, and stops in good order.
import { createApp, type LogEntry } from "./app.ts";
import type { Config } from "./config.ts";
import { createTypeMatcher } from "./http/content_type.ts";
import { matchesHost, parseHostPatterns } from "./http/host.ts";
import { createOriginFetcher } from "./http/original.ts";
import { engineModule } from "./image/engine_module.js";
import { createPool } from "./image/pool.ts";

export interface RunningServer {
  /** Where it listens, as a person would write it: `http://localhost:8080` or `unix:/path`. */
  url: string;
  /** Stops accepting, waits for what is in flight, and frees everything. */
  close(): Promise<void>;
}

export interface StartOptions {
  config: Config;
  signatureKeys: readonly Uint8Array[];
  log(entry: LogEntry): void;
}

/** Starts to serve. Rejects where the address cannot be listened on or a host list cannot be read. */
export async function startServer(
  { config, signatureKeys, log }: StartOptions,
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
  const app = createApp({
    timeoutMs: config.timeout,
    log,
    server: {
      grammar: { baseUrl: config.baseURL || undefined, ignoreUnknown: config.ignoreUnknownOptions },
      access: {
        isAllowedHost: allowed && ((hostname) => matchesHost(allowed, hostname)),
        isDeniedHost: (hostname) => matchesHost(denied, hostname),
        signatureKeys,
        signedOptionsOnly: config.signedOptionsOnly,
      },
      fetcher,
      pool,
      limits: config,
      encoding: config,
      autoFormat: config.autoFormat,
      scaleUp: config.scaleUp,
      isServedType: createTypeMatcher(config.contentTypes),
      passedHeaders: config.passResponseHeaders.map((name) => name.toLowerCase()),
      now: Date.now,
    },
  });
  const close = async () => {
    pool.close();
    await fetcher.close();
  };
  try {
    const listener = listen(config.addr, (request) => app.fetch(request));
    return {
      url: urlOf(config.addr, listener.addr),
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
