// A way to a server that a test can cut, as a network does: connections end, and none is made until it is mended.

export interface Cuttable extends AsyncDisposable {
  port: number;
  cut(): void;
  mend(): void;
}

/** Passes connections to the port on 127.0.0.1 on. */
export function startCuttable(target: number): Cuttable {
  const open = new Set<Deno.Conn>();
  const serving = new Set<Promise<void>>();
  let listener = listen(0);
  const { port } = listener.addr;
  accept();

  function listen(port: number): Deno.TcpListener {
    return Deno.listen({ hostname: "127.0.0.1", port });
  }

  function accept(): void {
    const current = listener;
    track((async () => {
      for await (const connection of current) track(pass(connection));
    })());
  }

  async function pass(connection: Deno.Conn): Promise<void> {
    open.add(connection);
    const server = await Deno.connect({ hostname: "127.0.0.1", port: target }).catch(() => {});
    if (server === undefined) return close(connection);
    open.add(server);
    await Promise.all([copy(connection, server), copy(server, connection)]);
  }

  async function copy(from: Deno.Conn, to: Deno.Conn): Promise<void> {
    await from.readable.pipeTo(to.writable).catch(() => {});
    close(from);
    close(to);
  }

  function close(connection: Deno.Conn): void {
    if (!open.delete(connection)) return;
    try {
      connection.close();
    } catch { /* The other end was faster. */ }
  }

  function track(promise: Promise<void>): void {
    const done: Promise<void> = promise.catch(() => {}).finally(() => serving.delete(done));
    serving.add(done);
  }

  function cut(): void {
    listener.close();
    for (const connection of [...open]) close(connection);
  }

  return {
    port,
    cut,
    mend() {
      listener = listen(port);
      accept();
    },
    async [Symbol.asyncDispose]() {
      try {
        cut();
      } catch { /* It is cut already. */ }
      await Promise.all(serving);
    },
  };
}
