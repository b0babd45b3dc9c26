// Puts the parts together as a Config says, listens, takes new rules while it runs, and stops in good order.
import { type App, createApp, createOperatorApp, type OperatorPages, targetOf } from "./app.ts";
import { type Config, type Setting, type SettingName, SETTINGS } from "./config.ts";
import { createImageServer, type Rules } from "./image_server.ts";
import { engineModule } from "./image/engine_module.js";
import { createPool } from "./image/pool.ts";
import { type Handler, listen, type Listener } from "./listen.ts";
import type { Log } from "./ops/log.ts";
import { measuredPool } from "./ops/measured.ts";
import { createMetrics } from "./ops/metrics.ts";
import { createObserver } from "./ops/observe.ts";
import { createRequestIds } from "./ops/request_id.ts";
import type { Telemetry } from "./ops/telemetry.ts";
import { versions } from "./version.ts";

export interface RunningServer {
  /** Where it listens, as a person would write it: `http://localhost:8080` or `unix:/path`. */
  url: string;
  /** Where the operator's pages are, if not there. */
  adminUrl: string | undefined;
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
  log: Pick<Log, "request">;
  telemetry?: Telemetry | undefined;
}

/** The requests that are answered by one set of rules. */
interface Generation {
  config: Config;
  handle: Handler;
  /** Ends the generation once nothing of it is in flight. */
  retire(): Promise<void>;
  /** Ends it now. */
  end(): Promise<void>;
}

/** After the stop timeout, how long the last answers may take on their way. */
const LAST_ANSWERS_MS = 1000;

/** Starts to serve. Rejects where an address cannot be listened on or a host list cannot be read. */
export async function startServer(
  { config, signatureKeys, log, telemetry }: StartOptions,
): Promise<RunningServer> {
  const metrics = createMetrics({
    maxHosts: config.metricsHosts,
    build: () => versions(pool.engineVersion()),
  });
  const pool = createPool({
    engine: engineModule,
    workers: config.workers,
    maxWaiting: config.maxWaiting,
    timeoutMs: config.transformTimeout,
    maxWorkerMemory: config.maxWorkerMemory,
  });
  /** What is written back or closed after the last request, in this order. */
  const closers: (() => void | Promise<void>)[] = [pool.close, metrics.close];
  const requestId = createRequestIds();
  let draining = false;
  const pages: OperatorPages = {
    isReady: () => !draining && pool.stats().ready > 0,
    metrics: metrics.page,
  };
  const workers = measuredPool(pool, metrics);

  function begin(rules: Rules): Generation {
    const { server, close } = createImageServer(rules, { pool: workers, metrics });
    const { timeout, verbose, serverTiming, xCache } = rules.config;
    const app = createApp({
      server,
      timeoutMs: timeout,
      pages: rules.config.adminAddr ? undefined : pages,
    });
    return createGeneration(rules.config, {
      handle: handlerOf(app, { metrics, log, telemetry, requestId, verbose, serverTiming, xCache }),
      close,
    });
  }

  let generation: Generation | undefined;
  const listeners: Listener[] = [];
  const stop = async () => {
    await generation?.end();
    for (const close of closers) await close();
  };
  try {
    generation = begin({ config, signatureKeys });
    const { socketMode } = config;
    const handler: Handler = (request) => generation!.handle(request);
    listeners.push(await listen(config.addr, { handler, socketMode }));
    if (config.adminAddr) {
      const app = createOperatorApp(pages);
      const handler: Handler = (request) => app.fetch(request, { target: targetOf(request) });
      listeners.push(await listen(config.adminAddr, { handler, socketMode }));
    }
  } catch (error) {
    for (const listener of listeners) await listener.shutdown();
    await stop();
    throw error;
  }

  async function close(): Promise<void> {
    if (draining) return;
    draining = true;
    const { drainDelay, stopTimeout } = generation!.config;
    if (drainDelay > 0) await new Promise((resolve) => setTimeout(resolve, drainDelay));
    const [front, admin] = listeners;
    const answered = front!.shutdown();
    if (!await settlesWithin(answered, stopTimeout)) {
      // What waits for an origin or a worker is answered with an error, for which there is a moment.
      pool.close();
      await generation!.end();
      await settlesWithin(answered, LAST_ANSWERS_MS);
    }
    await stop();
    await settlesWithin(admin?.shutdown(), LAST_ANSWERS_MS);
  }

  return {
    url: listeners[0]!.url,
    adminUrl: listeners[1]?.url,
    reload({ config: wanted, signatureKeys }) {
      const { config: current, ignored } = withFixed(wanted, generation!.config);
      const successor = begin({ config: current, signatureKeys });
      generation!.retire();
      generation = successor;
      return ignored;
    },
    close,
  };
}

function handlerOf(app: App, options: Parameters<typeof createObserver>[0]): Handler {
  const observe = createObserver(options);
  return (request) =>
    observe(request, { target: targetOf(request) }, (state) => app.fetch(request, state));
}

function createGeneration(
  config: Config,
  { handle, close }: { handle: Handler; close(): Promise<void> },
): Generation {
  let inFlight = 0;
  let ended: Promise<void> | undefined;
  let retired = false;
  const end = () => ended ??= close();
  return {
    config,
    async handle(request) {
      inFlight++;
      try {
        return await handle(request);
      } finally {
        inFlight--;
        if (retired && inFlight === 0) void end();
      }
    },
    async retire() {
      retired = true;
      if (inFlight === 0) await end();
    },
    end,
  };
}

/** The wanted settings, but those that are taken at the start as they are; and which of these differ. */
function withFixed(
  wanted: Config,
  current: Config,
): { config: Config; ignored: SettingName[] } {
  const fixed = (Object.entries(SETTINGS) as [SettingName, Setting<unknown>][])
    .filter(([, entry]) => entry.fixed)
    .map(([name]) => name);
  const kept = Object.fromEntries(fixed.map((name) => [name, current[name]]));
  return {
    config: { ...wanted, ...kept },
    ignored: fixed.filter((name) => JSON.stringify(wanted[name]) !== JSON.stringify(current[name])),
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
