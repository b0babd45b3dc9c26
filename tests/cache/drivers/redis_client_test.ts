import assert from "node:assert/strict";
import {
  createRedisClient,
  type RedisClient,
  type RedisClientOptions,
} from "../../../src/cache/drivers/redis_client.ts";
import { eventually, inTime } from "../../testing/eventually.ts";

// A real server fails in none of these ways on demand, so that a loopback listener stands in for it.

interface Fake {
  port: number;
  /** How many connections were made. */
  connections(): number;
  close(): Promise<void>;
}

type Say = (text: string) => Promise<unknown>;

/** Answers each chunk received, one command in these tests, with what `answer` says. */
function startFake(answer: (command: string, say: Say) => Promise<unknown> | void): Fake {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const open = new Set<Deno.Conn>();
  let connections = 0;

  async function serve(connection: Deno.Conn): Promise<void> {
    const say: Say = (text) => connection.write(new TextEncoder().encode(text));
    const chunk = new Uint8Array(65_536);
    try {
      for (let length; (length = await connection.read(chunk)) !== null;) {
        await answer(new TextDecoder().decode(chunk.subarray(0, length)), say);
      }
    } catch {
      // The client dropped it, or the test has ended.
    }
    open.delete(connection);
    try {
      connection.close();
    } catch { /* Closed by the test. */ }
  }

  const serving = (async () => {
    const served: Promise<void>[] = [];
    try {
      for await (const connection of listener) {
        connections++;
        open.add(connection);
        served.push(serve(connection));
      }
    } finally {
      await Promise.all(served);
    }
  })();
  return {
    port: listener.addr.port,
    connections: () => connections,
    async close() {
      listener.close();
      for (const connection of open) connection.close();
      await serving;
    },
  };
}

async function withClient(
  fake: Fake,
  { use, ...options }: Partial<RedisClientOptions> & {
    use: (client: RedisClient) => Promise<void>;
  },
): Promise<void> {
  const given = { host: "127.0.0.1", port: fake.port, secure: false, database: 0, timeoutMs: 200 };
  const client = createRedisClient({ ...given, ...options });
  try {
    await use(client);
  } finally {
    await client.close();
    await fake.close();
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function greet(command: string, say: Say): Promise<unknown> | void {
  if (command.includes("PING")) return say("+PONG\r\n");
}

Deno.test("createRedisClient() rejects in time when the server hangs, and drops the connection", async () => {
  const fake = startFake(greet);
  const changes: boolean[] = [];
  const dropped = Promise.withResolvers<void>();
  await withClient(fake, {
    onChange(connected) {
      changes.push(connected);
      if (!connected) dropped.resolve();
    },
    async use(client) {
      const started = performance.now();
      await inTime(assert.rejects(client.call("GET", "a"), /did not answer within 200 ms/));
      assert.ok(performance.now() - started > 150);
      await inTime(dropped.promise);
      // It is not kept until there is a connection again, on which nothing would be answered either.
      await assert.rejects(client.call("GET", "a"), /Cannot reach/);
    },
  });
  assert.deepEqual(changes.slice(0, 2), [true, false]);
});

Deno.test("createRedisClient() rejects in time when the server never greets, and tries seldom", async () => {
  const fake = startFake(() => {});
  await withClient(fake, {
    async use(client) {
      const started = performance.now();
      await assert.rejects(client.call("GET", "a"), /did not answer within 200 ms/);
      await assert.rejects(client.call("GET", "a"));
      await sleep(1_500);
      await assert.rejects(client.call("GET", "a"), /Cannot reach/);
      // Each has a second.
      const most = 2 + (performance.now() - started) / 1_000;
      assert.ok(fake.connections() <= most, `${fake.connections()} attempts`);
    },
  });
});

Deno.test("createRedisClient() slows down against a server that hangs up at once", async () => {
  const fake = startFake(() => Promise.reject(new Error("hang up")));
  const changes: boolean[] = [];
  await withClient(fake, {
    onChange: (connected) => changes.push(connected),
    async use(client) {
      await assert.rejects(client.call("GET", "a"), /Cannot reach/);
      await sleep(1_000);
      // Of hundreds that there would be.
      assert.ok(fake.connections() <= 20, `${fake.connections()} attempts`);
    },
  });
  assert.deepEqual(changes, [false]);
});

Deno.test("createRedisClient() gives a late answer to nobody, and keeps a connection that speaks", async () => {
  const fake = startFake(async (command, say) => {
    if (command.includes("PING")) return say("+PONG\r\n");
    const fast = command.match(/fast/g);
    if (fast) return say("$4\r\nfast\r\n".repeat(fast.length));
    await say("$8\r\n");
    for (const letter of "slowslow") {
      await sleep(180);
      await say(letter);
    }
    await say("\r\n");
  });
  await withClient(fake, {
    timeoutMs: 1_000,
    async use(client) {
      await assert.rejects(client.call("GET", "slow"), /did not answer/);
      await eventually(async () => {
        const got = await client.call("GET", "fast");
        assert.equal(new TextDecoder().decode(got as Uint8Array), "fast");
      });
      assert.equal(fake.connections(), 1);
    },
  });
});

Deno.test("createRedisClient() says why a greeting failed", async () => {
  const rows = [
    ["HTTP/1.1 400 Bad Request\r\n\r\n", /not an answer of Redis/],
    ["-LOADING Redis is loading the dataset in memory\r\n", /LOADING/],
    ["-ERR max number of clients reached\r\n", /max number/],
  ] as const;
  for (const [greeting, expected] of rows) {
    const fake = startFake((_, say) => say(greeting));
    await withClient(fake, {
      async use(client) {
        await assert.rejects(client.call("GET", "a"), (error: Error) => {
          assert.match(String(error.cause), expected);
          return true;
        });
      },
    });
  }
});

Deno.test("createRedisClient() closes at any moment, and rejects what waits", async () => {
  for (const ms of [0, 1, 5, 20, 60, 120]) {
    const fake = startFake(greet);
    let waiting: Promise<void> | undefined;
    await withClient(fake, {
      async use(client) {
        waiting = assert.rejects(client.call("GET", "a"));
        await sleep(ms);
      },
    });
    await waiting;
  }
});
