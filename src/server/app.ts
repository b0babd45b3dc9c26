// Hono's part: routes, and errors to responses. Nothing is decided here.
import { type Context, Hono } from "hono";
import type { Peer } from "../request/client_address.ts";
import { ProxyError } from "../errors.ts";
import type { HeaderMap } from "../http/header_map.ts";
import { type Answer, errorAnswer, SAFE_HEADERS } from "../http/respond.ts";
import type { RequestState } from "../ops/observe.ts";
import { createTrace } from "../ops/trace.ts";
import { addPage, type AnsweringPage } from "./page_route.ts";
import { type ImageServer, serveAtOnce, serveImage } from "../serving/serve_image.ts";
import { bodyInPieces } from "./paced_response.ts";

export interface AppOptions {
  server: ImageServer;
  /** Milliseconds that a whole request may take; 0 for no limit. */
  timeoutMs: number;
  /** The operator's pages; undefined where they are not for the public. */
  pages: OperatorPages | undefined;
  /** Removes what a target shows from the cache, for who may; undefined where nobody may. */
  purge?: PurgeHandler | undefined;
  /** What a browser sees at `/`, and what that asks in turn. */
  page?: AnsweringPage | undefined;
  /** Whether a target whose path is `/` asks for an image all the same; none does unless told. */
  isImageAtRoot?: ((target: string) => boolean) | undefined;
  /** Whether caches on the way may keep errors that last. */
  cacheableErrors: boolean;
  /** The client behind a connection's peer and its X-Forwarded-For. */
  clientAddress(peer: Peer, forwardedFor: string | undefined): string;
}

export type PurgeHandler = (target: string, authorization: string | undefined) => Promise<Answer>;

/** What an operator's tools ask for. */
export interface OperatorPages {
  /** Whether requests should be sent here: false while starting and while stopping. */
  isReady(): boolean;
  metrics(): Promise<{ body: string; contentType: string }>;
}

export type App = Hono<{ Bindings: RequestState }>;

const OPERATOR_PATHS = ["/health-check", "/ready", "/metrics"];

/** What routes are told by: the path alone, as it was received, whatever query follows. */
function routedPath(_request: Request, options: { env?: unknown } | undefined): string {
  // Hono hands over what `fetch` was given, but types it as unknown.
  const { target } = options?.env as RequestState;
  return target?.split("?")[0] || "?";
}

/** The web application around an image server. Requests come with their `RequestState`. */
export function createApp(
  options: AppOptions,
): App {
  const { server, timeoutMs, pages, purge, page, cacheableErrors } = options;
  const { clientAddress, isImageAtRoot = () => false } = options;
  const app: App = new Hono({ getPath: routedPath });

  if (page) addPage(app, { page, isImageAtRoot });
  app.on(
    ["GET", "HEAD"],
    "/",
    (context, next) => isImageAtRoot(context.env.target ?? "") ? next() : context.text("OK"),
  );
  app.on(["GET", "HEAD"], "/favicon.ico", (context) => context.body(null, 200, SAFE_HEADERS));
  if (pages) addOperatorPages(app, pages);
  else app.all("*", hideOperatorPages);
  app.on(["GET", "HEAD"], "*", async (context) => {
    const { target, fields: headers = {} } = context.env;
    if (target === undefined) {
      throw new ProxyError("malformed", "The Host header is not a host name");
    }
    const { raw } = context.req;
    const signal = timeoutMs > 0
      ? AbortSignal.any([raw.signal, AbortSignal.timeout(timeoutMs)])
      : raw.signal;
    const trace = context.env.trace = createTrace();
    const address = clientAddress(
      context.env.peer,
      raw.headers.get("x-forwarded-for") ?? undefined,
    );
    const bodyUse = raw.method === "HEAD" ? "none" : "stream";
    const answer = await serveImage(server, {
      target,
      headers,
      address,
      bodyUse,
      signal,
      trace,
    });
    Object.assign(trace, answer.cache);
    if (answer.failure) context.env.failure = answer.failure;
    return respond(context, answer);
  });
  if (purge) addPurge(app, purge);
  refuseTheRest(app, { isCacheable: cacheableErrors });
  return app;
}

