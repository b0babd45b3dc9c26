// One request, top to bottom.
import { createHash } from "node:crypto";
import { type AccessPolicy, authorise } from "./access.ts";
import { ProxyError } from "./errors.ts";
import { headersOf304, isNotModified } from "./http/conditional.ts";
import { mediaTypeOf } from "./http/content_type.ts";
import type { Original, OriginFetcher } from "./http/original.ts";
import { type Answer, imageAnswer, notModifiedAnswer } from "./http/respond.ts";
import { sniffMediaType } from "./image/header/read_header.ts";
import type { EncodingSettings } from "./image/encoding.ts";
import type { ImageLimits, TransformJob } from "./image/job.ts";
import type { TransformPool } from "./image/pool.ts";
import { acceptedFormats } from "./options/negotiate.ts";
import { formatOptions, transforms } from "./options/parse.ts";
import { type ImageRequest, parseRequest, type ParseRequestSettings } from "./request.ts";

/** What serving an image needs of the world, and the rules it follows. */
export interface ImageServer {
  grammar: ParseRequestSettings;
  access: AccessPolicy;
  fetcher: OriginFetcher;
  pool: TransformPool;
  limits: ImageLimits;
  encoding: EncodingSettings;
  /** Whether the format is negotiated wherever the URL names none. */
  autoFormat: boolean;
  scaleUp: boolean;
  isServedType(mediaType: string): boolean;
  /** Lower-case names of the origin's headers that clients see. */
  passedHeaders: readonly string[];
  /** Milliseconds since 1970. */
  now(): number;
}

export interface ClientRequest {
  /** The request target as received: path and query, not decoded. */
  target: string;
  /** By lower-case name. */
  headers: Readonly<Record<string, string>>;
  signal: AbortSignal;
}

/** Answers one request for an image; throws a ProxyError for everything that is not one. */
export async function serveImage(server: ImageServer, client: ClientRequest): Promise<Answer> {
  const request = parseRequest(client.target, server.grammar);
  const { signed } = authorise(request, server.access, { now: server.now() });
  const original = await server.fetcher.fetchOriginal(request.remoteUrl, {
    signed,
    signal: client.signal,
  });
  const headers = await answerHeaders(server, request, original);
  const isTransformed = transforms(request.options);
  const mediaType = isTransformed ? undefined : checkedType(server, originalType(original));
  if (isNotModified(headers, { request: client.headers, now: server.now() })) {
    return notModifiedAnswer(headersOf304(headers));
  }
  if (mediaType !== undefined) return imageAnswer({ bytes: original.body, mediaType }, headers);
  const image = await server.pool.transform(
    jobOf(server, { request, original, client }),
    client.signal,
  );
  return imageAnswer(
    { bytes: image.bytes, mediaType: checkedType(server, image.mediaType) },
    headers,
  );
}

/** The origin's headers that are passed on; a transformed picture has an ETag of its own. */
async function answerHeaders(
  { passedHeaders }: ImageServer,
  request: ImageRequest,
  original: Original,
): Promise<Record<string, string>> {
  const headers = Object.fromEntries(
    Object.entries(original.headers).filter(([name]) => passedHeaders.includes(name)),
  );
  if (request.options.format === "auto") headers.vary = "Accept";
  if (transforms(request.options)) headers.etag = await resultTag(original, request);
  return headers;
}

/** The same bytes under the same options make the same picture, so the tag is known before it is made. */
async function resultTag({ body }: Original, { options }: ImageRequest): Promise<string> {
  const original = await crypto.subtle.digest("SHA-256", body as BufferSource);
  const tag = createHash("sha256").update(new Uint8Array(original)).update(formatOptions(options));
  return `"${tag.digest("base64url").slice(0, 22)}"`;
}

function jobOf(
  { limits, scaleUp }: ImageServer,
  { request, original, client }: {
    request: ImageRequest;
    original: Original;
    client: ClientRequest;
  },
): TransformJob {
  const { format, ...options } = request.options;
  const negotiated = format === "auto" ? negotiateFormat(client.headers.accept) : format;
  return {
    bytes: original.body,
    options: negotiated === undefined ? options : { ...options, format: negotiated },
    scaleUp,
    limits,
  };
}

/** The type told by the bytes; what the origin says counts only where it does not claim an image. */
function originalType({ body, headers }: Original): string {
  const sniffed = sniffMediaType(body);
  const declared = mediaTypeOf(headers["content-type"]);
  if (sniffed) return sniffed;
  return declared.startsWith("image/") ? "application/octet-stream" : declared;
}

function checkedType(server: ImageServer, mediaType: string): string {
  if (server.isServedType(mediaType)) return mediaType;
  throw new ProxyError("forbidden", "The content type of the requested URL is not allowed", {
    cause: mediaType,
  });
}
