// The measurements, each on servers that are started for it.
import { readHeader } from "../../src/image/formats/read_header.ts";
import { type Case, CASES, mixedCase } from "./cases.ts";
import { type Contender, startBare } from "./contenders.ts";
import type { Pictures } from "./pictures.ts";
import type { ServerProcess } from "./processes.ts";
import { similarity } from "../../src/image/formats/coding/similarity.ts";
import { brightnessOf } from "./likeness.ts";

export interface Setup {
  contenders: readonly Contender[];
  /** The local origin, without a slash at its end. */
  origin: string;
  pictures: Pictures;
  rounds: number;
}

/** One number per contender, by name; undefined where one failed. */
export type Row = Partial<Record<Contender["name"], number>>;

interface Running {
  contender: Contender;
  server: ServerProcess;
  get(wish: Case): Promise<Uint8Array>;
}

/** After this many seconds, and three rounds, a transform has been timed enough. */
const CASE_SECONDS = 8;

let asked = 0;

async function withServers<T>(
  { contenders, origin }: Setup,
  { cores, use }: { cores: string; use(running: Running[]): Promise<T> },
): Promise<T> {
  await using stack = new AsyncDisposableStack();
  const running: Running[] = [];
  for (const contender of contenders) {
    const server = stack.use(await contender.start(cores));
    const get = async (wish: Case) => {
      // Each time another URL, so that nobody can answer from a cache.
      const url = `${origin}/${wish.picture}?n=${asked++}`;
      const response = await fetch(server.url + contender.pathOf(wish, url));
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (response.ok) return bytes;
      throw new Error(`${contender.name}: ${response.status} ${new TextDecoder().decode(bytes)}`);
    };
    running.push({ contender, server, get });
  }
  return await use(running);
}

export interface TransformTimes {
  wish: Case;
  /** Milliseconds from request to the last byte: of all rounds the fastest, and the one in the middle. */
  ms: Row;
  medians: Row;
  kilobytes: Row;
  /** How much the result looks like the original at its size; 1 is the same. */
  likeness: Row;
}

/** Milliseconds per transform, one request at a time, the contenders by turns. */
export function timeTransforms(setup: Setup, cores: string): Promise<TransformTimes[]> {
  return withServers(setup, {
    cores,
    async use(running) {
      const results: TransformTimes[] = [];
      for (const wish of CASES) {
        const times = new Map(running.map(({ contender }) => [contender.name, [] as number[]]));
        const kilobytes: Row = {};
        const likeness: Row = {};
        for (const { contender: { name }, get } of running) {
          const bytes = await get(wish);
          kilobytes[name] = bytes.length / 1000;
          checkResult(bytes, { wish, name });
          const result = brightnessOf(bytes);
          likeness[name] = similarity(
            result,
            brightnessOf(setup.pictures[wish.picture], result),
          );
        }
        const end = performance.now() + CASE_SECONDS * 1000;
        for (let round = 0; round < setup.rounds; round++) {
          if (round >= 3 && performance.now() > end) break;
          for (const { contender, get } of running) {
            const started = performance.now();
            await get(wish);
            times.get(contender.name)!.push(performance.now() - started);
          }
        }
        const rowOf = (take: (list: number[]) => number): Row =>
          Object.fromEntries([...times].map(([name, list]) => [name, take(list)]));
        const ms = rowOf((list) => Math.min(...list));
        results.push({ wish, ms, medians: rowOf(median), kilobytes, likeness });
      }
      return results;
    },
  });
}

function checkResult(bytes: Uint8Array, { wish, name }: { wish: Case; name: string }): void {
  const header = readHeader(bytes);
  if (header?.format === wish.format && header.width === wish.width) return;
  const got = header ? `${header.format} of width ${header.width}` : "no image";
  throw new Error(`${name} gave ${got} for ${wish.name}`);
}

export interface Throughput {
  /** JPEGs of widths from 200 to 790. */
  photos: Row;
  /** What the web has. */
  mixed: Row;
}

/** Pictures per second, 8 requests in flight, each of another width; the best of three turns. */
export async function timeThroughput(setup: Setup, cores: string): Promise<Throughput> {
  return {
    photos: await rates(setup, { cores, count: 60, wish: (n) => widthCase(200 + n * 10) }),
    mixed: await rates(setup, { cores, count: 80, wish: mixedCase }),
  };
}

function rates(
  setup: Setup,
  { cores, count, wish }: { cores: string; count: number; wish(n: number): Case },
): Promise<Row> {
  return withServers(setup, {
    cores,
    async use(running) {
      const perSecond: Row = {};
      for (let turn = 0; turn < 4; turn++) {
        for (const { contender, get } of running) {
          const started = performance.now();
          await inFlight(8, { count, ask: (n) => get(wish(n)) });
          const rate = count / (performance.now() - started) * 1000;
          // The first turn warms up.
          if (turn > 0) perSecond[contender.name] = Math.max(perSecond[contender.name] ?? 0, rate);
        }
      }
      return perSecond;
    },
  });
}

function widthCase(width: number): Case {
  return { name: `JPEG → ${width}`, picture: "photo.jpg", width, format: "jpeg", quality: 80 };
}

