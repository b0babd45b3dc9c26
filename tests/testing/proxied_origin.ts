// A proxy beside an origin whose answers a test changes as it goes, by one clock.
import {
  type ChangingOrigin,
  type Clock,
  createClock,
  startChangingOrigin,
} from "./changing_origin.ts";
import { startProxy, type TestProxy, type TestProxyOptions } from "./proxy.ts";

export interface ProxiedOrigin extends AsyncDisposable {
  clock: Clock;
  origin: ChangingOrigin;
  proxy: TestProxy;
  /** Asks for /a.png under options, and reads the answer. */
  get(options?: string, init?: RequestInit & { path?: string }): Promise<Got>;
}

export interface Got {
  status: number;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
  text: string;
}

/** Starts both. The origin answers any path with `picture` and `headers`. */
export async function startProxiedOrigin(
  picture: Uint8Array<ArrayBuffer>,
  headers: Record<string, string>,
  { config = {}, ...options }: TestProxyOptions = {},
): Promise<ProxiedOrigin> {
  const clock = createClock();
  const origin = startChangingOrigin(clock, picture);
  origin.headers = headers;
  const proxy = await startProxy({ ...options, config, now: clock.now });
  return {
    clock,
    origin,
    proxy,
    async get(options = "20x", { path = "/a.png", ...init } = {}) {
      const response = await proxy.get(`/${options}/${origin.url}${path}`, init);
      const body = new Uint8Array(await response.arrayBuffer());
      const { status, headers } = response;
      return { status, headers, body, text: new TextDecoder().decode(body) };
    },
    async [Symbol.asyncDispose]() {
      await proxy[Symbol.asyncDispose]();
      await origin[Symbol.asyncDispose]();
    },
  };
}
