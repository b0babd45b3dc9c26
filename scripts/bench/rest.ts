// The memory of the whole program while it has nothing to do, and what is left of a load: the product alone,
// since the others have no processes or workers to let go.
import { mixedCase, PATHS } from "./cases.ts";
import { findEditions } from "./contenders.ts";
import { inFlight, pause } from "./measure.ts";
import { type ServerProcess, ticksOf } from "./processes.ts";

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
const TRANSFORMS = 2000;
/** Minutes until workers have been let go, a successor has warmed up, and what the load left is collected. */
const SETTLE_MINUTES = 10;

/** Measures every edition that is there on these cores, with pictures of the local origin. */
export async function measureRest(origin: string, cores: string): Promise<RestUse[]> {
  await using stack = new AsyncDisposableStack();
  const loaded: (Omit<RestUse, "after"> & { server: ServerProcess })[] = [];
  for (const { name, start } of findEditions()) {
    const byWorkers: Record<number, number> = {};
    for (const workers of WORKERS) {
      const count = String(workers);
      await using server = await start(cores, ["-workers", count, "-minWorkers", count]);
      byWorkers[workers] = await atRest(server);
    }
    const server = stack.use(await start(cores, ["-workers", "2"]));
    const before = await atRest(server);
    loaded.push({
      edition: name,
      byWorkers,
      before,
      load: await putUnderLoad(server, origin),
      server,
    });
  }
  // All settle together.
  await pause(SETTLE_MINUTES * 60_000);
  const results: RestUse[] = [];
  for (const { server, ...use } of loaded) results.push({ ...use, after: await atRest(server) });
  return results;
}

/** The most bytes that it takes meanwhile. */
async function putUnderLoad(server: ServerProcess, origin: string): Promise<number> {
  let most = 0;
  const watch = setInterval(() => most = Math.max(most, server.memory()), 100);
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
  return most;
}

/** Bytes once it has done nothing for some seconds: at first all workers warm up, however busy the machine is. */
async function atRest(server: ServerProcess): Promise<number> {
  await pause(3000);
  for (let quiet = 0; quiet < 4;) {
    const before = ticksOf(server.pid);
    await pause(1000);
    quiet = ticksOf(server.pid) - before < QUIET_TICKS ? quiet + 1 : 0;
  }
  return server.memory();
}

/** Hundredths of a second that it spends in a second on telling its state. */
const QUIET_TICKS = 4;

/** What it says of how it was measured, for the document. */
export const HOW_RESTED =
  `Megabytes of all processes together (proportional set size), each with the variable for the C library of ` +
  `deploy/. With all workers started, and with two workers before ${
    TRANSFORMS.toLocaleString("en")
  } mixed ` +
  `transforms, 8 in flight, and ${SETTLE_MINUTES} minutes after them.`;
