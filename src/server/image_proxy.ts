// The image proxy as a part of another program: what it listens on, and when it ends, are that one's affair.
import { ProxyError } from "../errors.ts";
import type { Removal } from "../cache/removal.ts";
import { createLog, type Log } from "../ops/log.ts";
import { readRules } from "../serving/image_server.ts";
import { resolveConfig } from "../settings/resolve.ts";
import type { SettingName } from "../settings/table.ts";
import { refuse } from "./app.ts";
import { unmapped } from "./listen.ts";
import { openService } from "./service.ts";
import { settlesWithin } from "../settles_within.ts";

/** Settings that mean something only to a program that listens by itself. */
const OF_LISTENERS = [
  ...["addr", "adminAddr", "socketMode", "parallel", "drainDelay", "logFormat", "config"] as const,
] satisfies SettingName[];

/** The settings of docs/settings.md, as in a config file; those of listeners and processes left out. */
export type ImageProxySettings = {
  readonly [Name in Exclude<SettingName, (typeof OF_LISTENERS)[number]>]?:
    | string
    | number
    | boolean
    | readonly (string | number | boolean)[]
    | Readonly<Record<string, unknown>>
    | undefined;
};

export interface ImageProxyOptions {
  /** Where log lines go; to the console unless told. */
  log?: Pick<Log, "request" | "event">;
  /** Reads the variables that caches and sources take their credentials from; this process's unless told. */
  env?: (name: string) => string | undefined;
}

/** Who sent a request, as `Deno.serve` tells its handler, and Hono its `env`. */
export interface Sender {
  remoteAddr?: { hostname?: string };
}

export interface ImageProxy extends AsyncDisposable {
  /** Answers a request; what goes wrong is an answer too. */
  readonly fetch: (request: Request, sender?: unknown) => Promise<Response>;
  /** Answers the operator: /health-check, /ready, /metrics, and PURGE with the token of `purgeToken`. */
  readonly operate: (request: Request, sender?: unknown) => Promise<Response>;
  /** Removes a picture, by its remote URL, and what was made of it from the caches. */
  readonly purge: (remoteUrl: string) => Promise<Removal>;
  /**
   * Gives what is in flight the `stopTimeout`, writes what waits to be written to a cache, and ends the
   * engine's process. From then on requests are answered 503.
   */
  readonly close: () => Promise<void>;
}

/**
 * Starts an image proxy that answers requests of whoever listens. Rejects, and leaves nothing running, with
 * one sentence for each setting that cannot be used.
 */
export async function createImageProxy(
  settings: ImageProxySettings = {},
  { log = consoleLog(), env = (name) => Deno.env.get(name) }: ImageProxyOptions = {},
): Promise<ImageProxy> {
  const values = Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  );
  const { config, problems } = resolveConfig({}, () => undefined, {
    file: { path: "the settings", values },
  });
  for (const name of OF_LISTENERS) {
    if (Object.hasOwn(values, name)) {
      problems.push(`${name} in the settings is for a server of its own`);
    }
  }
  if (problems.length > 0) throw new Error(problems.join("; "));
  const rules = await readRules(config, Deno);
  const service = await openService({ ...rules, log, env, hidesOperatorPages: true });
  const pending = new Set<Promise<unknown>>();
  let closed: Promise<void> | undefined;

  /** Answers, and is known to be in flight until then. */
  function answering(handle: typeof service.handle): ImageProxy["fetch"] {
    return async (request, sender) => {
      if (closed) {
        const refusal = new ProxyError("busy", "The server is stopping", { retryAfter: 1 });
        return refuse(request, { state: { target: undefined, peer: undefined }, refusal });
      }
      const answer = Promise.resolve(handle(request, peerOf(sender)));
      pending.add(answer);
      try {
        return await answer;
      } finally {
        pending.delete(answer);
      }
    };
  }

  async function close(): Promise<void> {
    service.drain();
    if (!await settlesWithin(Promise.allSettled(pending), config.stopTimeout)) {
      await service.abort();
      await Promise.allSettled(pending);
    }
    await service.close();
  }

  return {
    fetch: answering(service.handle),
    operate: answering(service.handleOperator),
    purge: service.purge,
    close: () => closed ??= close(),
    [Symbol.asyncDispose]: () => closed ??= close(),
  };
}

/** The address of the connection's other end, where whoever listens knows it. */
function peerOf(sender: unknown): string | undefined {
  const hostname = (sender as Sender | undefined)?.remoteAddr?.hostname;
  return typeof hostname === "string" ? unmapped(hostname) : undefined;
}

/**
 * Never called: what it names is thereby in the module graph of a host, and Deno fetches its packages with the host's
 * own. The engine's process, which starts from these modules, may fetch nothing.
 */
const _engineModules = (): Promise<unknown>[] => [
  import("../../main.ts"),
  import("../image/engine/worker.ts"),
];

function consoleLog(): Log {
  const write = (text: string) => console.error(text.trimEnd());
  return createLog({ format: "text", now: Date.now, sink: { write, flush() {} } });
}
