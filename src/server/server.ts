// Puts the parts together as a Config says, listens, takes new rules while it runs, and stops in good order.
import { type App, createApp, createOperatorApp, type OperatorPages, targetOf } from "./app.ts";
import { createClientAddress } from "../request/client_address.ts";
import type { Store } from "../cache/drivers/store.ts";
import type { Removal } from "../cache/tiers.ts";
import type { Config, SettingName } from "../settings/table.ts";
import { ProxyError } from "../errors.ts";
import { exposureWarning } from "../settings/exposure.ts";
import { withFixed } from "../settings/fixed_settings.ts";
import { createHandler } from "./handler.ts";
import type { Lookup } from "../http/origin/connector.ts";
import type { OriginFetcher } from "../http/origin/original.ts";
import { rehearseFetch } from "../http/origin/rehearsal.ts";
import { type ImageCache, openImageCache } from "../serving/image_cache.ts";
import {
  createConfiguredFetcher,
  createImageServer,
  grammarOf,
  type Rules,
} from "../serving/image_server.ts";
import { engineModule } from "../image/engine/engine_module.js";
import { limitsOf } from "../image/plan/job.ts";
import { createPool, type PoolStats } from "../image/engine/pool.ts";
import { type Handler, listen, type Listener } from "./listen.ts";
import type { Log } from "../ops/log.ts";
import { measuredPool } from "../ops/measured.ts";
import { createMetrics, type Figures } from "../ops/metrics.ts";
import { createRequestIds } from "../ops/request_id.ts";
import type { Telemetry } from "../ops/telemetry.ts";
import { readTier } from "../ops/tier_reading.ts";
import { createPage } from "../page/page.ts";
import { createPurgeHandler } from "./purge.ts";
import { versions } from "../version.ts";

export interface RunningServer {
  /** Where it listens, as a person would write it: `http://localhost:8080` or `unix:/path`. */
  url: string;
  /** Where the operator's pages are, if not there. */
  adminUrl: string | undefined;
  poolStats(): PoolStats;
  /** What its own part of the metrics page shows. */
  figures(): Promise<Figures>;
  /** Removes a picture and what was made of it from its own caches. */
  purge(url: string): Promise<Removal>;
  /**
   * Puts new rules in force; requests under way end by the old ones. Returns the settings that differ but
   * are only taken at the start. Throws, and changes nothing, where the rules cannot be read.
   */
  reload(rules: Rules): SettingName[];
  /**
   * Stops: is no longer ready, after the drain delay accepts nothing more, gives what is in flight the
   * stop timeout, and frees everything.
   */
  close(): Promise<void>;
}

export interface StartOptions extends Rules {
  log: Pick<Log, "request" | "event">;
  telemetry?: Telemetry | undefined;
  /** Reads the variables that cache backends take their credentials from. */
  env(name: string): string | undefined;
  /** Milliseconds since 1970; the system's clock unless a test has its own. */
  now?: () => number;
  /** Opens cache backends, where a test has its own. */
  openStore?: (spec: string) => Promise<Store>;
  /** Resolves host names; the system's resolver unless a test has its own. */
  lookup?: Lookup;
  /** The servers of the same process that accept from the same port; undefined where there are none. */
  others?: Others | undefined;
}

export interface Others {
  /** Whether this one speaks for the process: listens on the operator's address, and warns. */
  readonly leads: boolean;
  /** The figures of all, this one's among them. */
  figures(): Promise<Figures[]>;
  /** Removes a picture from the caches of all, this one's among them. */
  purge(url: string): Promise<Removal>;
}

/** One set of rules, and what keeps to them. */
interface Generation {
  config: Config;
  handle: Handler;
  operator: App;
}

/** After the stop timeout, how long the last answers may take on their way. */
const LAST_ANSWERS_MS = 1000;

