// An origin whose answers a test changes as it goes, by a clock that the test moves.
import { startOrigin, type TestOrigin } from "./proxy.ts";

export interface Clock {
  now(): number;
  /** Moves it on by so many seconds. */
  pass(seconds: number): void;
}

/** A clock that stands still, from a whole second near the present, until it is moved. */
export function createClock(): Clock {
  let time = Math.floor(Date.now() / 1000) * 1000;
  return {
    now: () => time,
    pass: (seconds) => void (time += seconds * 1000),
  };
}

export interface ChangingOrigin extends TestOrigin {
  /** What is asked for at any path is answered with this. */
  body: Uint8Array<ArrayBuffer>;
  status: number;
  headers: Record<string, string>;
  /** Answers 304 where If-None-Match holds the ETag in `headers`. */
  revalidates: boolean;
  /** Resolves before each answer. */
  delay: () => Promise<unknown>;
  /** How often a path was asked for; all paths if none is given. */
  count(path?: string): number;
}

/** Starts the origin on a free port. Its Date is the clock's. */
export function startChangingOrigin(clock: Clock, body: Uint8Array<ArrayBuffer>): ChangingOrigin {
  const origin: ChangingOrigin = Object.assign(startOrigin({}, answer), {
    body,
    status: 200,
    headers: {},
    revalidates: true,
    delay: () => Promise.resolve(),
    count: (path?: string) =>
      origin.requests.filter(({ url }) => path === undefined || new URL(url).pathname === path)
        .length,
  });

  async function answer(request: Request): Promise<Response> {
    const { body, status, revalidates } = origin;
    const headers = { date: new Date(clock.now()).toUTCString(), ...origin.headers };
    await origin.delay();
    const etag = request.headers.get("if-none-match");
    if (revalidates && status === 200 && etag !== null && etag === origin.headers.etag) {
      return new Response(null, { status: 304, headers });
    }
    return new Response(status === 200 ? body : "no image", { status, headers });
  }
  return origin;
}
