// What answers requests, wherever they come from: the listeners of the program, or the server of another one.
import type { Store } from "../cache/drivers/store.ts";
import type { Removal } from "../cache/removal.ts";
import { ProxyError } from "../errors.ts";
import { createCdnId } from "../http/cdn_loop.ts";
import type { Lookup } from "../http/origin/connector.ts";
import type { PoolStats, TransformPool } from "../image/engine/pool.ts";
import type { Log } from "../ops/log.ts";
import type { Figures } from "../ops/metrics.ts";
import { createRequestIds } from "../ops/request_id.ts";
import type { Telemetry } from "../ops/telemetry.ts";
import type { Rules } from "../serving/image_server.ts";
import { withFixed } from "../settings/fixed_settings.ts";
import type { Config, SettingName } from "../settings/table.ts";
import { createReporter } from "../sources/reporter.ts";
import { createGeneration, type Generation } from "./generation.ts";
import type { Handler } from "./listen.ts";
import { openResources } from "./resources.ts";
import { createWaitingReaders } from "./waiting_readers.ts";

export interface ServiceOptions extends Rules {
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
  /** What this server calls itself towards origins, where several are one; a name of its own unless told. */
  cdnId?: string | undefined;
  /** Whether the operator's pages are nothing for the public; so they are with an adminAddr unless told. */
  hidesOperatorPages?: boolean;
}

export interface Others {
  /** Whether this one speaks for the process: listens on the operator's address, and warns. */
  readonly leads: boolean;
  /** Its part of the engine that all share. */
  readonly pool: TransformPool;
  /** The figures of all, this one's among them. */
  figures(): Promise<Figures[]>;
  /** Removes a picture from the caches of all, this one's among them. */
  purge(url: string): Promise<Removal>;
}

export interface Service {
  /** The settings in force. */
  config(): Config;
  /** Answers the public. */
  readonly handle: Handler;
  /** Answers the operator. */
  readonly handleOperator: Handler;
  /** Undefined where another server of the process has the engine. */
  readonly poolStats: (() => PoolStats) | undefined;
  /** What its own part of the metrics page shows. */
  figures(): Promise<Figures>;
  /** Removes a picture and what was made of it from its own caches. */
  purge(url: string): Promise<Removal>;
  /**
   * Puts new rules in force; requests under way end by the old ones. Returns the settings that differ but
   * are only taken at the start. Throws, and changes nothing, where the rules cannot be read.
   */
  reload(rules: Rules): SettingName[];
  /** To be told of an answer that broke off on its way. */
  onBreak(error: unknown): void;
  /** Is no longer ready from now on. */
  drain(): void;
  /** Ends what waits for an origin or a worker. */
  abort(): Promise<void>;
  /** Ends everything; what waits to be written to a cache is written first. */
  close(): Promise<void>;
}

/** Starts the engine and opens the caches. Rejects, and leaves nothing open, where the rules cannot be read. */
export async function openService(options: ServiceOptions): Promise<Service> {
  const { log, telemetry, others, now = Date.now, cdnId = createCdnId() } = options;
  const warn = (message: string, cause?: unknown) =>
    log.event("warning", cause === undefined ? message : `${message}: ${cause}`);
  const reportFallback = createReporter(
    (reason) => warn(`The fallback image cannot be shown: ${reason}`),
    now,
  );
  const onFallbackFailure = (error: unknown) => reportFallback(String(error));
  let draining = false;
  const resources = await openResources({
    ...options,
    pool: others?.pool,
    leads: others?.leads !== false,
    now,
    cdnId,
    inform: (message) => log.event("info", message),
    warn,
  });
  const { metrics, pool, cache } = resources;
  const observed = { metrics, log, telemetry, requestId: createRequestIds() };
  const pages = {
    isReady: () => !draining && pool.isReady(),
    metrics: () => metrics.page(others?.figures),
  };
  const purge = others?.purge ?? cache.purge;
  const waiting = createWaitingReaders();
  const begin = (rules: Rules) =>
    createGeneration(rules, {
      cache,
      waiting,
      observed,
      pages,
      purge,
      onBreak,
      onFallbackFailure,
      now,
      cdnId,
      hidesOperatorPages: options.hidesOperatorPages ?? rules.config.adminAddr !== undefined,
    });

  let generation: Generation;
  try {
    generation = begin(options);
  } catch (error) {
    await resources.close();
    throw error;
  }

  // Those who read the same body are told the same, and so is Deno, by some of its releases.
  const broken = new WeakSet<object>();
  function onBreak(error: unknown): void {
    const isNew = error instanceof Error && !broken.has(error);
    if (isNew) broken.add(error);
    // Origins that fail half-way are no failure of this server, and can be many.
    if (isNew && (generation.config.verbose || !(error instanceof ProxyError))) {
      warn("An answer broke off on its way to a client", error);
    }
  }

  return {
    config: () => generation.config,
    handle: (request, peer) => generation.handle(request, peer),
    handleOperator: (request, peer) => generation.handleOperator(request, peer),
    poolStats: pool.stats,
    figures: metrics.figures,
    purge: cache.purge,
    reload(rules) {
      const { config, ignored } = withFixed(rules.config, generation.config);
      const wanted = { ...rules, config };
      const successor = begin(wanted);
      resources.renew(wanted);
      generation = successor;
      return ignored;
    },
    onBreak,
    drain: () => void (draining = true),
    abort: resources.abort,
    close: resources.close,
  };
}
