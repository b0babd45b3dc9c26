// Starts a server as its rules say, takes new rules while it runs, and stops it in good order.
import type { Store } from "../cache/drivers/store.ts";
import type { Removal } from "../cache/removal.ts";
import { ProxyError } from "../errors.ts";
import type { Lookup } from "../http/origin/connector.ts";
import { rehearseFetch } from "../http/origin/rehearsal.ts";
import type { PoolStats, TransformPool } from "../image/engine/pool.ts";
import type { Log } from "../ops/log.ts";
import type { Figures } from "../ops/metrics.ts";
import { createRequestIds } from "../ops/request_id.ts";
import type { Telemetry } from "../ops/telemetry.ts";
import type { Rules } from "../serving/image_server.ts";
import { exposureWarning } from "../settings/exposure.ts";
import { createReporter } from "../sources/reporter.ts";
import { withFixed } from "../settings/fixed_settings.ts";
import type { SettingName } from "../settings/table.ts";
import { createGeneration, type Generation } from "./generation.ts";
import { listen, type Listener } from "./listen.ts";
import { openResources } from "./resources.ts";

export interface RunningServer {
  /** Where it listens, as a person would write it: `http://localhost:8080` or `unix:/path`. */
  url: string;
  /** Where the operator's pages are, if not there. */
  adminUrl: string | undefined;
  /** Undefined where another server of the process has them. */
  poolStats: (() => PoolStats) | undefined;
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
  /** Its part of the engine that all share. */
  readonly pool: TransformPool;
  /** The figures of all, this one's among them. */
  figures(): Promise<Figures[]>;
  /** Removes a picture from the caches of all, this one's among them. */
  purge(url: string): Promise<Removal>;
}

/** After the stop timeout, how long the last answers may take on their way. */
const LAST_ANSWERS_MS = 1000;

/** Starts to serve. Rejects where an address cannot be listened on or a host list cannot be read. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { config, log, telemetry, others, now = Date.now } = options;
  const leads = others?.leads !== false;
  const warn = (message: string, cause?: unknown) =>
    log.event("warning", cause === undefined ? message : `${message}: ${cause}`);

  const reportFallback = createReporter(
    (reason) => warn(`The fallback image cannot be shown: ${reason}`),
    now,
  );
  const onFallbackFailure = (error: unknown) => reportFallback(String(error));
  let draining = false;
  const inform = (message: string) => log.event("info", message);
  const resources = await openResources({
    ...options,
    pool: others?.pool,
    leads,
    now,
    inform,
    warn,
  });
  const { metrics, pool, cache } = resources;
  const rehearsal = new AbortController();
  let rehearsed: Promise<void> | undefined;
  const observed = { metrics, log, telemetry, requestId: createRequestIds() };
  const pages = {
    isReady: () => !draining && pool.isReady(),
    metrics: () => metrics.page(others?.figures),
  };
  const purge = others?.purge ?? cache.purge;
  const begin = (rules: Rules) =>
    createGeneration(rules, { cache, observed, pages, purge, onBreak, onFallbackFailure, now });

  let generation: Generation;
  const listeners: Listener[] = [];
  try {
    generation = begin(options);
    const door = { socketMode: config.socketMode, onBreak };
    listeners.push(
      await listen(config.addr, {
        ...door,
        handler: (request, peer) => generation.handle(request, peer),
        shared: others !== undefined,
      }),
    );
    if (config.adminAddr && leads) {
      const handler: Generation["handle"] = (request, peer) =>
        generation.handleOperator(request, peer);
      listeners.push(await listen(config.adminAddr, { ...door, handler }));
    }
    warnIfExposed(options);
    rehearsed = rehearseFetch(rehearsal.signal);
  } catch (error) {
    for (const listener of listeners) await listener.shutdown();
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

  function warnIfExposed({ config, signatureKeys }: Pick<Rules, "config" | "signatureKeys">): void {
    const exposed = leads ? exposureWarning(config, signatureKeys) : undefined;
    if (exposed) warn(exposed);
  }

  function reload(rules: Rules): SettingName[] {
    const { config, ignored } = withFixed(rules.config, generation.config);
    const wanted = { ...rules, config };
    const successor = begin(wanted);
    resources.renew(wanted);
    generation = successor;
    warnIfExposed(wanted);
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
      await resources.abort();
      await settlesWithin(answered, LAST_ANSWERS_MS);
    }
    rehearsal.abort();
    await rehearsed;
    await resources.close();
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
