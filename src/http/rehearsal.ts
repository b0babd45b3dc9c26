// The first fetch of a process takes several times as long as any after it, some 20 ms: undici compiles
// its parser, and V8 runs our code for the first time. One from ourselves spares the first request that.
import net from "node:net";
import { createOriginFetcher } from "./original.ts";

/** Milliseconds that are left to the server for its own start. */
const HEAD_START = 100;
/** As large as a photograph: most of the time goes into what is done for each piece. */
const BODY = 800_000;
const ANSWER = `HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\nContent-Length: ${BODY}\r\n\r\n`;

/** Fetches a body over loopback, soon. Never rejects; `signal` ends it. */
export async function rehearseFetch(signal: AbortSignal): Promise<void> {
  if (!await passes(HEAD_START, signal)) return;
  const origin = net.createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(ANSWER + "0".repeat(BODY)));
  });
  const fetcher = createOriginFetcher({ allowPrivateNetworks: true });
  try {
    const url = `http://127.0.0.1:${await listen(origin)}/`;
    await fetcher.fetchOriginal(url, { signed: true, signal });
  } catch {
    // Without loopback, or the permission for it, the first request takes as long as it takes.
  } finally {
    await fetcher.close();
    await new Promise((resolve) => origin.close(resolve));
  }
}

/** The port that the system chose. */
function listen(server: net.Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as net.AddressInfo).port));
  });
}

/** Whether the time passed before the signal. */
function passes(milliseconds: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => end(true), milliseconds);
    const abort = () => end(false);
    function end(passed: boolean): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      resolve(passed);
    }
    if (signal.aborted) return end(false);
    signal.addEventListener("abort", abort, { once: true });
  });
}
