// The proxy as its users run it, in this process: a real listener, real workers, a real origin.
import type { Config } from "../../src/settings/table.ts";
import type { Store } from "../../src/cache/drivers/store.ts";
import type { Lookup } from "../../src/http/origin/connector.ts";
import { readRules } from "../../src/serving/image_server.ts";
import type { PoolStats } from "../../src/image/engine/pool.ts";
import type { RequestLine } from "../../src/ops/log.ts";
import { resolveConfig } from "../../src/settings/resolve.ts";
import { startServers } from "../../src/server/parallel.ts";

export interface TestProxy extends AsyncDisposable {
  url: string;
  log: RequestLine[];
  /** What would be told to the operator. */
  warnings: string[];
  /** The same with its level before it, as in `info: …`. */
  events: string[];
  poolStats(): PoolStats;
  get(target: string, init?: RequestInit): Promise<Response>;
}

export interface TestProxyOptions {
  config?: Partial<Config>;
  keys?: readonly string[];
  now?: () => number;
  openStore?: (spec: string) => Promise<Store>;
  /** Resolves host names for the proxy. */
  lookup?: Lookup;
  /** The environment as the cache backends see it. */
  env?: (name: string) => string | undefined;
}

/** Starts the proxy on a free port; it may fetch from this machine. */
export async function startProxy(
  { config = {}, keys = [], now = Date.now, openStore, lookup, env = () => undefined }:
    TestProxyOptions = {},
): Promise<TestProxy> {
  const log: RequestLine[] = [];
  const warnings: string[] = [];
  const events: string[] = [];
  const rules = await readRules({
    ...resolveConfig({}, () => undefined).config,
    addr: { hostname: "127.0.0.1", port: 0 },
    allowPrivateNetworks: true,
    verbose: true,
    workers: 2,
    ...config,
  }, Deno);
  const server = await startServers({
    ...rules,
    signatureKeys: keys.map((key) => new TextEncoder().encode(key)),
    log: {
      request: (line) => log.push(line),
      event(level, message) {
        warnings.push(message);
        events.push(`${level}: ${message}`);
      },
    },
    env,
    now,
    ...(openStore ? { openStore } : {}),
    ...(lookup ? { lookup } : {}),
  });
  return {
    url: server.url,
    log,
    warnings,
    events,
    poolStats: server.poolStats!,
    get: (target, init) => fetch(server.url + target, init),
    [Symbol.asyncDispose]: server.close,
  };
}

export interface TestOrigin extends AsyncDisposable {
  url: string;
  /** Targets that were asked for, in order. */
  requests: Request[];
}

export type OriginAnswer = (request: Request) => Response | Promise<Response>;

/** Answers nothing for as long as it is waited for. */
export const silent: OriginAnswer = ({ signal }) =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(new Response())));

/** An origin on 127.0.0.1 that answers by path; anything else is 404 unless told. */
export function startOrigin(
  answers: Readonly<Record<string, OriginAnswer | Uint8Array<ArrayBuffer>>>,
  otherwise: OriginAnswer = () => new Response("no such image", { status: 404 }),
): TestOrigin {
  const requests: Request[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    requests.push(request);
    const answer = answers[new URL(request.url).pathname];
    if (answer instanceof Uint8Array) return new Response(answer);
    return await (answer ?? otherwise)(request);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
