// An engine's process in wrong hands: what it does is the query of its own URL.
import type { EngineOrders, Hello } from "../../src/image/engine/messages.ts";
import { createFrameReader, createFrameWriter } from "../../src/image/engine/wire.ts";

/** Deeds by name; each gets the orders and may end the process with a code of its own. */
const DEEDS = {
  /** Says that it can still do what no engine may. */
  keepsPermissions: () => say({ memory: 1e6, processorSeconds: 1, permissions: ["read", "net"] }),
  /** Says what is no report of its state. */
  saysNonsense: () => console.log("{ nonsense"),
  /** Sends a worker's message that none of ours is as long as. */
  sendsNonsense: async (orders: EngineOrders) => {
    const connection = await connect(orders, { token: orders.token, worker: 0 });
    await connection.write(new Uint8Array(8).fill(255));
  },
  /** Comes without the token, and ends when it is hung up on. */
  hasNoToken: async (orders: EngineOrders) => {
    await expectToBeLeft(await connect(orders, { token: "guessed", worker: 0 }));
  },
  /** Comes for a worker that there is not. */
  hasNoWorker: async (orders: EngineOrders) => {
    await expectToBeLeft(await connect(orders, { token: orders.token, worker: 99 }));
  },
};

export type Deed = keyof typeof DEEDS;

/** With which it ends where it was hung up on. */
export const LEFT = 7;

function say(state: object): void {
  console.log(JSON.stringify(state));
}

async function connect({ port }: EngineOrders, hello: Hello): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await createFrameWriter(connection)(hello);
  return connection;
}

async function expectToBeLeft(connection: Deno.TcpConn): Promise<void> {
  const frame = await createFrameReader(connection)().catch(() => undefined);
  Deno.exit(frame === undefined ? LEFT : 1);
}

if (import.meta.main) {
  const chunk = new Uint8Array(65_536);
  const length = await Deno.stdin.read(chunk) ?? 0;
  const orders: EngineOrders = JSON.parse(new TextDecoder().decode(chunk.subarray(0, length)));
  await DEEDS[new URL(import.meta.url).search.slice(1) as Deed](orders);
  // Until it is ended, or the server has.
  while (await Deno.stdin.read(chunk) !== null);
}
