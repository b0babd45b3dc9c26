// The figures of the server in Prometheus' format. Names that the Go program has are kept, so that its
// dashboards carry over; a histogram has the _sum and _count that its summaries have.
import {
  AggregatorRegistry,
  Counter,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from "prom-client";
import {
  buildReadings,
  type PoolReading,
  poolReadings,
  processReadings,
  type TierReading,
  tierReadings,
} from "./readings.ts";
import { createLagSampler } from "./lag.ts";
import type { Trace } from "./trace.ts";

/** Everything about one finished request that is counted. */
export interface FinishedRequest {
  status: number;
  bytes: number;
  milliseconds: number;
  /** Undefined for the server's own pages. */
  trace: Trace | undefined;
}

/** The figures of one server, as prom-client has them. */
export type Figures = MetricObjectWithValues<MetricValue<string>>[];

export interface Metrics {
  requestStarted(): void;
  requestFinished(request: FinishedRequest): void;
  /** One fetch from an origin, redirects included; `bytes` is undefined where it failed. */
  fetched(host: string, fetch: { milliseconds: number; bytes: number | undefined }): void;
  /** One transform in a worker; times in ms. */
  transformed(times: { queue: number; decode: number; transform: number; encode: number }): void;
  transformFailed(code: string): void;
  /** A client that had stopped reading was let go. */
  clientLetGo(): void;
  /** Shows a cache tier; `read` is called for every scrape and must not reject. */
  registerTier(name: string, read: () => TierReading | Promise<TierReading>): void;
  /** Shows the workers; called for every scrape. */
  registerPool(read: () => PoolReading): void;
  /** The page that Prometheus reads; of several servers together where `all` gives the figures of each. */
  page(all?: () => Promise<Figures[]>): Promise<{ body: string; contentType: string }>;
  /** What the page shows, as it can be handed to another thread. */
  figures(): Promise<Figures>;
  /** Stops sampling the event loop. */
  close(): void;
}

export interface MetricsOptions {
  /** Most origin hosts with a label of their own. */
  maxHosts: number;
  /** Versions shown by imageproxy_build_info. */
  build: () => { version: string; deno: string; imagemagick: string };
}

const FAST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function createMetrics({ maxHosts, build }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const seconds = (name: string, help: string) =>
    new Histogram({ name, help, registers, buckets: FAST_SECONDS });
  const counter = <L extends string = never>(name: string, help: string, labelNames: L[] = []) =>
    new Counter({ name, help, registers, labelNames });

  // The five that the Go program has.
  const requestDuration = seconds("http_request_duration_seconds", "Image requests, whole");
  let requestsInFlight = 0;
  new Gauge({
    name: "http_requests_in_flight",
    help: "Requests being answered",
    registers,
    collect() {
      this.set(requestsInFlight);
    },
  });
  const servedFromCache = counter(
    "imageproxy_requests_served_from_cache_total",
    "Requests answered from a cache",
  );
  const transformDuration = seconds(
    "imageproxy_transformation_duration_seconds",
    "Decoding, transforming and encoding of one image",
  );
  const fetchErrors = counter("imageproxy_remote_fetch_errors_total", "Fetches that failed");

  const responses = counter("imageproxy_responses_total", "Responses", ["code"]);
  const responseBytes = counter("imageproxy_response_bytes_total", "Bytes of response bodies");
  const dialectRequests = counter(
    "imageproxy_dialect_requests_total",
    "Image requests by other servers' URLs",
    ["dialect"],
  );
  const partialImages = counter(
    "imageproxy_partial_images_total",
    "Answers with what there was of an image that is cut short or damaged",
  );
  const lookups = counter("imageproxy_cache_lookups_total", "How caches answered", [
    "kind",
    "state",
  ]);
  const queueDuration = seconds("imageproxy_queue_duration_seconds", "Waits for a worker");
  const stageSeconds = counter(
    "imageproxy_transform_stage_seconds_total",
    "Time in each stage of transforming",
    ["stage"],
  );
  const clientsLetGo = counter(
    "imageproxy_clients_let_go_total",
    "Clients let go that had stopped reading",
  );
  const transformErrors = counter("imageproxy_transform_errors_total", "Transforms that failed", [
    "code",
  ]);
  const fetchDuration = seconds("imageproxy_fetch_duration_seconds", "Fetches from origins");
  const fetchBytes = counter("imageproxy_fetched_bytes_total", "Bytes of fetched originals");
  const hostFetches = counter("imageproxy_origin_fetches_total", "Fetches by origin host", [
    "host",
    "outcome",
  ]);

  // Labels cost memory for good and hosts are chosen by strangers: a host gets its own only with a
  // fetch that succeeds, and only so many do.
  const hosts = new Set<string>();
  function hostLabel(host: string, succeeded: boolean): string {
    if (hosts.has(host)) return host;
    if (!succeeded || hosts.size >= maxHosts) return "other";
    hosts.add(host);
    return host;
  }

  const lag = createLagSampler();
  processReadings(registry, lag.read);
  buildReadings(registry, build);

  return {
    requestStarted: () => void requestsInFlight++,
    requestFinished({ status, bytes, milliseconds, trace }) {
      requestsInFlight--;
      responses.inc({ code: status });
      if (!trace) return;
      requestDuration.observe(milliseconds / 1000);
      if (bytes > 0) responseBytes.inc(bytes);
      if (trace.isPartial) partialImages.inc();
      if (trace.dialect) dialectRequests.labels(trace.dialect).inc();
      if (trace.result) lookups.labels("result", trace.result).inc();
      if (trace.original) lookups.labels("original", trace.original).inc();
      const state = trace.result === undefined ? trace.original : trace.result;
      if (state === "hit" || state === "stale" || state === "revalidated") servedFromCache.inc();
    },
    fetched(host, { milliseconds, bytes }) {
      const failed = bytes === undefined;
      fetchDuration.observe(milliseconds / 1000);
      if (failed) fetchErrors.inc();
      else fetchBytes.inc(bytes);
      hostFetches.labels(hostLabel(host, !failed), failed ? "error" : "ok").inc();
    },
    transformed({ queue, ...stages }) {
      queueDuration.observe(queue / 1000);
      let sum = 0;
      for (const [stage, milliseconds] of Object.entries(stages)) {
        sum += milliseconds;
        stageSeconds.labels(stage).inc(milliseconds / 1000);
      }
      transformDuration.observe(sum / 1000);
    },
    transformFailed: (code) => transformErrors.labels(code).inc(),
    clientLetGo: () => clientsLetGo.inc(),
    registerTier: tierReadings(registry),
    registerPool: (read) => poolReadings(registry, read),
    async page(all) {
      const shown = all ? AggregatorRegistry.aggregate(await all()) : registry;
      return { body: await shown.metrics(), contentType: registry.contentType };
    },
    figures: () => registry.getMetricsAsJSON(),
    close() {
      lag.close();
      registry.clear();
    },
  };
}
