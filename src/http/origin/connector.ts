// Opens the connections of the fetcher. Names are resolved here, every answer is judged here, and what is
// dialled is the judged address itself: a name that resolves differently a moment later gains nothing. Where
// a proxy is on the way, it resolves names, and only addresses that stand in URLs can be judged.

import { lookup as systemLookup } from "node:dns/promises";
import net from "node:net";
import { ProxyError } from "../../errors.ts";
import { parseAddress } from "../address.ts";
import { untilAborted } from "./deadline.ts";
import { type HttpProxy, openTunnel } from "./http_proxy.ts";
import type { OriginUrl } from "./origin_url.ts";
import { tlsError } from "./tls_error.ts";

/** The addresses of a host name, in the order in which to try them. */
export type Lookup = (hostname: string) => Promise<readonly string[]>;

export interface ConnectorOptions {
  lookup: Lookup;
  /** Why the address must not be dialled, as the end of a public sentence, or undefined. */
  refuseAddress: (address: string, hostname: string) => string | undefined;
  /** Milliseconds for resolving, dialling and the TLS handshake together, of a host as it stands in URLs. */
  connectTimeout: (hostname: string) => number;
  /** Certificates, in PEM, of authorities to trust besides those of Deno. */
  ca?: readonly string[] | undefined;
  /** The way to origins, if there is but one. */
  proxy?: HttpProxy | undefined;
}

export interface Connector {
  /** A connection that is ready for HTTP. Rejects with a ProxyError, or at once with the signal's reason. */
  connect(url: OriginUrl, signal: AbortSignal): Promise<Deno.Conn>;
  /** Gives up every connection that is still being opened. */
  close(): void;
}

/** How long one address may keep the next one waiting (RFC 8305 section 5). */
const ATTEMPT_DELAY_MS = 250;

/** The system's resolver, which knows /etc/hosts. */
export async function lookupBySystem(hostname: string): Promise<readonly string[]> {
  return (await systemLookup(hostname, { all: true, verbatim: true })).map(({ address }) =>
    address
  );
}

