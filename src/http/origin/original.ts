// Fetches originals for strangers: follows redirects by hand so that every hop passes the same gate, and
// bounds what an origin can cost in bytes, time and connections.

import { ProxyError } from "../../errors.ts";
import { cdnLoop } from "../cdn_loop.ts";
import { readWhole } from "./arriving_body.ts";
import { createConnectionPool } from "./connection_pool.ts";
import { createConnector, type Lookup, lookupBySystem } from "./connector.ts";
import { createDeadline, type Deadline } from "./deadline.ts";
import { decodeBody } from "./decode_body.ts";
import { type Exchange, exchange } from "./exchange.ts";
import { type FetchLimits, withDefaults } from "./fetch_limits.ts";
import { isOriginal, statusError } from "./origin_answer.ts";
import { isClosedConnection } from "./origin_error.ts";
import {
  headersForOthers,
  isConditional,
  requestHeaders,
  responseHeaders,
  withoutConditions,
} from "../origin_headers.ts";
import type { HttpProxy } from "./http_proxy.ts";
import { headersUnder, type RuleFinder } from "./origin_rule.ts";
import { createOriginPolicy, type OriginPolicyOptions } from "./origin_policy.ts";
import { type OriginUrl, parseOriginUrl, resolveLocation } from "./origin_url.ts";
import { createSlots } from "./slots.ts";

export interface OriginFetcherOptions extends OriginPolicyOptions, Partial<FetchLimits> {
  /** False makes a redirect an error, for origins that nobody expects one of. */
  followRedirects?: boolean;
  userAgent?: string;
  /** What this server calls itself in CDN-Loop; undefined for what is no server. */
  cdnId?: string | undefined;
  /** The way to origins, if there is but one. */
  proxy?: HttpProxy | undefined;
  /** What holds for one origin alone. */
  ruleFor?: RuleFinder | undefined;
  /** What is asked for unless a request says it; `image/*` by default, empty for anything. */
  accept?: string;
  /** Resolves host names; the system's resolver by default. */
  lookup?: Lookup;
  /** Authorities, in PEM, to trust for https instead of the usual ones. */
  ca?: readonly string[];
}

export interface OriginRequest {
  /** Headers to pass on, such as Accept or If-None-Match, over the fetcher's own. */
  headers?: HeadersInit;
  /** Whether a valid signature lets the request go to hosts that are not in allowHosts. */
  signed: boolean;
  /** Ends the transfer; the promise and the body then fail with its reason. */
  signal?: AbortSignal | undefined;
  /** The servers of this program that it has come through, as in CDN-Loop. */
  cameThrough?: string | undefined;
  /** Called when a connection may be used, before dialling; what it throws ends the fetch. */
  onStart?: (() => void) | undefined;
  /** Resolve for every status, 4xx and 5xx with no body, instead of rejecting. */
  anyStatus?: boolean;
  /**
   * What If-None-Match and If-Modified-Since in the headers are about, as `Original.url` says it; what was
   * asked for unless told. No other URL is sent them, for its tags are none of this one's.
   */
  validates?: string | undefined;
  /** Told of every redirect that is followed. */
  onRedirect?: (redirect: Redirect) => void;
  /** Whether the log may not tell what the URL is. */
  isSecret?: boolean;
  /** With `anyStatus`: follow no redirect, and keep what an answer that holds no original says. */
  keepsErrors?: boolean;
}

export interface Redirect {
  /** What redirects, as `Original.url` would say it. */
  url: string;
  status: number;
  /** As in an `Original`. */
  headers: Record<string, string>;
}

export interface Original<Body = Uint8Array> {
  /** 200, 203, or 304 if the request had a condition; anything if that was asked for. */
  status: number;
  /** By lower-case name, several values joined by ", "; never Set-Cookie, nor a coding that was undone. */
  headers: Record<string, string>;
  setCookies: string[];
  body: Body;
  /** Where the redirects led. */
  url: string;
}

export interface OriginalStream extends Original<ReadableStream<Uint8Array>> {
  /** What `readWhole()` may take the body's pieces to lie in, if they are all as they came. */
  room?: Uint8Array | undefined;
}

export interface OriginFetcher {
  /** Fetches an original whole. The URL's path and query are sent as they are. Rejects with a ProxyError. */
  fetchOriginal(url: string | URL, request: OriginRequest): Promise<Original>;
  /** The same, resolved at the headers; the body errors with a ProxyError. Read or cancel it. */
  streamOriginal(url: string | URL, request: OriginRequest): Promise<OriginalStream>;
  /** Whether a URL that a redirect led to may be asked for. */
  mayFetch(url: string, request: { signed: boolean }): boolean;
  /** Ends what is under way and closes all connections. */
  close(): Promise<void>;
}

const REDIRECTS = [301, 302, 303, 307, 308];