/** The operator's pages at an address of their own. */
export function createOperatorApp(
  pages: OperatorPages,
  { purge }: { purge: PurgeHandler | undefined },
): App {
  const app: App = new Hono({ getPath: routedPath });
  addOperatorPages(app, pages);
  if (purge) addPurge(app, purge);
  app.on(["GET", "HEAD"], "*", () => {
    throw new ProxyError("not_found", `There is nothing here but ${OPERATOR_PATHS.join(", ")}`);
  });
  refuseTheRest(app, { isCacheable: false });
  return app;
}

function addOperatorPages(app: App, { isReady, metrics }: OperatorPages): void {
  app.on(["GET", "HEAD"], "/health-check", (context) => context.text("OK"));
  app.on(
    ["GET", "HEAD"],
    "/ready",
    (context) => isReady() ? context.text("OK") : context.text("Not ready\n", 503),
  );
  app.on(["GET", "HEAD"], "/metrics", async (context) => {
    const { body, contentType } = await metrics();
    return context.body(body, 200, { "content-type": contentType });
  });
}

function addPurge(app: App, purge: PurgeHandler): void {
  app.on(["PURGE", "DELETE"], "*", async (context) => {
    const target = context.env.target ?? "/";
    return respond(context, await purge(target, context.req.header("authorization")));
  });
}

async function hideOperatorPages(context: Context, next: () => Promise<void>): Promise<void> {
  if (OPERATOR_PATHS.includes(context.req.path)) {
    throw new ProxyError("not_found", "There is no such page here");
  }
  await next();
}

function refuseTheRest(app: App, { isCacheable }: { isCacheable: boolean }): void {
  app.all("*", () => {
    throw new ProxyError("method_not_allowed", "Only GET and HEAD are accepted");
  });
  app.onError((error, context) => {
    const failure = asProxyError(error, context.req.raw.signal);
    context.env.failure = failure;
    const accept = context.req.header("accept");
    return respond(context, errorAnswer(failure, { accept, isCacheable }));
  });
}

/** The answer to a request that gets no further than the door. */
export function refuse(
  request: Request,
  { state, refusal }: { state: RequestState; refusal: ProxyError },
): Response {
  state.failure = refusal;
  const accept = request.headers.get("accept") ?? undefined;
  const { status, headers, body } = errorAnswer(refusal, { accept, isCacheable: false });
  return new Response(request.method === "HEAD" ? null : body as string, { status, headers });
}

/**
 * The answer to a GET for a picture that is in memory; undefined for all else, which takes the long
 * way: routing, middleware and promises cost more than all the work that such an answer is.
 */
export function answerAtOnce(
  server: ImageServer,
  { target, headers }: { target: string | undefined; headers: HeaderMap },
): Answer<Uint8Array> | undefined {
  if (target === undefined) return undefined;
  try {
    return serveAtOnce(server, { target, headers });
  } catch {
    // Whatever is wrong comes out again on the long way, where errors are answered.
    return undefined;
  }
}

function respond(context: Context, { status, headers, body }: Answer): Response {
  const sent = context.req.method === "HEAD" ? null : bodyInPieces(body);
  return new Response(sent as BodyInit | null, {
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

function asProxyError(error: Error, client: AbortSignal): ProxyError {
  if (error instanceof ProxyError) return error;
  if (error.name === "TimeoutError") {
    return new ProxyError("timeout", "The request took longer than the server allows", {
      cause: error,
    });
  }
  if (client.aborted || error.name === "AbortError") {
    return new ProxyError("timeout", "The client went away", { cause: error });
  }
  return new ProxyError("internal", "The server failed to answer this request", { cause: error });
}
