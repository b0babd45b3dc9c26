// Opens the connections of the fetcher. Names are resolved here, every answer is judged here, and what is
// dialled is the judged address itself: a name that resolves differently a moment later gains nothing.

import { lookup as systemLookup } from "node:dns/promises";
import net from "node:net";
import tls from "node:tls";
import type { buildConnector } from "undici";
import { ProxyError } from "../../errors.ts";
import { parseAddress } from "../address.ts";
import { untilAborted } from "./deadline.ts";
import { isCertificateError, originError } from "./origin_error.ts";

/** The addresses of a host name, in the order in which to try them. */
export type Lookup = (hostname: string) => Promise<readonly string[]>;

export interface ConnectorOptions {
  lookup: Lookup;
  /** Why the address must not be dialled, as the end of a public sentence, or undefined. */
  refuseAddress: (address: string, hostname: string) => string | undefined;
  /** Milliseconds for resolving, dialling and the TLS handshake together. */
  connectTimeout: number;
  /** Certificates, in PEM, of the authorities to trust instead of the usual ones. */
  ca?: readonly string[] | undefined;
}

export interface Connector {
  connect: buildConnector.connector;
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

  async function open(hostname: string, port: number, secure: boolean): Promise<net.Socket> {
    const abort = new AbortController();
    opening.add(abort);
    const timer = setTimeout(
      () => abort.abort(new ProxyError("timeout", "Connecting to the origin took too long")),
      options.connectTimeout,
    );
    try {
      const addresses = await resolve(hostname, abort.signal);
      // Server names are names (RFC 6066 section 3); the certificate of an address is checked against it.
      const servername = net.isIP(hostname) ? {} : { servername: hostname };
      return await firstToConnect(addresses, abort.signal, (address) =>
        secure
          ? tls.connect({
            host: address,
            port,
            ...servername,
            ALPNProtocols: ["http/1.1"],
            ...(options.ca ? { ca: [...options.ca] } : {}),
          })
          : net.connect({ host: address, port }));
    } finally {
      clearTimeout(timer);
      opening.delete(abort);
    }
  }

  async function resolve(hostname: string, signal: AbortSignal): Promise<readonly string[]> {
    const addresses = net.isIP(hostname) ? [hostname] : await lookUp(hostname, signal);
    for (const address of addresses) {
      const reason = parseAddress(address)
        ? options.refuseAddress(address, hostname)
        : "its host has no public address";
      if (reason) {
        const cause = new Error(`"${hostname}" has the address ${address}`);
        throw new ProxyError("forbidden", `The remote URL is refused: ${reason}`, { cause });
      }
    }
    return addresses;
  }

  async function lookUp(hostname: string, signal: AbortSignal): Promise<readonly string[]> {
    const message = "The origin's host name cannot be resolved";
    const addresses = await untilAborted(options.lookup(hostname), signal).catch((cause) => {
      throw signal.aborted ? signal.reason : new ProxyError("bad_origin", message, { cause });
    });
    if (addresses.length === 0) throw new ProxyError("bad_origin", message);
    return addresses;
  }

  return {
    connect({ hostname, port, protocol }, callback) {
      const secure = protocol === "https:";
      open(hostname, Number(port) || (secure ? 443 : 80), secure).then(
        (socket) => callback(null, socket),
        (error) => callback(error, null),
      );
    },
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
  signal: AbortSignal,
  dial: (address: string) => net.Socket,
): Promise<net.Socket> {
  const waiting = [...addresses];
  const dialling = new Set<net.Socket>();
  let delay: ReturnType<typeof setTimeout> | undefined;

  return new Promise((resolve, reject) => {
    function finish(settle: () => void): void {
      clearTimeout(delay);
      signal.removeEventListener("abort", onAbort);
      for (const socket of dialling) socket.destroy();
      settle();
    }
    const onAbort = () => finish(() => reject(signal.reason));

    function next(): void {
      clearTimeout(delay);
      const address = waiting.shift();
      if (address === undefined) return;
      const socket = dial(address);
      dialling.add(socket);
      socket.once(socket instanceof tls.TLSSocket ? "secureConnect" : "connect", () => {
        if (!dialling.delete(socket)) return;
        finish(() => {
          socket.removeListener("error", onError);
          socket.setNoDelay(true);
          resolve(socket);
        });
      });
      socket.on("error", onError);
      if (waiting.length > 0) delay = setTimeout(next, ATTEMPT_DELAY_MS);

      function onError(cause: Error): void {
        if (!dialling.delete(socket)) return;
        socket.destroy();
        if (waiting.length > 0) return next();
        if (dialling.size > 0) return;
        finish(() => reject(connectError(cause)));
      }
    }

    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", onAbort);
    next();
  });
}

function connectError(cause: Error): ProxyError {
  return isCertificateError(cause)
    ? originError(cause)
    : new ProxyError("bad_origin", "Cannot connect to the origin", { cause });
}
