// Runs the program, compiled where that has been done, under full load with one request in five of them
// hostile, and watches the memory of all its processes. Everything stays on this machine.
//   deno run --lock=dev.lock -A scripts/soak.ts [minutes]
import { findEditions } from "./bench/contenders.ts";
import { type Load, startLoad } from "./soak/load.ts";
import { openFiles, setSizes } from "./bench/processes.ts";

const MINUTES = Number(Deno.args[0] ?? 10);
const SAMPLE_MS = 1_000;
/** Nothing has been in work for so long before what is left is looked at, if that comes within half a minute. */
const REST_MS = 3_000;
const REST_WITHIN_MS = 30_000;
/** Minutes that may pass until all has been needed once. */
const WARM_UP = 2;

const BUSY = ["imageproxy_workers_busy", "imageproxy_queue_length"];
const TOLD = [
  "nodejs_heap_size_total_bytes",
  "nodejs_external_memory_bytes",
  'imageproxy_cache_tier_bytes{tier="memory"}',
];

interface Sample {
  server: number;
  engine: number;
  files: number;
}

interface Minute {
  /** In the median, while there is load. */
  loaded: Sample;
  most: number;
  /** When nothing is in work. */
  rest: Sample;
  /** Megabytes of the server's own, as it tells them: V8's heap, what lies beside it, and the cache. */
  told: readonly string[];
}

const edition = findEditions().at(-1)!;
await using load = await startLoad();
await using server = await edition.start("0,1", [
  ...["-cache", "memory:50", "-allowHosts", load.hosts, "-workers", "2"],
  ...["-transformTimeout", "10s", "-idleTimeout", "3s", "-sendTimeout", "2s"],
]);
console.log(`${edition.name}: ${MINUTES} minutes, ${load.description}, at ${server.url}`);

const minutes: Minute[] = [];
for (let minute = 1; minute <= MINUTES; minute++) {
  const samples: Sample[] = [];
  const sampler = setInterval(() => samples.push(look()), SAMPLE_MS);
  await load.run(server.url, 55_000).finally(() => clearInterval(sampler));
  const figures = await rested();
  const loaded = {
    server: median(samples.map(({ server }) => server)),
    engine: median(samples.map(({ engine }) => engine)),
    files: median(samples.map(({ files }) => files)),
  };
  const most = Math.max(...samples.map(({ server, engine }) => server + engine));
  const told = TOLD.map((name) => mb(figures.get(name) ?? 0));
  minutes.push({ loaded, most, rest: look(), told });
  console.log(describe(minute, minutes.at(-1)!));
}
report(load);

function look(): Sample {
  const { own, engine } = setSizes(server.pid);
  return { server: own, engine, files: openFiles(server.pid) };
}

/** Waits until nothing is in work; gives the server's figures of then. */
async function rested(): Promise<Map<string, number>> {
  const end = performance.now() + REST_WITHIN_MS;
  let idleSince = Infinity;
  for (;;) {
    const figures = await figuresOf(server.url);
    const now = performance.now();
    const isBusy = BUSY.some((name) => figures.get(name) !== 0);
    idleSince = isBusy ? Infinity : Math.min(idleSince, now);
    if (now - idleSince > REST_MS || now > end) return figures;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function figuresOf(url: string): Promise<Map<string, number>> {
  const page = await (await fetch(`${url}/metrics`)).text();
  const lines = page.split("\n").map((line) => /^([^#]\S*) (\S+)$/.exec(line));
  return new Map(lines.flatMap((found) => found ? [[found[1]!, Number(found[2])]] : []));
}

function describe(minute: number, { loaded, most, rest, told }: Minute): string {
  const both = ({ server, engine }: Sample) =>
    `${mb(server + engine)} MB (server ${mb(server)}, engine ${mb(engine)})`;
  return `minute ${minute}: ${both(loaded)}, at most ${mb(most)}; at rest ${both(rest)}, ` +
    `${rest.files} files, told ${told.join("/")}; ${JSON.stringify(load.counts)}`;
}

function report({ counts, statuses, milliseconds }: Load): void {
  console.log(`hostile: ${JSON.stringify(statuses)}`);
  console.log(`good requests took ${median(milliseconds).toFixed(0)} ms in the median`);
  const rises = (["loaded", "rest"] as const).map((when) => {
    const values = minutes.slice(WARM_UP).map((minute) => minute[when])
      .map(({ server, engine }) => server + engine);
    return `${when} ${mb(perStep(values))} MB a minute at ${mb(mean(values))} MB`;
  });
  console.log(`from minute ${WARM_UP + 1} on memory rises: ${rises.join(", ")}`);
  if (counts.failed > 0 || statuses["500"]) Deno.exitCode = 1;
}

/** By how much values rise from each to the next, as the straight line nearest to them does. */
function perStep(values: readonly number[]): number {
  const middle = (values.length - 1) / 2, average = mean(values);
  const [above, below] = values.reduce(
    ([above, below], value, at) => [
      above + (at - middle) * (value - average),
      below + (at - middle) ** 2,
    ],
    [0, 0],
  );
  return below === 0 ? 0 : above / below;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function mb(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
