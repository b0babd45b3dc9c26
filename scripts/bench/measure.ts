// The measurements, each on servers that are started for it.
import { readHeader } from "../../src/image/formats/read_header.ts";
import { type Case, CASES } from "./cases.ts";
import { type Contender, startBare } from "./contenders.ts";
import type { ServerProcess } from "./processes.ts";

export interface Setup {
  contenders: readonly Contender[];
  /** The local origin, without a slash at its end. */
  origin: string;
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
  /** Milliseconds from request to the last byte, the fastest of all rounds. */
  ms: Row;
  kilobytes: Row;
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
        for (const { contender, get } of running) {
          const bytes = await get(wish);
          kilobytes[contender.name] = bytes.length / 1000;
          checkResult(bytes, { wish, name: contender.name });
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
        const ms = Object.fromEntries([...times].map(([name, list]) => [name, Math.min(...list)]));
        results.push({ wish, ms, kilobytes });
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

/** Pictures per second, 8 requests in flight, each of another width; the best of three turns. */
export function timeThroughput(setup: Setup, cores: string): Promise<Row> {
  return withServers(setup, {
    cores,
    async use(running) {
      const perSecond: Row = {};
      for (let turn = 0; turn < 4; turn++) {
        for (const { contender, get } of running) {
          const count = 60;
          const started = performance.now();
          await inFlight(8, { count, ask: (n) => get(widthCase(200 + n * 10)) });
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

async function inFlight(
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

/** Resident bytes: at rest, the most under load, and after many transforms of every kind. */
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

/** Every kind of picture at ever other sizes; AVIF seldom, as it takes so long. */
function mixedCase(n: number): Case {
  const wish = n % 40 === 39 ? CASES.find(({ format }) => format === "avif")! : QUICK_CASES[n % 5]!;
  return { ...wish, width: Math.max(32, Math.round(wish.width * (0.25 + (n * 7919 % 100) / 133))) };
}

const QUICK_CASES = CASES.filter(({ format, width }) =>
  format !== "avif" && format !== "gif" && width < 1400
);

/** Requests per second that wrk or autocannon gets for a cached picture, beside a bare Deno.serve. */
export interface HitRates {
  kilobytes: number;
  perSecond: number;
  bare: number;
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
  for (const width of [330, 1080]) {
    await using server = await ours.start(cores.server, ["-cache", "memory:100"]);
    const url = server.url + ours.pathOf(widthCase(width), `${setup.origin}/photo.jpg`);
    const first = new Uint8Array(await (await fetch(url)).arrayBuffer());
    await using bare = await startBare(cores.server, first.length);
    const best = { kilobytes: first.length / 1000, perSecond: 0, bare: 0 };
    for (let turn = 0; turn < 3; turn++) {
      best.bare = Math.max(best.bare, await load(bare.url, { tool, seconds, cores: cores.client }));
      best.perSecond = Math.max(
        best.perSecond,
        await load(url, { tool, seconds, cores: cores.client }),
      );
    }
    results.push(best);
  }
  return results;
}

async function load(
  url: string,
  { tool, seconds, cores }: { tool: string; seconds: number; cores: string },
): Promise<number> {
  const args = tool === "wrk"
    ? ["-t1", "-c32", `-d${seconds}s`, url]
    : ["-c", "32", "-d", String(seconds), "--json", url];
  const { stdout } = await new Deno.Command("taskset", { args: ["-c", cores, tool, ...args] })
    .output();
  const text = new TextDecoder().decode(stdout);
  if (tool !== "wrk") return JSON.parse(text).requests.average;
  if (/Non-2xx/.test(text)) throw new Error(`Failures among the answers: ${text}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]);
}

/** The middle one of the numbers. */
export function median(list: readonly number[]): number {
  const sorted = list.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
