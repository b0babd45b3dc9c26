// Figures that others keep and a scrape reads: of the process, the workers and the cache tiers.
import process from "node:process";
import { type Aggregator, Counter, Gauge, type Registry } from "prom-client";

/** Counters of one cache tier since the start, and what it holds now; what is left out is not shown. */
export interface TierReading {
  hits: number;
  misses: number;
  writes?: number;
  /** Reads and writes that failed. */
  errors?: number;
  /** Reads and writes not tried, since the tier failed too often. */
  skipped?: number;
  evictions?: number;
  entries?: number;
  bytes?: number;
  /** Entries that wait to be written. */
  queued?: number;
}

export interface PoolReading {
  /** Processes of the engine, and bytes of memory that they take together. */
  processes: number;
  memory: number;
  /** Seconds that they and those before them have spent on processors. */
  processorSeconds: number;
  workers: number;
  running: number;
  waiting: number;
  /** Processes and workers replaced since the start, by reason. */
  replaced: Readonly<Record<string, number>>;
}

/** Memory, time on the processor and the event loop's lag, under the names that dashboards know. */
export function processReadings(registry: Registry, lagSeconds: () => number): void {
  const started = Date.now() / 1000 - performance.now() / 1000;
  // Of several servers in one process, each sees its own heap and all see the same process.
  const rows: readonly (readonly [
    name: string,
    help: string,
    read: () => number,
    aggregator: Aggregator,
  ])[] = [
    [
      "process_resident_memory_bytes",
      "Memory of the server's process",
      () => Deno.memoryUsage().rss,
      "first",
    ],
    [
      "nodejs_heap_size_total_bytes",
      "Heap of the main isolate",
      () => Deno.memoryUsage().heapTotal,
      "sum",
    ],
    ["nodejs_heap_size_used_bytes", "Heap in use", () => Deno.memoryUsage().heapUsed, "sum"],
    [
      "nodejs_external_memory_bytes",
      "Memory outside the heap",
      () => Deno.memoryUsage().external,
      "sum",
    ],
    ["process_start_time_seconds", "When the process started, since 1970", () => started, "min"],
    [
      "imageproxy_event_loop_lag_seconds",
      "Longest delay of the event loop of late",
      lagSeconds,
      "max",
    ],
  ];
  for (const [name, help, read, aggregator] of rows) {
    gauge(registry, { name, help, read, aggregator });
  }
  const cpu: readonly (readonly [name: string, read: () => number])[] = [
    ["process_cpu_user_seconds_total", () => process.cpuUsage().user / 1e6],
    ["process_cpu_system_seconds_total", () => process.cpuUsage().system / 1e6],
    ["process_cpu_seconds_total", () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    }],
  ];
  for (const [name, read] of cpu) {
    new Counter({
      name,
      help: "Time on the processor",
      aggregator: "first",
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }
}

/** `imageproxy_build_info`, which is always 1 and says by its labels which program this is. */
export function buildReadings(
  registry: Registry,
  read: () => { version: string; deno: string; imagemagick: string },
): void {
  new Gauge({
    name: "imageproxy_build_info",
    help: "Versions, as labels",
    aggregator: "first",
    registers: [registry],
    labelNames: ["version", "deno", "imagemagick"],
    collect() {
      this.reset();
      this.set(read(), 1);
    },
  });
}

/** What the workers do, read anew for every scrape. */
export function poolReadings(registry: Registry, read: () => PoolReading): void {
  gauge(registry, {
    name: "imageproxy_processes",
    help: "Processes of the engine",
    read: () => read().processes,
  });
  gauge(registry, {
    name: "imageproxy_engine_resident_memory_bytes",
    help: "Memory of the engine's processes",
    read: () => read().memory,
  });
  new Counter({
    name: "imageproxy_engine_cpu_seconds_total",
    help: "Time on the processor of the engine's processes",
    registers: [registry],
    collect() {
      this.reset();
      this.inc(read().processorSeconds);
    },
  });
  gauge(registry, {
    name: "imageproxy_workers",
    help: "Workers that transform images",
    read: () => read().workers,
  });
  gauge(registry, {
    name: "imageproxy_workers_busy",
    help: "Workers at work",
    read: () => read().running,
  });
  gauge(registry, {
    name: "imageproxy_queue_length",
    help: "Transforms that wait for a worker",
    read: () => read().waiting,
  });
  new Counter({
    name: "imageproxy_workers_replaced_total",
    help: "Workers and processes of the engine replaced",
    registers: [registry],
    labelNames: ["reason"],
    collect() {
      this.reset();
      for (const [reason, count] of Object.entries(read().replaced)) this.inc({ reason }, count);
    },
  });
}

const TIER_COUNTERS = ["hits", "misses", "writes", "errors", "skipped", "evictions"] as const;
const TIER_GAUGES = ["entries", "bytes", "queued"] as const;

/** The metrics of cache tiers, which show every tier that is registered with what is returned. */
export function tierReadings(
  registry: Registry,
): (name: string, read: () => TierReading | Promise<TierReading>) => void {
  const tiers = new Map<string, () => TierReading | Promise<TierReading>>();
  for (const figure of TIER_COUNTERS) {
    new Counter({
      name: `imageproxy_cache_tier_${figure}_total`,
      help: `Cache tiers: ${figure}`,
      registers: [registry],
      labelNames: ["tier"],
      async collect() {
        const readings = await readAll();
        this.reset();
        for (const [tier, reading] of readings) {
          if (reading[figure] !== undefined) this.inc({ tier }, reading[figure]);
        }
      },
    });
  }
  for (const figure of TIER_GAUGES) {
    new Gauge({
      name: `imageproxy_cache_tier_${figure}`,
      help: `Cache tiers: ${figure}`,
      registers: [registry],
      labelNames: ["tier"],
      async collect() {
        const readings = await readAll();
        this.reset();
        for (const [tier, reading] of readings) {
          if (reading[figure] !== undefined) this.set({ tier }, reading[figure]);
        }
      },
    });
  }

  // All figures of a scrape come from one reading of each tier.
  let reading: Promise<(readonly [string, TierReading])[]> | undefined;
  function readAll(): Promise<(readonly [string, TierReading])[]> {
    return reading ??= Promise.all(
      [...tiers].map(async ([name, read]) => [name, await read()] as const),
    ).finally(() => reading = undefined);
  }
  return (name, read) => void tiers.set(name, read);
}

function gauge(
  registry: Registry,
  { name, help, read, aggregator = "sum" }: {
    name: string;
    help: string;
    read: () => number;
    aggregator?: Aggregator;
  },
): void {
  new Gauge({
    name,
    help,
    aggregator,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
