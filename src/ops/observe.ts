// Around every request: its name, its figures, its line in the log, and the headers and spans that tell
// what it took. What is switched off costs a test.
import { ProxyError } from "../errors.ts";
import type { HeaderMap } from "../http/header_map.ts";
import type { RequestLine } from "./log.ts";
import { maskTarget } from "./mask.ts";
import type { Metrics } from "./metrics.ts";
import type { Telemetry } from "./telemetry.ts";
import { stageTimes, type Trace } from "./trace.ts";

/** What is known of a request while it is answered; the routes fill in the rest. */
export interface RequestState {
  /** The request target as received; undefined where the Host header is unfit. */
  readonly target: string | undefined;
  /** The address of the connection's other end; undefined for a unix socket. */
  readonly peer: string | undefined;
  /** Those of its header fields that the routes heed, by lower-case name. */
  readonly fields?: HeaderMap;
  /** Set by the route that serves images. */
  trace?: Trace;
  /** Why the answer is an error. */
  failure?: Error;
}

export interface ObserverOptions {
  metrics: Metrics;
  log: { request(line: RequestLine): void };
  telemetry?: Telemetry | undefined;
  requestId(given: string | null): string;
  /** Log every request, not only those that the server failed at. */
  verbose: boolean;
  serverTiming: boolean;
  xCache: boolean;
  /** Paths of other servers' URLs that begin with a signature. */
  foreignPaths?: readonly string[];
}

/** Answers a request through the routes, and sees to it that everyone hears of it. */
export type Observer = (
  request: Request,
  state: RequestState,
  routes: (state: RequestState) => Response | Promise<Response>,
) => Promise<Response>;

/** An answer that was at hand. */
export interface AnswerAtHand {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string | null;
  readonly cache?: Pick<Trace, "original" | "result" | "isPartial">;
  readonly dialect?: string | undefined;
}

/**
 * Sees to it that everyone hears of an answer that nobody waited for, and gives the headers to send it
 * with. Spans want the time of their stages: with telemetry no answer comes this way.
 */
export function createShortObserver(
  { metrics, log, requestId, verbose, serverTiming, xCache, foreignPaths }: ObserverOptions,
) {
  return function observeAtOnce(
    request: Request,
    { target, answer, started }: { target: string; answer: AnswerAtHand; started: number },
  ): Record<string, string> {
    const { status, body, cache, dialect } = answer;
    const milliseconds = performance.now() - started;
    const id = requestId(request.headers.get("x-request-id"));
    const trace: Trace = { ...cache, ...(dialect ? { dialect } : {}), spans: [] };
    const headers: Record<string, string> = { ...answer.headers, "x-request-id": id };
    if (xCache) headers["x-cache"] = cacheHeader(trace);
    if (serverTiming) headers["server-timing"] = timingHeader(trace, milliseconds);
    const bytes = body?.length ?? 0;
    metrics.requestStarted();
    metrics.requestFinished({ status, bytes, milliseconds, trace });
    if (verbose) {
      log.request({
        id,
        method: request.method,
        path: maskTarget(target, foreignPaths),
        status,
        bytes,
        milliseconds: Math.round(milliseconds * 10) / 10,
        ...traceFields(trace),
      });
    }
    return headers;
  };
}

/** What a client is logged with that went away before its answer, as nginx has it. */
const CLIENT_GONE = 499;

export function createObserver(options: ObserverOptions): Observer {
  const { metrics, log, telemetry, requestId, verbose, serverTiming, xCache, foreignPaths } =
    options;

  return async function observe(request, state, routes) {
    const started = performance.now();
    metrics.requestStarted();
    const span = telemetry?.requestStarted(optionsPart(state.target, foreignPaths));
    let status = 500;
    let bytes = 0;
    let id: string | undefined;
    try {
      const response = await routes(state);
      status = state.failure && request.signal.aborted ? CLIENT_GONE : response.status;
      const { trace, failure } = state;
      if (!trace && !failure) return response;
      const { headers } = response;
      if (request.method !== "HEAD") bytes = Number(headers.get("content-length") ?? 0);
      id = requestId(request.headers.get("x-request-id"));
      headers.set("x-request-id", id);
      if (trace && xCache) headers.set("x-cache", cacheHeader(trace));
      if (trace && serverTiming) {
        headers.set("server-timing", timingHeader(trace, performance.now() - started));
      }
      return response;
    } finally {
      const milliseconds = performance.now() - started;
      metrics.requestFinished({ status, bytes, milliseconds, trace: state.trace });
      if (state.trace) span?.finished(state.trace);
      if (id !== undefined && (verbose || status === 500)) {
        log.request({
          id,
          method: request.method,
          path: maskTarget(state.target ?? "?", foreignPaths),
          status,
          bytes,
          milliseconds: Math.round(milliseconds * 10) / 10,
          ...(state.trace ? traceFields(state.trace) : {}),
          ...(state.failure ? failureFields(state.failure, state.trace) : {}),
        });
      }
    }
  };
}

function traceFields(trace: Trace): Partial<RequestLine> {
  const { sourceHost: host, dialect, original, result } = trace;
  return {
    ...(host ? { host } : {}),
    ...(dialect ? { dialect } : {}),
    ...(result || original
      ? { cache: { ...(result ? { result } : {}), ...(original ? { original } : {}) } }
      : {}),
    ...(trace.isPartial ? { partial: true } : {}),
    ...(trace.spans.length > 0 ? { stages: stageTimes(trace) } : {}),
  };
}

/** The public sentence and the private reason, with the stack where nobody foresaw it. */
function failureFields(failure: Error, trace: Trace | undefined): Partial<RequestLine> {
  const { cause } = failure;
  if (cause === undefined || trace?.isSecret) return { error: failure.message };
  const unforeseen = failure instanceof ProxyError && failure.code === "internal";
  const text = cause instanceof Error && unforeseen ? cause.stack ?? String(cause) : String(cause);
  return { error: failure.message, cause: text };
}

/** `hit`, or `miss; original=hit`: how what is sent was found, then the original that it had to be made from. */
function cacheHeader({ result, original }: Trace): string {
  if (result === undefined) return original ?? "miss";
  return original ? `${result}; original=${original}` : result;
}

/** https://www.w3.org/TR/server-timing/ */
function timingHeader(trace: Trace, total: number): string {
  const stages = Object.entries(stageTimes(trace)).map(([stage, time]) => `${stage};dur=${time}`);
  return [...stages, `total;dur=${Math.round(total * 10) / 10}`].join(", ");
}

/** The options alone: what was asked for, without saying of whom. */
function optionsPart(target = "?", foreignPaths?: readonly string[]): string {
  const path = maskTarget(target, foreignPaths).replace(/\?.*$/s, "");
  const slash = path.indexOf("/", 1);
  const options = slash < 0 ? path : path.slice(0, slash);
  return /^\/https?:|^\/$/i.test(options) ? "/" : options;
}