export function createConnector(options: ConnectorOptions): Connector {
  const opening = new Set<AbortController>();

  async function connect(url: OriginUrl, caller: AbortSignal): Promise<Deno.Conn> {
    const abort = new AbortController();
    opening.add(abort);
    const timer = setTimeout(
      () => abort.abort(new ProxyError("timeout", "Connecting to the origin took too long")),
      options.connectTimeout(url.hostname),
    );
    const signal = AbortSignal.any([abort.signal, caller]);
    try {
      signal.throwIfAborted();
      const hostname = bare(url.hostname);
      const proxy = options.proxy?.isFor(url.hostname) ? options.proxy : undefined;
      const addresses = proxy
        ? await addressesOfProxy(proxy, { hostname, signal })
        : await resolve(hostname, signal);
      return await firstToConnect(addresses, {
        signal,
        dial: (address, { signal }) => dial(address, { url, hostname, proxy, signal }),
      });
    } finally {
      clearTimeout(timer);
      opening.delete(abort);
    }
  }

  async function resolve(hostname: string, signal: AbortSignal): Promise<readonly string[]> {
    const addresses = net.isIP(hostname) ? [hostname] : await lookUp(hostname, signal);
    judge(addresses, hostname);
    return addresses;
  }

  /** Those of the proxy itself, which the operator has named; of the host only what its URL tells is judged. */
  async function addressesOfProxy(
    proxy: HttpProxy,
    { hostname, signal }: { hostname: string; signal: AbortSignal },
  ): Promise<readonly string[]> {
    if (net.isIP(hostname)) judge([hostname], hostname);
    // RFC 6761 section 6.3: these are loopback addresses wherever they are resolved.
    if (/(?:^|\.)localhost$/.test(hostname)) judge(["127.0.0.1"], hostname);
    const own = bare(proxy.hostname);
    return net.isIP(own) ? [own] : await lookUp(own, signal);
  }

  /** Throws a forbidden ProxyError where one of the addresses may not be dialled. */
  function judge(addresses: readonly string[], hostname: string): void {
    for (const address of addresses) {
      const reason = parseAddress(address)
        ? options.refuseAddress(address, hostname)
        : "its host has no public address";
      if (reason) {
        const cause = new Error(`"${hostname}" has the address ${address}`);
        throw new ProxyError("forbidden", `The remote URL is refused: ${reason}`, { cause });
      }
    }
  }

  async function lookUp(hostname: string, signal: AbortSignal): Promise<readonly string[]> {
    const message = "The origin's host name cannot be resolved";
    const addresses = await untilAborted(options.lookup(hostname), signal).catch((cause) => {
      throw signal.aborted ? signal.reason : new ProxyError("bad_origin", message, { cause });
    });
    if (addresses.length === 0) throw new ProxyError("bad_origin", message);
    return addresses;
  }

  /** Dials an address, of the origin or of the proxy; with https the certificate is checked against the name, not the address. */
  async function dial(
    address: string,
    { url, hostname, proxy, signal }: {
      url: OriginUrl;
      hostname: string;
      proxy: HttpProxy | undefined;
      signal: AbortSignal;
    },
  ): Promise<Deno.Conn> {
    const { port } = proxy ?? url;
    const plain = await Deno.connect({ hostname: address, port, signal })
      .catch((cause) => {
        const what = proxy ? "the proxy on the way to the origin" : "the origin";
        throw new ProxyError("bad_origin", `Cannot connect to ${what}`, { cause });
      });
    plain.setNoDelay(true);
    if (url.protocol === "http:") return plain;
    let secure: Deno.TlsConn | undefined;
    const giveUp = () => close(secure ?? plain);
    try {
      signal.addEventListener("abort", giveUp);
      signal.throwIfAborted();
      if (proxy) await openTunnel(plain, { url, proxy });
      secure = await Deno.startTls(plain, {
        hostname,
        alpnProtocols: ["http/1.1"],
        caCerts: [...options.ca ?? []],
      });
      signal.throwIfAborted();
      await secure.handshake();
      return secure;
    } catch (cause) {
      giveUp();
      throw cause instanceof ProxyError ? cause : tlsError(cause as Error);
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }

  return {
    connect,
    close() {
      for (const abort of opening) {
        abort.abort(new ProxyError("bad_origin", "The connection to the origin was given up"));
      }
    },
  };
}

/** Dials the addresses in turn, the next when one fails or is slow, and keeps the first that connects. */
function firstToConnect(
  addresses: readonly string[],
  { signal, dial }: {
    signal: AbortSignal;
    dial: (address: string, options: { signal: AbortSignal }) => Promise<Deno.Conn>;
  },
): Promise<Deno.Conn> {
  const waiting = [...addresses];
  const race = new AbortController();
  let running = 0;
  let delay: ReturnType<typeof setTimeout> | undefined;

  return new Promise((resolve, reject) => {
    function finish(settle: () => void): void {
      clearTimeout(delay);
      signal.removeEventListener("abort", onAbort);
      race.abort();
      settle();
    }
    const onAbort = () => finish(() => reject(signal.reason));

    function next(): void {
      clearTimeout(delay);
      const address = waiting.shift();
      if (address === undefined) return;
      running++;
      dial(address, { signal: race.signal }).then(
        (connection) => {
          // Another one was faster, or nobody waits any more.
          if (race.signal.aborted) connection.close();
          else finish(() => resolve(connection));
        },
        (error) => {
          running--;
          if (race.signal.aborted) return;
          if (waiting.length > 0) next();
          else if (running === 0) finish(() => reject(error));
        },
      );
      if (waiting.length > 0) delay = setTimeout(next, ATTEMPT_DELAY_MS);
    }

    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", onAbort);
    next();
  });
}

/** An address without the brackets that it has in URLs. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

/** Closes a connection that may be closed already. */
function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is.
  }
}
