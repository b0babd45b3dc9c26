// One request, top to bottom.
import type { createAuthoriser } from "../request/access.ts";
import type { Body, BodyUse, StreamedBody } from "../http/body.ts";
import { serversOnTheWay } from "../http/cdn_loop.ts";
import { isConditional, isNotModified } from "../http/conditional.ts";
import type { HeaderMap } from "../http/header_map.ts";
import { canonicalLanguages } from "../http/languages.ts";
import { isPersonal } from "../http/origin_headers.ts";
import { hostOf } from "../http/place.ts";
import type { Answer } from "../http/respond.ts";
import { HIDDEN } from "../request/hidden_url.ts";
import { acceptedFormats } from "../options/negotiate.ts";
import { asksFacts } from "../options/facts.ts";
import { transforms } from "../options/parse.ts";
import type { OutputFormat } from "../image/formats/table.ts";
import { withoutOverlays } from "../options/overlay.ts";
import type { Options } from "../options/table.ts";
import { unknownFont } from "../options/text.ts";
import type { Trace } from "../ops/trace.ts";
import { answerWith, type Asking } from "./answering.ts";
import { type Fallback, inPlaceOf, lacksPicture } from "./fallback.ts";
import type { Originals } from "./originals.ts";
import { getOverlays, hasOverlays, peekOverlays } from "./overlays.ts";
import type { RequestReader } from "../request/reader.ts";
import type { Results, ResultWish } from "./results.ts";
import type { Served } from "./shelf.ts";

/** What serving an image needs of the world, and the rules it follows. */
export interface ImageServer {
  read: RequestReader;
  authorise: ReturnType<typeof createAuthoriser>;
  /** The names of all fonts that there are. */
  fonts: readonly string[];
  originals: Originals;
  results: Results;
  /** Lower-case names of the clients' headers that anything here looks at. */
  heededHeaders: readonly string[];
  /** Lower-case names of those that origins see. */
  passedRequestHeaders: readonly string[];
  /** Whether a client's no-cache has what is cached checked with the origin. */
  clientNoCache: boolean;
  /** Whether the format is negotiated wherever the URL names none. */
  autoFormat: boolean;
  /** Whether the log may tell what hidden remote URLs are. */
  logHidden: boolean;
  /** What is shown where there is no picture to be had. */
  fallback: Fallback;
  /** Charges a client for an image that is not cached; throws "too_many_requests". Undefined for free. */
  charge?: ((clientAddress: string) => void) | undefined;
  /** Told why an answer that had begun could not be sent to its end. */
  onBreak(error: unknown): void;
  /** Told why not even the picture in place of another could be had. */
  onFallbackFailure(error: unknown): void;
  /** Milliseconds since 1970. */
  now(): number;
}

export interface ClientRequest {
  /** The request target as received: path and query, not decoded. */
  target: string;
  /** By lower-case name; no others than those that the server heeds. */
  headers: HeaderMap;
  /** Who is asking, as far as the proxies in front can be believed; looked at where that costs something. */
  address?: string;
  /** What is done with the answer's body; it is all of it unless told. */
  bodyUse?: BodyUse;
  /** Ends what nobody waits for any more; to look at it costs more than a hit in memory. */
  signal?: AbortSignal;
  /** Where to note what was done, for log and metrics. */
  trace?: Trace | undefined;
}

/** Answers one request for an image; throws a ProxyError for everything that is not one. */
export async function serveImage(server: ImageServer, client: ClientRequest): Promise<Answer> {
  const wish = wishOf(server, client);
  try {
    return await servePicture(server, { wish, client });
  } catch (error) {
    return await serveFallback(server, { wish, client, error });
  }
}

