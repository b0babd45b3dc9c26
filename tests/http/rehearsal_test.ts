import assert from "node:assert/strict";
import net from "node:net";
import { rehearseFetch } from "../../src/http/rehearsal.ts";

/** Has `createServer` of node:net count the connections to what it makes. */
async function countingConnections(run: () => Promise<void>): Promise<number> {
  const { createServer } = net;
  let connections = 0;
  net.createServer = ((onConnection: (socket: net.Socket) => void) =>
    createServer((socket) => {
      connections++;
      onConnection(socket);
    })) as typeof createServer;
  try {
    await run();
  } finally {
    net.createServer = createServer;
  }
  return connections;
}

Deno.test("a rehearsal fetches once, and leaves nothing open", async () => {
  const run = () => rehearseFetch(new AbortController().signal);
  assert.equal(await countingConnections(run), 1);
});

Deno.test("a rehearsal that is called off before it begins fetches nothing", async () => {
  for (const signal of [AbortSignal.abort(), AbortSignal.timeout(20)]) {
    assert.equal(await countingConnections(() => rehearseFetch(signal)), 0);
  }
});

Deno.test("a rehearsal without loopback is none", async () => {
  const { createServer } = net;
  net.createServer = ((...args: []) => {
    const server = createServer(...args);
    server.listen = () => {
      queueMicrotask(() => server.emit("error", new Error("no address")));
      return server;
    };
    return server;
  }) as typeof createServer;
  try {
    await rehearseFetch(new AbortController().signal);
  } finally {
    net.createServer = createServer;
  }
});
