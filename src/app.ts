// Hono's part: routes, errors to responses, the request log. Nothing is decided here.
import { type Context, Hono } from "hono";
import { ProxyError } from "./errors.ts";
import type { HeaderMap } from "./http/header_map.ts";
import { type Answer, errorAnswer, SAFE_HEADERS } from "./http/respond.ts";
import { type ImageServer, serveAtOnce, serveImage } from "./serve_image.ts";
import { type Page, wantsPage } from "./page/page.ts";

export interface AppOptions {
  server: ImageServer;
  /** Removes what a target shows from the cache, for who may; undefined where nobody may. */
  purge?: PurgeHandler | undefined;
  /** Milliseconds that a whole request may take; 0 for no limit. */
  timeoutMs: number;
  /** What a browser sees at `/`. */
  page?: Page | undefined;
  log(entry: LogEntry): void;
}

export type PurgeHandler = (target: string, authorization: string | undefined) => Promise<Answer>;

export interface LogEntry {
  method: string;
  target: string;
  status: number;
  milliseconds: number;
  bytes: number;
  /** How the cache took part. */
  cache?: Answer["cache"];
  /** The public sentence, and the private reason, of a failure. */
  error?: string;
  cause?: unknown;
}

export type App = Hono<{ Variables: { cache?: Answer["cache"] } }>;

/** The web application around an image server. */
export function createApp({ server, purge, timeoutMs, page, log }: AppOptions): App {
  const app: App = new Hono({ getPath: (request) => targetOf(request) ?? "?" });

  app.use(async (context, next) => {
    const started = performance.now();
    await next();
    const failure = context.error;
    const cache: Answer["cache"] = context.get("cache");
    log({
      method: context.req.method,
      target: targetOf(context.req.raw) ?? context.req.url,
      status: context.res.status,
      milliseconds: Math.round((performance.now() - started) * 10) / 10,
      bytes: Number(context.res.headers.get("content-length") ?? 0),
      ...(cache ? { cache } : {}),
      ...(failure ? { error: failure.message, cause: failure.cause ?? failure } : {}),
    });
  });

  if (page) {
    app.on(["GET", "HEAD"], "/", (context, next) => {
      context.header("vary", "Accept");
      return wantsPage(context.req.header("accept"))
        ? context.body(page.body, 200, page.headers)
        : next();
    });
  }
  app.on(["GET", "HEAD"], ["/", "/health-check"], (context) => context.text("OK"));
  app.on(["GET", "HEAD"], "/favicon.ico", (context) => context.body(null, 200, SAFE_HEADERS));
  app.on(["GET", "HEAD"], "*", async (context) => {
    const target = targetOf(context.req.raw);
    if (target === undefined) {
      throw new ProxyError("malformed", "The Host header is not a host name");
    }
    const { raw } = context.req;
    const signal = timeoutMs > 0
      ? AbortSignal.any([raw.signal, AbortSignal.timeout(timeoutMs)])
      : raw.signal;
    const headers = heededFields(server, raw);
    const answer = await serveImage(server, { target, headers, signal });
    context.set("cache", answer.cache);
    return respond(context, answer);
  });
  if (purge) {
    app.on(["PURGE", "DELETE"], "*", async (context) => {
      const target = targetOf(context.req.raw) ?? "/";
      return respond(context, await purge(target, context.req.header("authorization")));
    });
  }
  app.all("*", () => {
    throw new ProxyError("method_not_allowed", "Only GET and HEAD are accepted");
  });
  app.onError((error, context) =>
    respond(context, errorAnswer(asProxyError(error), context.req.header("accept")))
  );
  return app;
}

export type Handler = (request: Request) => Response | Promise<Response>;

/**
 * The application with a short way to the pictures that are in memory: routing, middleware and promises
 * cost more than all the work that such an answer is.
 */
export function withShortcut(
  app: App,
  { server, log }: Pick<AppOptions, "server" | "log">,
): Handler {
  return (request) => {
    if (request.method !== "GET") return app.fetch(request);
    const started = performance.now();
    const target = targetOf(request);
    const answer = target === undefined ? undefined : answerAtOnce(server, { target, request });
    if (target === undefined || answer === undefined) return app.fetch(request);
    const { status, headers, body, cache } = answer;
    const milliseconds = Math.round((performance.now() - started) * 10) / 10;
    const bytes = body?.length ?? 0;
    log({ method: "GET", target, status, milliseconds, bytes, ...(cache ? { cache } : {}) });
    return new Response(body as BodyInit | null, { status, headers });
  };
}

/** Only what is looked at: a browser sends many more, and copying them all costs more than a hit. */
function heededFields({ heededHeaders }: ImageServer, { headers }: Request): HeaderMap {
  const fields: Record<string, string> = {};
  for (const name of heededHeaders) {
    const value = headers.get(name);
    if (value !== null) fields[name] = value;
  }
  return fields;
}

function answerAtOnce(
  server: ImageServer,
  { target, request }: { target: string; request: Request },
): Answer | undefined {
  try {
    return serveAtOnce(server, {
      target,
      headers: heededFields(server, request),
    });
  } catch {
    // Whatever is wrong with it comes out again on the long way, where errors are answered.
    return undefined;
  }
}

function respond(context: Context, { status, headers, body }: Answer): Response {
  return new Response(context.req.method === "HEAD" ? null : body as BodyInit | null, {
    status,
    headers,
  });
}

/**
 * The request target as received. `Request.url` is the scheme, the Host header and the target strung
 * together, so the Host header must not hold what could move the target's start; undefined where it does.
 */
export function targetOf(request: Request): string | undefined {
  const host = request.headers.get("host");
  if (host !== null && !/^(?:[\w.-]*|\[[\da-f:.]+\])(?::\d*)?$/i.test(host)) return undefined;
  return /^[^:/]+:\/\/[^/?#]*(.*)$/s.exec(request.url)?.[1] || "/";
}

function asProxyError(error: Error): ProxyError {
  if (error instanceof ProxyError) return error;
  if (error.name === "AbortError") {
    return new ProxyError("timeout", "The client went away", { cause: error });
  }
  if (error.name === "TimeoutError") {
    return new ProxyError("timeout", "The request took longer than the server allows", {
      cause: error,
    });
  }
  return new ProxyError("internal", "The server failed to answer this request", { cause: error });
}