/** Asks so many times, so many at once. */
export async function inFlight(
  lanes: number,
  { count, ask }: { count: number; ask(n: number): Promise<unknown> },
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await ask(next++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

export interface StartTimes {
  /** Milliseconds from the start of the process to its first answer. */
  start: Row;
  /** Milliseconds of the first transform after that, and of the same one in the long run. */
  first: Row;
  steady: Row;
}

/** From the start of the process to pictures, the median of several starts. */
export async function timeStarts(setup: Setup, cores: string): Promise<StartTimes> {
  const lists: Record<keyof StartTimes, Partial<Record<Contender["name"], number[]>>> = {
    start: {},
    first: {},
    steady: {},
  };
  for (let turn = 0; turn < 5; turn++) {
    for (const contender of setup.contenders) {
      await withServers({ ...setup, contenders: [contender] }, {
        cores,
        async use([running]) {
          const { server, get } = running!;
          const add = (kind: keyof StartTimes, ms: number) =>
            (lists[kind][contender.name] ??= []).push(ms);
          add("start", server.startMs);
          await pause(1000);
          const times: number[] = [];
          for (let n = 0; n < 25; n++) {
            const started = performance.now();
            await get(CASES[1]!);
            times.push(performance.now() - started);
          }
          add("first", times[0]!);
          add("steady", median(times.slice(-10)));
        },
      });
    }
  }
  const medians = (kind: keyof StartTimes): Row =>
    Object.fromEntries(Object.entries(lists[kind]).map(([name, list]) => [name, median(list)]));
  return { start: medians("start"), first: medians("first"), steady: medians("steady") };
}

export interface MemoryUse {
  rest: Row;
  load: Row;
  after200: Row;
  after2000: Row;
}

/** Bytes: at rest, the most under load, and after many transforms of every kind. */
export async function measureMemory(setup: Setup, cores: string): Promise<MemoryUse> {
  const use: MemoryUse = { rest: {}, load: {}, after200: {}, after2000: {} };
  for (const contender of setup.contenders) {
    await withServers({ ...setup, contenders: [contender] }, {
      cores,
      async use([running]) {
        const { server, get } = running!;
        const { name } = contender;
        await pause(2000);
        use.rest[name] = server.memory();
        const watch = setInterval(
          () => use.load[name] = Math.max(use.load[name] ?? 0, server.memory()),
          100,
        );
        const ask = (n: number) => get(mixedCase(n));
        try {
          await inFlight(8, { count: 200, ask });
          await pause(1000);
          use.after200[name] = server.memory();
          await inFlight(8, { count: 1800, ask: (n) => ask(n + 200) });
          await pause(1000);
          use.after2000[name] = server.memory();
        } finally {
          clearInterval(watch);
        }
      },
    });
  }
  return use;
}

/** Requests per second that wrk or autocannon gets for a cached picture, beside a bare Deno.serve. */
export interface HitRates {
  kilobytes: number;
  connections: number;
  perSecond: number;
  bare: number;
  /** Milliseconds within which 99 of 100 are answered, in the best turn. */
  slow: number;
  bareSlow: number;
}

/** Cached hits of a picture of some 20 and one of some 150 KB. */
export async function timeHits(
  setup: Setup,
  { cores, tool, seconds }: {
    cores: { server: string; client: string };
    tool: string;
    seconds: number;
  },
): Promise<HitRates[]> {
  const results: HitRates[] = [];
  const ours = setup.contenders[0]!;
  for (const [width, connections] of [[330, 32], [330, 100], [1080, 32]] as const) {
    await using server = await ours.start(cores.server, ["-cache", "memory:100"]);
    const url = server.url + ours.pathOf(widthCase(width), `${setup.origin}/photo.jpg`);
    const first = new Uint8Array(await (await fetch(url)).arrayBuffer());
    await using bare = await startBare(cores.server, first.length);
    const loading = { tool, seconds, cores: cores.client, connections };
    let [best, bestBare] = [NOTHING, NOTHING];
    for (let turn = 0; turn < 3; turn++) {
      bestBare = better(bestBare, await load(bare.url, loading));
      best = better(best, await load(url, loading));
    }
    results.push({
      kilobytes: first.length / 1000,
      connections,
      ...{ perSecond: best.perSecond, bare: bestBare.perSecond },
      ...{ slow: best.slow, bareSlow: bestBare.slow },
    });
  }
  return results;
}

interface Load {
  perSecond: number;
  /** Milliseconds within which 99 of 100 are answered. */
  slow: number;
}

const NOTHING: Load = { perSecond: 0, slow: Infinity };

function better(a: Load, b: Load): Load {
  return b.perSecond > a.perSecond ? b : a;
}

async function load(
  url: string,
  { tool, seconds, cores, connections }: {
    tool: string;
    seconds: number;
    cores: string;
    connections: number;
  },
): Promise<Load> {
  const args = tool === "wrk"
    ? ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency", url]
    : ["-c", String(connections), "-d", String(seconds), "--json", url];
  const { stdout } = await new Deno.Command("taskset", { args: ["-c", cores, tool, ...args] })
    .output();
  const text = new TextDecoder().decode(stdout);
  if (tool !== "wrk") {
    const { requests, latency } = JSON.parse(text);
    return { perSecond: requests.average, slow: latency.p99 };
  }
  if (/Non-2xx/.test(text)) throw new Error(`Failures among the answers: ${text}`);
  const [, slow, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(text)!;
  return {
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    slow: Number(slow) * { us: 0.001, ms: 1, s: 1000 }[unit as "us" | "ms" | "s"],
  };
}

/** The middle one of the numbers. */
export function median(list: readonly number[]): number {
  const sorted = list.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
