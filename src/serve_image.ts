// One request, top to bottom.
import { type AccessPolicy, authorise } from "./access.ts";
import { ProxyError } from "./errors.ts";
import { headersOf304, isConditional, isNotModified } from "./http/conditional.ts";
import { ageAt } from "./http/freshness.ts";
import type { HeaderMap } from "./http/header_map.ts";
import { isPersonal } from "./http/origin_headers.ts";
import type { Answer } from "./http/respond.ts";
import { acceptedFormats } from "./options/negotiate.ts";
import { transforms } from "./options/parse.ts";
import type { Options, OutputFormat } from "./options/table.ts";
import type { Trace } from "./ops/trace.ts";
import type { Originals } from "./originals.ts";
import { parseRequest, type ParseRequestSettings } from "./request.ts";
import type { Results, ResultWish } from "./results.ts";
import type { Served } from "./shelf.ts";

/** What serving an image needs of the world, and the rules it follows. */
export interface ImageServer {
  grammar: ParseRequestSettings;
  access: AccessPolicy;
  originals: Originals;
  results: Results;
  /** Lower-case names of the clients' headers that origins see. */
  passedRequestHeaders: readonly string[];
  /** Whether a client's no-cache has what is cached checked with the origin. */
  clientNoCache: boolean;
  /** Whether the format is negotiated wherever the URL names none. */
  autoFormat: boolean;
  /** Charges a client for an image that is not cached; throws "too_many_requests". Undefined for free. */
  charge?: ((clientAddress: string) => void) | undefined;
  /** Milliseconds since 1970. */
  now(): number;
}

export interface ClientRequest {
  /** The request target as received: path and query, not decoded. */
  target: string;
  /** By lower-case name. */
  headers: HeaderMap;
  /** Who is asking, as far as the proxies in front can be believed. */
  address: string;
  signal: AbortSignal;
  /** Where to note what was done, for log and metrics. */
  trace?: Trace | undefined;
}

/** Answers one request for an image; throws a ProxyError for everything that is not one. */
export async function serveImage(server: ImageServer, client: ClientRequest): Promise<Answer> {
  const request = parseRequest(client.target, server.grammar);
  const { trace } = client;
  if (trace) trace.sourceHost = URL.parse(request.remoteUrl)?.host ?? "";
  const { signed } = authorise(request, server.access, {
    now: server.now(),
    referer: client.headers.referer,
  });
  const accepted = acceptedFormats(client.headers.accept);
  const options = negotiableOptions(server, { options: request.options, accepted });
  const wish = {
    url: request.remoteUrl,
    options,
    accepted,
    signed,
    sent: sentHeaders(server, client),
    client: server.clientNoCache ? client.headers : undefined,
    signal: client.signal,
    trace,
  };
  const cached = transforms(options) ? server.results : server.originals;
  if (server.charge && !await cached.has(wish)) server.charge(client.address);
  const served = transforms(options)
    ? await getResult(server, { wish, client })
    : await server.originals.get(wish);
  const answer = answerWith(server, { served, client });
  // No cache between here and the client may keep what its own credentials opened either.
  return isPersonal(wish.sent)
    ? { ...answer, headers: { ...answer.headers, "cache-control": "private, no-store" } }
    : answer;
}

/** An original is left alone where there is nothing to choose from. */
function negotiableOptions(
  { autoFormat }: ImageServer,
  { options, accepted }: { options: Options; accepted: readonly OutputFormat[] },
): Options {
  const negotiates = autoFormat && options.format === undefined &&
    (accepted.length > 0 || transforms(options));
  return negotiates ? { ...options, format: "auto" } : options;
}

/** A client may have a picture that this cache has not: an unchanged original then spares making it. */
async function getResult(
  { originals, results, now }: ImageServer,
  { wish, client }: { wish: ResultWish; client: ClientRequest },
): Promise<Served> {
  if (!isConditional(client.headers) || await results.has(wish)) return results.get(wish);
  const original = await originals.get(wish);
  const foreseen = results.foresee(wish, original.response);
  const clientHasIt = isNotModified(foreseen.headers, { request: client.headers, now: now() });
  return clientHasIt
    ? { response: foreseen, state: "revalidated", original: original.state }
    : results.get(wish, original);
}

function answerWith(
  { now, autoFormat }: ImageServer,
  { served, client }: { served: Served; client: ClientRequest },
): Answer {
  const { response } = served;
  const time = now();
  if (!response.isServed) {
    throw new ProxyError("forbidden", "The content type of the requested URL is not allowed", {
      cause: response.mediaType,
    });
  }
  const { vary } = response.headers;
  const headers = {
    ...response.headers,
    // Another client may get the same URL in another format.
    ...(autoFormat && vary === undefined ? { vary: "Accept" } : {}),
    age: String(ageAt(response.freshness, time)),
  };
  const cache = response.meta.kind === "original"
    ? { original: served.state }
    : { result: served.state, ...(served.original ? { original: served.original } : {}) };
  return isNotModified(headers, { request: client.headers, now: time })
    ? { status: 304, headers: { ...headersOf304(headers) }, body: null, cache }
    : { status: 200, headers, body: response.body, cache };
}

/** What is passed on of a client's headers. */
function sentHeaders({ passedRequestHeaders }: ImageServer, { headers }: ClientRequest): HeaderMap {
  const names = passedRequestHeaders.filter((name) => headers[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, headers[name]!]));
}