async function servePicture(
  server: ImageServer,
  { wish, client }: { wish: ResultWish; client: ClientRequest },
): Promise<Answer> {
  const served = await getServed(server, { wish, client });
  const { body, ...head } = answerWith(served, askingOf(server, { client, wish }));
  const sent = isStreamed(body) ? await begin(body, { server, client }) : body;
  // Evicted or replaced since it was found: what is read whole cannot be.
  if (sent === undefined) {
    return servePicture(server, { wish: { ...wish, bodyUse: "whole" }, client });
  }
  const answer = { ...head, body: sent };
  // No cache between here and the client may keep what its own credentials opened either.
  return isPersonal(wish.sent)
    ? { ...answer, headers: { ...answer.headers, "cache-control": "private, no-store" } }
    : answer;
}

/** The original, or the result with what lies over it as that is now, once it is paid for. */
async function getServed(
  server: ImageServer,
  { wish, client }: { wish: ResultWish; client: ClientRequest },
): Promise<Served> {
  const { originals, results } = server;
  const charge = server.charge && (() => server.charge!(client.address ?? ""));
  if (!transforms(wish.options)) {
    if (charge && !await originals.has(wish)) charge();
    return await originals.get(wish);
  }
  // Overlays that have to be fetched first are paid for with the picture.
  const hasParts = charge && await hasOverlays(originals, wish);
  if (charge && !hasParts) charge();
  const overlays = await getOverlays(originals, wish);
  const whole = overlays ? { ...wish, overlays } : wish;
  if (charge && hasParts && !await results.has(whole)) charge();
  return await getResult(server, { wish: whole, client });
}

/** Shows another picture where the error says that there is none, and throws the error again otherwise. */
async function serveFallback(
  server: ImageServer,
  { wish, client, error }: { wish: ResultWish; client: ClientRequest; error: unknown },
): Promise<Answer> {
  const { fallback } = server;
  // What caches know the other by is no name of this one.
  const { overlays: _overlays, cachedAs: _cachedAs, fallback: own, ...asked } = wish.request;
  const remoteUrl = own ? own.remoteUrl : fallback.urlFor(wish.request);
  if (!lacksPicture(error) || remoteUrl === undefined) throw error;
  try {
    const { cachedAs, isHidden = asked.isHidden } = own ?? {};
    const instead = {
      ...wish,
      request: {
        ...asked,
        remoteUrl,
        remoteUrlAsSent: remoteUrl,
        ...(cachedAs !== undefined && { cachedAs }),
        ...(isHidden && { isHidden }),
      },
      options: withoutOverlays(wish.options),
      // Where redirects of the operator's own lead is the operator's affair.
      signed: own === undefined || wish.signsOptions,
      isSecret: wish.isSecret || isHidden === true,
      sent: NONE,
      client: undefined,
    };
    const shelf = transforms(instead.options) ? server.results : server.originals;
    if (own && server.charge && !await shelf.has(instead)) server.charge(wish.address);
    const served = await shelf.get(instead);
    const asking = { ...askingOf(server, { client, wish }), request: NONE, isHidden: true };
    const shown = inPlaceOf(error, { shown: answerWith(served, asking), fallback });
    const body = isStreamed(shown.body) ? await begin(shown.body, { server, client }) : shown.body;
    if (body !== undefined) return { ...shown, body };
  } catch (cause) {
    // Of what clients name the operator need not hear.
    if (!own) server.onFallbackFailure(cause);
  }
  throw error;
}

/** Answers from memory where a fresh answer is there; undefined sends the request the whole way. */
export function serveAtOnce(
  server: ImageServer,
  client: ClientRequest,
): Answer<Uint8Array> | undefined {
  const wish = wishOf(server, client);
  const { originals, results } = server;
  const overlays = wish.request.overlays && peekOverlays(originals, wish);
  if (wish.request.overlays && !overlays) return undefined;
  const whole = overlays ? { ...wish, overlays } : wish;
  const served = transforms(wish.options) ? results.peek(whole) : originals.peek(wish);
  return served && !isPersonal(wish.sent)
    ? answerWith(served, askingOf(server, { client, wish }))
    : undefined;
}