/** Creates a fetcher with connections of its own. Throws a RangeError for a bad host list or port. */
export function createOriginFetcher(options: OriginFetcherOptions = {}): OriginFetcher {
  const { followRedirects = true, userAgent = "imageproxy", accept = "image/*", cdnId } = options;
  const { lookup = lookupBySystem, ruleFor } = options;
  const limits = withDefaults(options);
  const policy = createOriginPolicy(options);
  const connector = createConnector({
    lookup,
    refuseAddress: policy.refuseAddress,
    connectTimeout: (hostname) => limitsOf(hostname).connectTimeout,
    ca: options.ca,
    proxy: options.proxy,
  });
  const pool = createConnectionPool(connector);
  const slots = createSlots({ maxWaiting: limits.waitingPerHost });

  /** Whether a request is the proxy's to pass on, and not what it tunnels. */
  function asksProxy({ protocol, hostname }: OriginUrl): boolean {
    return protocol === "http:" && options.proxy?.isFor(hostname) === true;
  }

  function limitsOf(hostname: string): FetchLimits {
    return { ...limits, ...ruleFor?.(hostname)?.limits };
  }

  async function streamOriginal(
    given: string | URL,
    request: OriginRequest,
  ): Promise<OriginalStream> {
    let url = parseOriginUrl(String(given));
    let headers = requestHeaders(request.headers, {
      userAgent,
      accept,
      cdnLoop: cdnId && cdnLoop(request.cameThrough, { id: cdnId }),
    });
    const validates = request.validates ?? spelt(url);
    // Whether all hops so far are of the origin that was asked for.
    let isGiven = true;
    const deadline = createDeadline(limitsOf(url.hostname).totalTimeout, request.signal);
    try {
      for (let hop = 0;; hop++) {
        const refusal = policy.refuseUrl(url, request);
        if (refusal) {
          const what = hop === 0 ? "The remote URL" : "The origin's redirect";
          throw new ProxyError("forbidden", `${what} is refused: ${refusal}`);
        }
        const wanted = headersUnder(ruleFor?.(url.hostname), { headers, isGiven });
        const sent = spelt(url) === validates ? wanted : withoutConditions(wanted);
        const answer = await ask(url, sent, { deadline, onStart: request.onStart });
        if (!REDIRECTS.includes(answer.status) || request.keepsErrors) {
          const { maxBytes } = limitsOf(url.hostname);
          const original = readAnswer(answer, { sent, request, maxBytes });
          answer.done.then(deadline.end);
          return { ...original, url: spelt(url) };
        }
        answer.discard();
        const next = redirectTarget(url, answer, hop);
        request.onRedirect?.({
          url: spelt(url),
          status: answer.status,
          headers: responseHeaders(answer.headers).headers,
        });
        if (next.origin !== url.origin) {
          headers = headersForOthers(headers);
          isGiven = false;
        }
        url = next;
      }
    } catch (error) {
      deadline.end();
      throw error;
    }
  }

  async function ask(
    url: OriginUrl,
    headers: Record<string, string>,
    { deadline, onStart }: { deadline: Deadline; onStart: (() => void) | undefined },
  ): Promise<Exchange> {
    const limits = limitsOf(url.hostname);
    const place = { signal: deadline.signal, limit: limits.requestsPerHost };
    for (let attempt = 1;; attempt++) {
      const onDone = await slots.acquire(url.hostname, place);
      try {
        onStart?.();
      } catch (error) {
        onDone();
        throw error;
      }
      try {
        const proxy = asksProxy(url) ? options.proxy : undefined;
        return await exchange(pool, url, { ...limits, headers, proxy, deadline, onDone });
      } catch (error) {
        if (attempt > 1 || !isClosedConnection(error)) throw error;
      }
    }
  }

  /** Passes the answer on if it is one, and discards it otherwise. */
  function readAnswer(
    answer: Exchange,
    { sent, request, maxBytes }: {
      sent: Record<string, string>;
      request: OriginRequest;
      maxBytes: number;
    },
  ): Omit<OriginalStream, "url"> {
    const { status } = answer;
    try {
      const { headers, setCookies } = responseHeaders(answer.headers);
      if (!isOriginal(status) && !(status === 304 && isConditional(sent))) {
        if (!request.anyStatus) throw statusError(status);
        if (request.keepsErrors) return { status, headers, setCookies, body: answer.body };
        answer.discard();
        return { status, headers, setCookies, body: new Blob([]).stream() };
      }
      if (status === 304) return { status, headers, setCookies, body: answer.body };
      const encoding = headers["content-encoding"];
      const body = decodeBody(answer.body, { encoding, maxBytes });
      const isAsSent = body === answer.body;
      if (!isAsSent) delete headers["content-length"];
      delete headers["content-encoding"];
      return { status, headers, setCookies, body, ...(isAsSent && { room: answer.room }) };
    } catch (error) {
      answer.discard();
      throw error;
    }
  }

  function redirectTarget(from: OriginUrl, answer: Exchange, hop: number): OriginUrl {
    if (!followRedirects) {
      throw new ProxyError("bad_origin", "The origin redirects, and redirects are not followed");
    }
    if (hop >= limits.maxRedirects) {
      throw new ProxyError(
        "bad_origin",
        `The origin redirects more than ${limits.maxRedirects} times`,
      );
    }
    const location = answer.headers.find(([name]) => name === "location")?.[1];
    if (location === undefined) {
      throw new ProxyError("bad_origin", "The origin redirects without saying where to");
    }
    return resolveLocation(from, location);
  }

  return {
    streamOriginal,
    async fetchOriginal(url, request) {
      const { body, room, ...original } = await streamOriginal(url, request);
      return { ...original, body: await readWhole(body, { room }) };
    },
    mayFetch: (url, request) =>
      followRedirects && policy.refuseUrl(parseOriginUrl(url), request) === undefined,
    close: () => Promise.resolve(pool.close()),
  };
}

function spelt(url: OriginUrl): string {
  return url.origin + url.target;
}
