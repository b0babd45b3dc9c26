// Several servers in one process, each on a thread of its own with all that a server has, which accept from
// one port: for machines where answering from memory keeps more than one core busy.
import { type Calls, createCalls } from "./calls.ts";
import { createCdnId } from "../http/cdn_loop.ts";
import type { Removal } from "../cache/removal.ts";
import type { Rules } from "../serving/image_server.ts";
import type { Level, RequestLine } from "../ops/log.ts";
import type { Figures } from "../ops/metrics.ts";
import { lend, openPool, partOf } from "./engine_pool.ts";
import { type RunningServer, startServer } from "./server.ts";
import type { ServiceOptions } from "./service.ts";
import { shareOf } from "../settings/share.ts";
import type { SiblingMethods } from "./thread_calls.ts";

interface Sibling {
  calls: Calls<SiblingMethods>;
  end(reason: Error): void;
}

/** Milliseconds before a thread that ended is replaced; twice as many after each that did not live as long. */
const REPLACE_AFTER_MS = 1000;
const REPLACE_AFTER_AT_MOST_MS = 60_000;

/** Starts as many servers as `-parallel` says. Rejects, and leaves nothing behind, where one cannot start. */
export async function startServers(
  options: ServiceOptions,
  openThread: () => Worker = openSibling,
): Promise<RunningServer> {
  const { config, log, cdnId = createCdnId() } = options;
  const count = config.parallel;
  if (count === 1) return await startServer(options);
  if ("path" in config.addr) {
    throw new Error("-parallel takes a TCP address: only one thread can accept from a unix socket");
  }
  if (Deno.build.os !== "linux") {
    throw new Error(
      "-parallel works on Linux only: elsewhere one thread would get all connections",
    );
  }

  let rules: Rules = options;
  let closing = false;
  const siblings = new Set<Sibling>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const ask = <T>(question: (calls: Calls<SiblingMethods>) => Promise<T>) =>
    Promise.all([...siblings].map(({ calls }) => question(calls)));

  const figures = async (): Promise<Figures[]> => [
    await main.figures(),
    // One that ends meanwhile is left out, or nobody would see any figures.
    ...(await ask((calls) => calls.call("figures", undefined).catch(() => []))),
  ];
  const purge = async (url: string): Promise<Removal> => {
    const own = await main.purge(url);
    const others = await ask((calls) => calls.call("purge", url));
    const all = [own, ...others];
    return {
      // What several removed from a cache that all share was there once.
      removed: Math.max(...all.map(({ removed }) => removed)),
      failed: all.flatMap(({ failed }) => failed),
      ...(own.servers !== undefined && {
        servers: Math.max(...all.map(({ servers = 1 }) => servers)),
      }),
    };
  };

  const pool = openPool(options, {
    warn: (message, cause) => log.event("warning", `${message}: ${cause}`),
  });
  const main = await startServer({
    ...options,
    ...shared(rules),
    cdnId,
    others: { leads: true, pool: partOf(pool), figures, purge },
  }).catch(async (error) => {
    await pool.close();
    throw error;
  });
  const { port } = new URL(main.url);

  function shared(
    { config, signatureKeys, sourceKeys, presets, authorities, dialectKeys, fonts }: Rules,
  ): Rules {
    return {
      config: shareOf(config, count),
      ...{ signatureKeys, sourceKeys, presets, authorities, dialectKeys, fonts },
    };
  }

  /** What a sibling is given: the port that the main server has found, if it was to find one. */
  function rulesOfSibling(): Rules {
    const { config, ...others } = shared(rules);
    return { ...others, config: { ...config, addr: { ...config.addr, port: Number(port) } } };
  }

  async function hire(delay = REPLACE_AFTER_MS): Promise<void> {
    const worker = openThread();
    const calls: Calls<SiblingMethods> = createCalls<SiblingMethods>(worker, {
      ...lend(pool, (id) => calls.tell("begun", id)),
      figures,
      purge,
      request: (line: RequestLine) => log.request(line),
      event: ({ level, message }: { level: Level; message: string }) => log.event(level, message),
    });
    const started = performance.now();
    const sibling: Sibling = {
      calls,
      end(reason) {
        siblings.delete(sibling);
        calls.end(reason);
        worker.terminate();
      },
    };
    worker.onerror = (event) => {
      event.preventDefault();
      const wasServing = siblings.has(sibling);
      sibling.end(new Error(event.message));
      if (!wasServing || closing) return;
      log.event("error", `A serving thread ended and is replaced: ${event.message}`);
      const livedLong = performance.now() - started > REPLACE_AFTER_AT_MOST_MS;
      replaceAfter(livedLong ? REPLACE_AFTER_MS : delay);
    };
    try {
      await calls.call("start", { ...rulesOfSibling(), cdnId });
      if (closing) return sibling.end(new Error("The server is stopping"));
      siblings.add(sibling);
    } catch (error) {
      sibling.end(error as Error);
      throw error;
    }
  }

  function replaceAfter(delay: number): void {
    const timer = setTimeout(async () => {
      timers.delete(timer);
      const next = Math.min(2 * delay, REPLACE_AFTER_AT_MOST_MS);
      try {
        await hire(next);
      } catch (error) {
        if (closing) return;
        log.event("error", `A serving thread cannot be replaced yet: ${error}`);
        replaceAfter(next);
      }
    }, delay);
    timers.add(timer);
  }

  async function close(): Promise<void> {
    closing = true;
    for (const timer of timers) clearTimeout(timer);
    await Promise.all([
      main.close(),
      ask((calls) => calls.call("close", undefined).catch(() => {})),
    ]);
    for (const { end } of [...siblings]) end(new Error("The server is stopping"));
    await pool.close();
  }

  try {
    await Promise.all(Array.from({ length: count - 1 }, () => hire()));
  } catch (error) {
    await close();
    throw error;
  }

  return {
    ...main,
    reload(wanted) {
      const ignored = main.reload(shared(wanted));
      rules = { ...wanted, config: { ...wanted.config, parallel: count } };
      void ask((calls) => calls.call("reload", rulesOfSibling())).catch((error) =>
        log.event("error", `A serving thread goes on with the old rules: ${error}`)
      );
      return ignored;
    },
    figures: main.figures,
    purge,
    close,
  };
}

function openSibling(): Worker {
  return new Worker(new URL("./sibling.ts", import.meta.url), { type: "module" });
}