function wishOf(server: ImageServer, client: ClientRequest): ResultWish {
  const { trace, headers, signal, bodyUse = "whole" } = client;
  const request = server.read(client.target);
  const isSecret = request.isHidden === true && !server.logHidden;
  if (trace) {
    trace.isSecret = isSecret;
    trace.sourceHost = isSecret ? HIDDEN : hostOf(request.remoteUrl);
    if (request.dialect) trace.dialect = request.dialect.name;
  }
  const { signed, signsOptions } = server.authorise(request, {
    now: server.now(),
    referer: headers.referer,
  });
  const { font } = request.options;
  // Told to those alone who may ask, and before anything is fetched for it.
  if (font !== undefined && !server.fonts.includes(font)) throw unknownFont(font, server.fonts);
  const isNegotiable = !asksFacts(request.options) &&
    (server.autoFormat || request.options.format === "auto");
  const accepted = isNegotiable ? acceptedFormats(headers.accept) : [];
  const options = negotiableOptions(server, { options: request.options, accepted });
  return {
    request,
    options,
    accepted,
    address: client.address ?? "",
    signed,
    signsOptions,
    isSecret,
    sent: sentHeaders(server, client),
    cameThrough: serversOnTheWay(headers["cdn-loop"]),
    client: server.clientNoCache ? headers : undefined,
    bodyUse,
    signal,
    trace,
  };
}

/** An original is left alone where there is nothing to choose from. */
function negotiableOptions(
  { autoFormat }: ImageServer,
  { options, accepted }: { options: Options; accepted: readonly OutputFormat[] },
): Options {
  const negotiates = autoFormat && options.format === undefined && !asksFacts(options) &&
    (accepted.length > 0 || transforms(options));
  return negotiates ? { ...options, format: "auto" } : options;
}

/** A client may have a picture that this cache has not: an unchanged original then spares making it. */
async function getResult(
  { originals, results, now }: ImageServer,
  { wish, client }: { wish: ResultWish; client: ClientRequest },
): Promise<Served> {
  if (!isConditional(client.headers) || await results.has(wish)) return results.get(wish);
  const original = await originals.get({ ...wish, bodyUse: "whole" });
  const foreseen = results.foresee(wish, original.response);
  const clientHasIt = isNotModified(foreseen.headers, { request: client.headers, now: now() });
  return clientHasIt
    ? { response: foreseen, state: "revalidated", original: original.state }
    : results.get(wish, original);
}

function askingOf(
  { now, autoFormat }: ImageServer,
  { client, wish }: { client: ClientRequest; wish: ResultWish },
): Asking {
  const sendsBody = client.bodyUse !== "none";
  const isNegotiated = autoFormat || wish.options.format === "auto";
  const isHidden = wish.request.isHidden === true;
  const { download, filename } = wish.options;
  const saving = download || filename !== undefined ? { download, filename } : undefined;
  return { request: client.headers, sendsBody, isHidden, isNegotiated, saving, now: now() };
}

/** The body as it comes; null where nobody reads it, undefined where it has gone. */
function begin(
  body: StreamedBody,
  { server, client }: { server: ImageServer; client: ClientRequest },
): Promise<ReadableStream<Uint8Array> | undefined> | null {
  return client.bodyUse === "none" ? null : body.stream(server.onBreak);
}

function isStreamed(body: Body | string | null): body is StreamedBody {
  return body !== null && typeof body === "object" && "stream" in body;
}

const NONE: HeaderMap = {};

/** What is passed on of a client's headers. */
function sentHeaders({ passedRequestHeaders }: ImageServer, { headers }: ClientRequest): HeaderMap {
  if (passedRequestHeaders.length === 0) return NONE;
  const names = passedRequestHeaders.filter((name) => headers[name] !== undefined);
  return Object.fromEntries(names.map((name) => [
    name,
    name === "accept-language" ? canonicalLanguages(headers[name]!) : headers[name]!,
  ]));
}
