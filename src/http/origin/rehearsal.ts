// The first fetch of a process takes several times as long as any after it: V8 runs the code of it for the
// first time. One from ourselves spares the first request that.
import { setTimeout as delay } from "node:timers/promises";
import { createOriginFetcher } from "./original.ts";

/** Milliseconds that are left to the server for its own start. */
const HEAD_START = 100;
/** A larger one spares the first request no more, and leaves garbage behind while workers still warm up. */
const BODY = 1_000;
const HEAD = `HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\nContent-Length: ${BODY}\r\n\r\n`;
const ANSWER = HEAD + "0".repeat(BODY);

/** Fetches a body over loopback, soon. Never rejects; `signal` ends it. */
export async function rehearseFetch(signal: AbortSignal): Promise<void> {
  await delay(HEAD_START, undefined, { signal }).catch(() => {});
  if (signal.aborted) return;
  const fetcher = createOriginFetcher({ allowPrivateNetworks: true });
  let origin: ReturnType<typeof listen> | undefined;
  try {
    origin = listen();
    await fetcher.fetchOriginal(origin.url, { signed: true, signal });
  } catch {
    // Without loopback, or the permission for it, the first request takes as long as it takes.
  } finally {
    await fetcher.close();
    await origin?.close();
  }
}

/** An origin that answers one connection. Throws where there is no loopback. */
function listen() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let connection: Deno.TcpConn | undefined;
  const answered = answer().catch(() => {
    // Nobody came, or whoever did has left.
  });

  async function answer(): Promise<void> {
    connection = await listener.accept();
    await connection.read(new Uint8Array(4096));
    let rest = new TextEncoder().encode(ANSWER);
    while (rest.length > 0) rest = rest.subarray(await connection.write(rest));
  }

  return {
    url: `http://127.0.0.1:${listener.addr.port}/`,
    close(): Promise<void> {
      listener.close();
      connection?.close();
      return answered;
    },
  };
}
