// What is sent with an image, and what with an error. Everything served was made by strangers, so every
// answer disarms what a browser might do with it.
import { ProxyError } from "../errors.ts";
import type { CacheState } from "./cache_state.ts";

/** An answer before it becomes a `Response`. */
export interface Answer<B = Uint8Array | ReadableStream<Uint8Array>> {
  status: number;
  headers: Record<string, string>;
  body: B | string | null;
  /** How the cache took part, for the log: the result, and the original where that was needed too. */
  cache?: {
    readonly result?: CacheState;
    readonly original?: CacheState;
    /** Whether the picture is that of a damaged original. */
    readonly isPartial?: true;
  };
  /** What the picture stands in for, for the log. */
  failure?: ProxyError;
}

/** Sent with every answer: no scripts, plug-ins or frames whatever the bytes claim to be, and no sniffing. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  "access-control-allow-origin": "*",
  "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  "cross-origin-resource-policy": "cross-origin",
  "x-content-type-options": "nosniff",
};

/**
 * One public sentence as plain text, or as a JSON object where the client's Accept prefers that. Caches on the
 * way may keep it where it `isCacheable` and the error lasts.
 */
export function errorAnswer(
  error: ProxyError,
  { accept, isCacheable }: { accept: string | undefined; isCacheable: boolean },
): Answer {
  const json = prefersJson(accept);
  const seconds = isCacheable ? error.lasts?.seconds ?? 0 : 0;
  return {
    status: error.status,
    headers: {
      ...SAFE_HEADERS,
      "content-type": json ? "application/json" : "text/plain; charset=utf-8",
      ...(seconds > 0
        ? {
          "cache-control": `max-age=${seconds}`,
          vary: ["Accept", error.lasts?.vary].filter((names) => names).join(", "),
        }
        : { "cache-control": "no-store" }),
      ...(error.retryAfter === undefined ? {} : { "retry-after": String(error.retryAfter) }),
      ...(error.code === "unauthorised" ? { "www-authenticate": "Bearer" } : {}),
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
