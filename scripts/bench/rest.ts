// The memory of the whole program while it has nothing to do, and what is left of a load: the product alone,
// since the others have no processes or workers to let go.
import { mixedCase, PATHS } from "./cases.ts";
import { findEditions } from "./contenders.ts";
import { inFlight, pause } from "./measure.ts";
import type { ServerProcess } from "./processes.ts";

export interface RestUse {
  edition: string;
  /** Bytes with so many workers, all of them started. */
  byWorkers: Readonly<Record<number, number>>;
  /** Bytes with two workers: before a load, at most, and when those have been let go that it needed. */
  before: number;
  load: number;
  after: number;
}

const WORKERS = [1, 2, 4, 8];
const TRANSFORMS = 300;
/** Seconds after which workers are let go here; the default is a minute. */
const IDLE_SECONDS = 5;
/** Seconds until that has been done, a successor has warmed up, and V8 has collected what the server left. */
const SETTLE_SECONDS = 120;

/** Measures every edition that is there on these cores, with pictures of the local origin. */
export async function measureRest(origin: string, cores: string): Promise<RestUse[]> {
  const results: RestUse[] = [];
  for (const { name, start } of findEditions()) {
    const byWorkers: Record<number, number> = {};
    for (const workers of WORKERS) {
      const count = String(workers);
      await using server = await start(cores, ["-workers", count, "-minWorkers", count]);
      byWorkers[workers] = await atRest(server);
    }
    await using server = await start(cores, [
      ...["-workers", "2", "-workerIdleTime", `${IDLE_SECONDS}s`],
    ]);
    results.push({ edition: name, byWorkers, ...await underLoad(server, origin) });
  }
  return results;
}

async function underLoad(
  server: ServerProcess,
  origin: string,
): Promise<Pick<RestUse, "before" | "load" | "after">> {
  const before = await atRest(server);
  let load = 0;
  const watch = setInterval(() => load = Math.max(load, server.memory()), 100);
  await inFlight(8, {
    count: TRANSFORMS,
    async ask(n) {
      const wish = mixedCase(n);
      const url = server.url + PATHS.imageproxy(wish, `${origin}/${wish.picture}?rest=${n}`);
      const response = await fetch(url);
      await response.arrayBuffer();
      if (!response.ok) throw new Error(`${url}: ${response.status}`);
    },
  }).finally(() => clearInterval(watch));
  await pause(SETTLE_SECONDS * 1000);
  return { before, load, after: await atRest(server) };
}

/** Bytes once they have been the same for a while: at first all workers warm up. */
async function atRest(server: ServerProcess): Promise<number> {
  await pause(3000);
  for (let before = server.memory();;) {
    await pause(1500);
    const now = server.memory();
    if (Math.abs(now - before) < 0.01 * before) return now;
    before = now;
  }
}

/** What it says of how it was measured, for the document. */
export const HOW_RESTED =
  `Megabytes of all processes together (proportional set size). With all workers started, and with two ` +
  `workers before and after ${TRANSFORMS} mixed transforms, 8 in flight, with workers let go after ${IDLE_SECONDS} s, ${SETTLE_SECONDS} s later.`;