/** Starts to serve. Rejects where an address cannot be listened on or a host list cannot be read. */
export async function startServer(
  {
    config,
    signatureKeys,
    presets,
    log,
    telemetry,
    env,
    now = Date.now,
    openStore,
    lookup,
    others,
  }: StartOptions,
): Promise<RunningServer> {
  const fetchers = new Set<OriginFetcher>();
  const hireFetcher = (rules: Config) => {
    const fetcher = createConfiguredFetcher(rules, lookup);
    fetchers.add(fetcher);
    return fetcher;
  };
  let fetcher = hireFetcher(config);
  const metrics = createMetrics({
    maxHosts: config.metricsHosts,
    build: () => versions(pool.engineVersion()),
  });
  const pool = createPool({
    engine: engineModule,
    limits: limitsOf(config),
    memory: config.maxTransformMemory,
    maxWaitingBytes: config.maxBytesInFlight,
    workers: config.workers,
    maxWaiting: config.maxWaiting,
    timeoutMs: config.transformTimeout,
    maxWorkerMemory: config.maxWorkerMemory,
  });
  const retiring = new Set<ReturnType<typeof setTimeout>>();
  const closeFetchers = () => Promise.all([...fetchers].map((each) => each.close()));
  /** What is closed or written back after the last request, in this order. */
  const closers: (() => unknown)[] = [
    pool.close,
    closeFetchers,
    metrics.close,
    () => retiring.forEach((timer) => clearTimeout(timer)),
  ];
  const stop = async () => {
    for (const close of closers) await close();
  };
  const warn = (message: string, cause?: unknown) =>
    log.event("warning", cause === undefined ? message : `${message}: ${cause}`);

  // Those who read the same body are told the same, and so is Deno, by some of its releases.
  const broken = new WeakSet<object>();
  const onBreak = (error: unknown) => {
    const isNew = error instanceof Error && !broken.has(error);
    if (isNew) broken.add(error);
    // Origins that fail half-way are no failure of this server, and can be many.
    if (isNew && (generation.config.verbose || !(error instanceof ProxyError))) {
      warn("An answer broke off on its way to a client", error);
    }
  };

  let generation: Generation;
  const listeners: Listener[] = [];
  let draining = false;
  let begin: (rules: Rules) => Generation;
  let cache: ImageCache;
  try {
    cache = await openImageCache({
      config,
      // A reload changes the rules of fetching, and nothing of what is cached.
      fetcher: {
        fetchOriginal: (url, request) => fetcher.fetchOriginal(url, request),
        streamOriginal: (url, request) => fetcher.streamOriginal(url, request),
        close: () => Promise.resolve(),
      },
      pool: measuredPool(pool, metrics),
      release: versions(undefined).version,
      context: { env, log: warn },
      openStore,
      now,
      onFetched: (url, fetched) => metrics.fetched(URL.parse(url)?.hostname ?? "", fetched),
      onStoreChange: ({ store, operation, available, cause }) =>
        warn(
          available
            ? `The ${store} cache is in use again (${operation})`
            : `The ${store} cache fails and is left alone for a while (${operation})`,
          cause,
        ),
      onBackgroundFailure: (error) => warn("An image could not be refreshed", error),
    });
    closers.push(cache.close);
    showTiers(cache);
    const requestId = createRequestIds();
    const pages: OperatorPages = {
      isReady: () => !draining && pool.stats().ready > 0,
      metrics: () => metrics.page(others?.figures),
    };
    begin = (rules) => {
      const { timeout, adminAddr, purgeToken, page, ...shown } = rules.config;
      const { verbose, serverTiming, xCache } = shown;
      const purge = purgeToken
        ? createPurgeHandler({
          token: purgeToken,
          grammar: grammarOf(rules),
          purge: others?.purge ?? cache.purge,
        })
        : undefined;
      const server = createImageServer(rules, { cache, now, onBreak });
      const app = createApp({
        server,
        timeoutMs: timeout,
        pages: adminAddr ? undefined : pages,
        purge: adminAddr ? undefined : purge,
        page: page ? createPage() : undefined,
        maxHeaderBytes: rules.config.maxHeaderBytes,
        clientAddress: createClientAddress(rules.config.trustedProxies),
      });
      const observed = { metrics, log, telemetry, requestId, verbose, serverTiming, xCache };
      const operator = createOperatorApp(pages, { purge });
      return { config: rules.config, operator, handle: createHandler({ app, server }, observed) };
    };
    generation = begin({ config, signatureKeys, presets });
    const { socketMode } = config;
    const handler: Handler = (request, peer) => generation.handle(request, peer);
    const door = { socketMode, onBreak };
    listeners.push(await listen(config.addr, { ...door, handler, shared: others !== undefined }));
    if (config.adminAddr && others?.leads !== false) {
      const handler: Handler = (request, peer) =>
        generation.operator.fetch(request, { target: targetOf(request), peer });
      listeners.push(await listen(config.adminAddr, { ...door, handler }));
    }
    warnIfExposed({ config, signatureKeys });
    const rehearsal = new AbortController();
    const rehearsed = rehearseFetch(rehearsal.signal);
    closers.unshift(() => (rehearsal.abort(), rehearsed));
  } catch (error) {
    for (const listener of listeners) await listener.shutdown();
    await stop();
    throw error;
  }

  function warnIfExposed(rules: Pick<Rules, "config" | "signatureKeys">): void {
    if (others?.leads === false) return;
    const exposed = exposureWarning(rules.config, rules.signatureKeys);
    if (exposed) warn(exposed);
  }

  function showTiers({ tiers }: ImageCache): void {
    for (const level of tiers.levels) {
      metrics.registerTier(level.name, () => readTier(level, tiers.counters.queues));
    }
  }

  function reload({ config: wanted, signatureKeys, presets }: Rules): SettingName[] {
    const { config: current, ignored } = withFixed(wanted, generation.config);
    const successor = hireFetcher(current);
    generation = begin({ config: current, signatureKeys, presets });
    warnIfExposed({ config: current, signatureKeys });
    const retired = fetcher;
    fetcher = successor;
    // Nothing that the old one has begun can take longer than its own limit.
    const timer = setTimeout(() => {
      retiring.delete(timer);
      fetchers.delete(retired);
      void retired.close();
    }, current.fetchTimeout + LAST_ANSWERS_MS);
    retiring.add(timer);
    return ignored;
  }

  async function close(): Promise<void> {
    if (draining) return;
    draining = true;
    const { drainDelay, stopTimeout } = generation.config;
    if (drainDelay > 0) await new Promise((resolve) => setTimeout(resolve, drainDelay));
    const [front, admin] = listeners;
    const answered = front!.shutdown();
    if (!await settlesWithin(answered, stopTimeout)) {
      // What waits for an origin or a worker is answered with an error, for which there is a moment.
      pool.close();
      await closeFetchers();
      await settlesWithin(answered, LAST_ANSWERS_MS);
    }
    await stop();
    await settlesWithin(admin?.shutdown(), LAST_ANSWERS_MS);
  }

  return {
    url: listeners[0]!.url,
    adminUrl: listeners[1]?.url,
    poolStats: pool.stats,
    figures: metrics.figures,
    purge: cache.purge,
    reload,
    close,
  };
}

/** Whether the promise settles in time; 0 gives it none. */
async function settlesWithin(
  promise: Promise<void> | undefined,
  milliseconds: number,
): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds);
  });
  try {
    return await Promise.race([promise?.then(() => true) ?? true, late]);
  } finally {
    clearTimeout(timer);
  }
}
