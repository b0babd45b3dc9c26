// The way to origins through a proxy of HTTP: a tunnel for https (RFC 9110 section 9.3.6), and for http a
// request that names its URL whole (RFC 9112 section 3.2.2).

import { Buffer } from "node:buffer";
import { ProxyError } from "../../errors.ts";
import { matchesHost, parseHostPatterns } from "../host.ts";
import type { OriginUrl } from "./origin_url.ts";
import { parseResponseHead } from "./response_head.ts";

export interface HttpProxy {
  /** As in a URL; IPv6 in brackets. */
  readonly hostname: string;
  readonly port: number;
  /** What it is told of us: the value of Proxy-Authorization. */
  readonly authorization: string | undefined;
  /** Whether it is the way to a host, given as in URLs. */
  isFor(hostname: string): boolean;
}

/** Bytes of the answer to CONNECT, which holds nothing but a status. */
const MAX_HEAD_BYTES = 16 * 1024;

/**
 * Reads `http://user:password@host:port`; throws a RangeError that says what would be right and repeats no
 * password. `direct` lists hosts that are asked without it, written like those of allowHosts.
 */
export function createHttpProxy(
  text: string,
  { direct }: { direct: readonly string[] },
): HttpProxy {
  const url = URL.parse(text);
  const isPlain = url !== null && /^\/?$/.test(url.pathname) && url.search + url.hash === "";
  if (url?.protocol !== "http:" || url.hostname === "" || !isPlain) {
    throw new RangeError(
      "must be http://host:port, with user:password@ before the host if need be",
    );
  }
  const patterns = parseHostPatterns(direct);
  const user = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return {
    hostname: url.hostname,
    port: Number(url.port) || 80,
    authorization: url.username === "" && url.password === ""
      ? undefined
      : `Basic ${Buffer.from(user).toString("base64")}`,
    isFor: (hostname) => !matchesHost(patterns, hostname),
  };
}

/** Has the proxy connect to the origin: what is sent over the connection from then on goes there. */
export async function openTunnel(
  connection: Deno.Conn,
  { url, proxy }: { url: OriginUrl; proxy: HttpProxy },
): Promise<void> {
  const place = `${url.hostname}:${url.port}`;
  const lines = [`CONNECT ${place} HTTP/1.1`, `Host: ${place}`];
  if (proxy.authorization) lines.push(`Proxy-Authorization: ${proxy.authorization}`);
  const request = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  for (let rest = request; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
  const status = await readStatus(connection);
  if (status >= 200 && status < 300) return;
  const cause = new Error(`CONNECT ${place} was answered ${status} by ${proxy.hostname}`);
  throw new ProxyError("bad_origin", "The proxy on the way to the origin refuses to connect", {
    cause,
  });
}

async function readStatus(connection: Deno.Conn): Promise<number> {
  const buffer = Buffer.alloc(MAX_HEAD_BYTES);
  for (let length = 0; length < buffer.length;) {
    const count = await connection.read(buffer.subarray(length));
    if (count === null) break;
    length += count;
    const text = buffer.toString("latin1", 0, length);
    const end = /\r?\n\r?\n/.exec(text);
    if (!end) continue;
    // The origin says nothing before it is spoken to: what follows would be somebody else's words.
    if (end.index + end[0].length < length) break;
    return parseResponseHead(text).status;
  }
  throw new ProxyError("bad_origin", "The proxy on the way to the origin does not answer as one", {
    cause: new Error("The answer to CONNECT cannot be read"),
  });
}
