// One request, top to bottom.
import { type AccessPolicy, authorise } from "./access.ts";
import { ProxyError } from "./errors.ts";
import { headersOf304, isConditional, isNotModified } from "./http/conditional.ts";
import { ageAt } from "./http/freshness.ts";
import type { HeaderMap } from "./http/header_map.ts";
import type { Answer } from "./http/respond.ts";
import { negotiateFormat } from "./options/negotiate.ts";
import { transforms } from "./options/parse.ts";
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
  /** Milliseconds since 1970. */
  now(): number;
}

export interface ClientRequest {
  /** The request target as received: path and query, not decoded. */
  target: string;
  /** By lower-case name. */
  headers: HeaderMap;
  signal: AbortSignal;
}

/** Answers one request for an image; throws a ProxyError for everything that is not one. */
export async function serveImage(server: ImageServer, client: ClientRequest): Promise<Answer> {
  const request = parseRequest(client.target, server.grammar);
  const { signed } = authorise(request, server.access, { now: server.now() });
  const wish = {
    url: request.remoteUrl,
    options: request.options,
    negotiated: negotiateFormat(client.headers.accept),
    signed,
    sent: sentHeaders(server, client),
    client: server.clientNoCache ? client.headers : undefined,
    signal: client.signal,
  };
  const served = transforms(request.options)
    ? await getResult(server, { wish, client })
    : await server.originals.get(wish);
  return answerWith(server, { served, client });
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
  { now }: ImageServer,
  { served, client }: { served: Served; client: ClientRequest },
): Answer {
  const { response } = served;
  const time = now();
  if (!response.isServed) {
    throw new ProxyError("forbidden", "The content type of the requested URL is not allowed", {
      cause: response.mediaType,
    });
  }
  const headers = { ...response.headers, age: String(ageAt(response.freshness, time)) };
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
