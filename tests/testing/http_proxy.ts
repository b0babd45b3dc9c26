// A proxy of HTTP as companies have them: it tunnels for CONNECT and passes other requests on.

export interface TestHttpProxy extends AsyncDisposable {
  port: number;
  /** The request line of what it was asked, and its Proxy-Authorization behind a blank. */
  asked: string[];
}

export interface TestHttpProxyOptions {
  /** Where a `host:port` really is; it is dialled as it stands unless told. */
  resolve?: (place: string) => string;
  /** Answers CONNECT with this instead of a tunnel. */
  answer?: string;
  /** Does not answer at all. */
  isSilent?: boolean;
}

export function startHttpProxy(
  { resolve = (place) => place, answer, isSilent = false }: TestHttpProxyOptions = {},
): TestHttpProxy {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const asked: string[] = [];
  const connections = new Set<Deno.Conn>();
  const serving: Promise<void>[] = [];

  async function serve(client: Deno.Conn): Promise<void> {
    connections.add(client);
    const head = await readHead(client);
    const [line = "", ...fields] = head.split("\r\n");
    const authorization = fields.find((field) => /^proxy-authorization:/i.test(field));
    asked.push([line, ...(authorization ? [authorization.split(": ")[1]] : [])].join(" "));
    if (isSilent) return await until(client);
    const [method, target = ""] = line.split(" ");
    const isTunnel = method === "CONNECT";
    if (isTunnel && answer !== undefined) {
      await write(client, answer);
      return await until(client);
    }
    const url = isTunnel ? undefined : new URL(target);
    const place = resolve(url ? `${url.hostname}:${url.port || 80}` : target);
    const [, hostname = "", port] = /^(.*):(\d+)$/.exec(place)!;
    const origin = await Deno.connect({ hostname, port: Number(port) });
    connections.add(origin);
    if (url) {
      const kept = fields.filter((field) => !/^proxy-/i.test(field));
      await write(origin, `GET ${url.pathname}${url.search} HTTP/1.1\r\n${kept.join("\r\n")}`);
    } else await write(client, "HTTP/1.1 200 Connection established\r\n\r\n");
    await Promise.all([pipe(client, origin), pipe(origin, client)]);
  }

  const accepting = (async () => {
    for await (const client of listener) serving.push(serve(client).catch(() => {}));
  })();

  return {
    port: listener.addr.port,
    asked,
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of connections) close(connection);
      await accepting;
      await Promise.all(serving);
    },
  };
}

async function readHead(connection: Deno.Conn): Promise<string> {
  let head = "";
  const buffer = new Uint8Array(1);
  while (!head.endsWith("\r\n\r\n")) {
    if (await connection.read(buffer) === null) throw new Error("The client left");
    head += String.fromCharCode(buffer[0]!);
  }
  return head;
}

async function write(connection: Deno.Conn, text: string): Promise<void> {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await connection.write(rest));
}

async function until(connection: Deno.Conn): Promise<void> {
  while (await connection.read(new Uint8Array(1024)) !== null);
  close(connection);
}

async function pipe(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(16_384);
  try {
    for (let count; (count = await from.read(buffer)) !== null;) {
      for (let rest = buffer.subarray(0, count); rest.length > 0;) {
        rest = rest.subarray(await to.write(rest));
      }
    }
  } catch {
    // One side has left.
  }
  close(from);
  close(to);
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch {
    // It is closed.
  }
}
