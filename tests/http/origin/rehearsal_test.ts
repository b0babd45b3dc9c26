import assert from "node:assert/strict";
import { rehearseFetch } from "../../../src/http/origin/rehearsal.ts";

interface Listening {
  onListen?: () => void;
  /** Called before a connection is waited for. */
  onWait?: (port: number) => Promise<unknown>;
  onConnection?: () => void;
}

/** Rehearses, and tells how many connections were accepted. */
async function rehearse(signal: AbortSignal, hooks: Listening = {}): Promise<number> {
  const { listen } = Deno;
  let connections = 0;
  Deno.listen = ((options: Deno.TcpListenOptions) => {
    hooks.onListen?.();
    const listener = listen(options);
    const accept = listener.accept.bind(listener);
    listener.accept = async () => {
      await hooks.onWait?.(listener.addr.port);
      const connection = await accept();
      connections++;
      hooks.onConnection?.();
      return connection;
    };
    return listener;
  }) as typeof listen;
  try {
    await rehearseFetch(signal);
  } finally {
    Deno.listen = listen;
  }
  return connections;
}

Deno.test("a rehearsal fetches once, and leaves nothing open", async () => {
  assert.equal(await rehearse(new AbortController().signal), 1);
});

Deno.test("a rehearsal that is called off before it begins fetches nothing", async () => {
  for (const signal of [AbortSignal.abort(), AbortSignal.timeout(20)]) {
    assert.equal(await rehearse(signal), 0);
  }
});

Deno.test("a rehearsal that is called off while it fetches leaves nothing open", async () => {
  const controller = new AbortController();
  const onConnection = () => controller.abort();
  assert.equal(await rehearse(controller.signal, { onConnection }), 1);
});

Deno.test("a rehearsal ends with its signal when a stranger connects and says nothing", async () => {
  const controller = new AbortController();
  const strangers: Deno.Conn[] = [];
  const onWait = async (port: number) => strangers.push(await Deno.connect({ port }));
  const onConnection = () => void setTimeout(() => controller.abort(), 50);
  assert.equal(await rehearse(controller.signal, { onWait, onConnection }), 1);
  for (const stranger of strangers) stranger.close();
});

Deno.test("a rehearsal without loopback is none", async () => {
  const onListen = () => {
    throw new Deno.errors.AddrNotAvailable("no address");
  };
  assert.equal(await rehearse(new AbortController().signal, { onListen }), 0);
});
