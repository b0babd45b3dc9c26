// Hono's part: routes, errors to responses, the request log. Nothing is decided here.
import { type Context, Hono } from "hono";
import { ProxyError } from "./errors.ts";
import { type Answer, errorAnswer, SAFE_HEADERS } from "./http/respond.ts";
import { type Page, wantsPage } from "./page/page.ts";
import { type ImageServer, serveImage } from "./serve_image.ts";

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
    const headers = Object.fromEntries(raw.headers);
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
