// One error type for everything that a request can run into, so that the answer's status follows
// from one table and a private cause can never be mistaken for the public sentence.

/** What went wrong, by meaning, and the HTTP status that says so (RFC 9110 section 15; RFC 5842 for 508). */
export const STATUS_BY_CODE = {
  malformed: 400,
  unauthorised: 401,
  forbidden: 403,
  type_not_allowed: 403,
  not_found: 404,
  method_not_allowed: 405,
  expired: 410,
  too_large: 413,
  url_too_long: 414,
  bad_range: 416,
  undecodable: 422,
  too_many_requests: 429,
  headers_too_large: 431,
  internal: 500,
  bad_origin: 502,
  busy: 503,
  timeout: 504,
  circle: 508,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof STATUS_BY_CODE;

export interface ProxyErrorOptions {
  /** The private reason. It is logged and never sent. */
  cause?: unknown;
  /** Seconds after which a client may try again, sent as Retry-After. */
  retryAfter?: number;
  /** For how many seconds the answer will be the same, and for requests that differ in none of these headers. */
  lasts?: { readonly seconds: number; readonly vary?: string | undefined };
}

/** A failure whose `message` is one public sentence and whose `cause`, if any, stays in the log. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  readonly code: ErrorCode;
  readonly retryAfter: number | undefined;
  readonly lasts: ProxyErrorOptions["lasts"];

  constructor(code: ErrorCode, message: string, options: ProxyErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryAfter = options.retryAfter;
    this.lasts = options.lasts;
  }

  get status(): number {
    return STATUS_BY_CODE[this.code];
  }
}

/** A sentence as it goes on behind a colon. */
export function inSentence(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}

/** The same failure, of something that the sentence names: `The overlay cannot be shown: …`. */
export function failureOf(sentence: string, failure: ProxyError): ProxyError {
  const { code, message, cause, retryAfter, lasts } = failure;
  return new ProxyError(code, `${sentence}: ${inSentence(message)}`, {
    ...(cause === undefined ? {} : { cause }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
    ...(lasts === undefined ? {} : { lasts }),
  });
}
