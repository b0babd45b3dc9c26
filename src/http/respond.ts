// What is sent with an image, and what with an error. Everything served was made by strangers, so every
// answer disarms what a browser might do with it.
import { ProxyError } from "../errors.ts";
import { contentDisposition } from "./content_disposition.ts";

/** An answer before it becomes a `Response`. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array | string | null;
}

/** Sent with every answer: no scripts, plug-ins or frames whatever the bytes claim to be, and no sniffing. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  "cross-origin-resource-policy": "cross-origin",
  "x-content-type-options": "nosniff",
};

export interface Image {
  bytes: Uint8Array;
  mediaType: string;
  /** The remote URL, after which a browser names the file that it saves. */
  url: string;
}

/** A picture with the headers that travel with it; names in `headers` are lower-case. */
export function imageAnswer(image: Image, headers: Record<string, string>): Answer {
  return {
    status: 200,
    headers: {
      ...headers,
      ...SAFE_HEADERS,
      "content-type": image.mediaType,
      "content-disposition": contentDisposition(image),
      "content-length": String(image.bytes.byteLength),
    },
    body: image.bytes,
  };
}

/** Headers of a 304: those that a 200 would have carried and a cache may update (RFC 9110 section 15.4.5). */
export function notModifiedAnswer(headers: Record<string, string>): Answer {
  return { status: 304, headers: { ...headers, ...SAFE_HEADERS }, body: null };
}

/** One public sentence as plain text, or as a JSON object where the client's Accept prefers that. */
export function errorAnswer(error: ProxyError, accept: string | undefined): Answer {
  const json = prefersJson(accept);
  return {
    status: error.status,
    headers: {
      ...SAFE_HEADERS,
      "content-type": json ? "application/json" : "text/plain; charset=utf-8",
      "cache-control": "no-store",
      ...(error.retryAfter === undefined ? {} : { "retry-after": String(error.retryAfter) }),
      ...(error.code === "method_not_allowed" ? { allow: "GET, HEAD" } : {}),
    },
    body: json
      ? JSON.stringify({ error: error.code, message: error.message })
      : `${error.message}\n`,
  };
}

function prefersJson(accept = ""): boolean {
  const json = accept.search(/application\/(?:[\w.-]+\+)?json/i);
  const text = accept.search(/text\/(?:plain|html|\*)/i);
  return json >= 0 && (text < 0 || json < text);
}
