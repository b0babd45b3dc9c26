// Puts the parts together as a Config says, listens, and stops in good order.
import { parseSizes } from "./access.ts";
import { createApp, type LogEntry } from "./app.ts";
import { createClientAddress } from "./client_address.ts";
import type { Config } from "./config.ts";
import { exposureWarning } from "./exposure.ts";
import { createTypeMatcher } from "./http/content_type.ts";
import { matchesHost, parseHostPatterns } from "./http/host.ts";
import { createOriginFetcher } from "./http/original.ts";
import { engineModule } from "./image/engine_module.js";
import { createPool } from "./image/pool.ts";
import { parsePresets } from "./options/preset.ts";
import { readPresets } from "./preset_files.ts";
import { createRateLimit } from "./rate_limit.ts";

export interface RunningServer {
  /** Where it listens, as a person would write it: `http://localhost:8080` or `unix:/path`. */
  url: string;
  /** What its operator should know, a sentence each. */
  warnings: readonly string[];
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
  const referrers = config.referrers.length > 0 ? parseHostPatterns(config.referrers) : undefined;
  const presets = parsePresets(await readPresets(config.presets, Deno.readTextFile));
  const servesType = createTypeMatcher(config.contentTypes);
  const baseHost = URL.parse(config.baseURL)?.hostname;
  const fetcher = createOriginFetcher({
    allowHosts: allowed && config.allowHosts,
    denyHosts: config.denyHosts,
    exemptHosts: baseHost ? [baseHost] : [],
    allowPrivateNetworks: config.allowPrivateNetworks,
    ports: config.ports,
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
    workers: config.workers,
    maxWaiting: config.maxWaiting,
    timeoutMs: config.transformTimeout,
    maxWorkerMemory: config.maxWorkerMemory,
  });
  const rateLimit = config.rateLimit > 0
    ? createRateLimit({ perMinute: config.rateLimit, now: () => performance.now() })
    : undefined;
  const app = createApp({
    timeoutMs: config.timeout,
    maxHeaderBytes: config.maxHeaderBytes,
    clientAddress: createClientAddress(config.trustedProxies),
    log,
    server: {
      grammar: {
        baseUrl: config.baseURL || undefined,
        ignoreUnknown: config.ignoreUnknownOptions,
        presets,
        maxUrlLength: config.maxURLLength,
        maxTokens: config.maxOptions,
      },
      access: {
        isAllowedHost: allowed && ((hostname) => matchesHost(allowed, hostname)),
        isDeniedHost: (hostname) => matchesHost(denied, hostname),
        signatureKeys,
        signedOptionsOnly: config.signedOptionsOnly,
        isReferrer: referrers && ((hostname) => matchesHost(referrers, hostname)),
        sizes: config.sizes.length > 0 ? parseSizes(config.sizes) : undefined,
        presetsOnly: config.presetsOnly,
      },
      fetcher,
      pool,
      limits: config,
      scaleUp: config.scaleUp,
      isServedType: (type) => servesType(type) && (config.svg || type !== "image/svg+xml"),
      passedHeaders: config.passResponseHeaders.map((name) => name.toLowerCase()),
      passedRequestHeaders: [
        ...config.passRequestHeaders.map((name) => name.toLowerCase()),
        ...(config.includeReferer ? ["referer"] : []),
      ],
      charge: (client) => rateLimit?.spend(client),
      now: Date.now,
    },
  });
  const close = async () => {
    pool.close();
    await fetcher.close();
  };
  try {
    const listener = listen(
      config.addr,
      (request, { remoteAddr }) =>
        app.fetch(request, { peer: "hostname" in remoteAddr ? remoteAddr.hostname : undefined }),
    );
    return {
      url: urlOf(config.addr, listener.addr),
      warnings: [exposureWarning(config, signatureKeys)].filter((text) => text !== undefined),
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
