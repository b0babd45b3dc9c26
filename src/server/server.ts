// The program's own server: listens, takes new rules while it runs, and stops in good order.
import type { Removal } from "../cache/removal.ts";
import { rehearseFetch } from "../http/origin/rehearsal.ts";
import type { PoolStats } from "../image/engine/pool.ts";
import type { Figures } from "../ops/metrics.ts";
import type { Rules } from "../serving/image_server.ts";
import { exposureWarning } from "../settings/exposure.ts";
import type { SettingName } from "../settings/table.ts";
import { listen, type Listener } from "./listen.ts";
import { openService, type ServiceOptions } from "./service.ts";
import { settlesWithin } from "../settles_within.ts";

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

/** After the stop timeout, how long the last answers may take on their way. */
const LAST_ANSWERS_MS = 1000;

/** Starts to serve. Rejects where an address cannot be listened on or a host list cannot be read. */
export async function startServer(options: ServiceOptions): Promise<RunningServer> {
  const { config, log, others } = options;
  const leads = others?.leads !== false;
  const service = await openService(options);
  const { onBreak } = service;
  const rehearsal = new AbortController();
  let rehearsed: Promise<void> | undefined;
  let closing = false;
  const listeners: Listener[] = [];
  try {
    const door = { socketMode: config.socketMode, onBreak };
    listeners.push(
      await listen(config.addr, { ...door, handler: service.handle, shared: others !== undefined }),
    );
    if (config.adminAddr && leads) {
      listeners.push(await listen(config.adminAddr, { ...door, handler: service.handleOperator }));
    }
    warnIfExposed(options);
    rehearsed = rehearseFetch(rehearsal.signal);
  } catch (error) {
    for (const listener of listeners) await listener.shutdown();
    await service.close();
    throw error;
  }

  function warnIfExposed({ config, signatureKeys }: Pick<Rules, "config" | "signatureKeys">): void {
    const exposed = leads ? exposureWarning(config, signatureKeys) : undefined;
    if (exposed) log.event("warning", exposed);
  }

  function reload(rules: Rules): SettingName[] {
    const ignored = service.reload(rules);
    warnIfExposed({ ...rules, config: service.config() });
    return ignored;
  }

  async function close(): Promise<void> {
    if (closing) return;
    closing = true;
    service.drain();
    const { drainDelay, stopTimeout } = service.config();
    if (drainDelay > 0) await new Promise((resolve) => setTimeout(resolve, drainDelay));
    const [front, admin] = listeners;
    const answered = front!.shutdown();
    if (!await settlesWithin(answered, stopTimeout)) {
      // What waits for an origin or a worker is answered with an error, for which there is a moment.
      await service.abort();
      await settlesWithin(answered, LAST_ANSWERS_MS);
    }
    rehearsal.abort();
    await rehearsed;
    await service.close();
    await settlesWithin(admin?.shutdown(), LAST_ANSWERS_MS);
  }

  return {
    url: listeners[0]!.url,
    adminUrl: listeners[1]?.url,
    poolStats: service.poolStats,
    figures: service.figures,
    purge: service.purge,
    reload,
    close,
  };
}
