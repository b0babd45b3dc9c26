// An origin made of a bare TCP socket, for answers that no web server would give: it records the bytes of
// each request as they came, and sends what it is told, when it is told.

export interface RawSocket {
  /** Sends text, one byte a character, or bytes. Does nothing once the other side has gone. */
  write(data: string | Uint8Array): Promise<void>;
  /** Closes the connection at once. */
  close(): void;
  /** Resolves when the other side has gone or `close()` was called. */
  readonly closed: Promise<void>;
}

export interface RawOrigin extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:{port}` */
  readonly url: string;
  /** The head of every request, from its first byte to the empty line. */
  readonly heads: string[];
  /** The request targets, as they came. */
  readonly targets: string[];
  /** How many connections were opened. */
  readonly connections: number;
}

/** Answers a request; the connection stays open unless `socket.close()` is called. */
export type Respond = (target: string, socket: RawSocket) => void | Promise<void>;

export interface RawOriginOptions {
  /** Closes a connection that begins with a TLS handshake, as web servers do, which otherwise waits. */
  refusesTls?: boolean;
}

/** The first byte of a TLS handshake (RFC 8446 section 5.1). */
const TLS_HANDSHAKE = "\x16";

/** Starts an origin on a free port of the loopback interface. */
export function startRawOrigin(
  respond: Respond,
  { refusesTls = false }: RawOriginOptions = {},
): RawOrigin {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const heads: string[] = [];
  const sockets = new Set<RawSocket>();
  const serving: Promise<void>[] = [];

  const accepting = (async () => {
    for await (const connection of listener) serving.push(serve(connection));
  })();

  async function serve(connection: Deno.Conn): Promise<void> {
    const socket = wrap(connection);
    sockets.add(socket);
    let text = "";
    const buffer = new Uint8Array(64 * 1024);
    for (;;) {
      const count = await connection.read(buffer).catch(() => null);
      if (count === null) break;
      text += Array.from(buffer.subarray(0, count), (byte) => String.fromCharCode(byte)).join("");
      if (refusesTls && text.startsWith(TLS_HANDSHAKE)) break;
      const end = text.indexOf("\r\n\r\n");
      if (end < 0) continue;
      heads.push(text.slice(0, end));
      const target = targetOf(text);
      text = text.slice(end + 4);
      // Not awaited: the end of the connection must be seen while the answer is still under way.
      serving.push(Promise.resolve(respond(target, socket)));
    }
    socket.close();
  }

  return {
    port: listener.addr.port,
    url: `http://127.0.0.1:${listener.addr.port}`,
    heads,
    get targets() {
      return heads.map(targetOf);
    },
    get connections() {
      return sockets.size;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const socket of sockets) socket.close();
      await accepting;
      for (const served of serving) await served;
    },
  };
}

/** The bytes of a complete answer. */
export function answer(
  status: number,
  headers: Record<string, string | number> = {},
  body = "",
): string {
  const lines = Object.entries({ "Content-Length": body.length, ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Any\r\n${lines.join("")}\r\n${body}`;
}

function wrap(connection: Deno.Conn): RawSocket {
  const closed = Promise.withResolvers<void>();
  let open = true;
  return {
    closed: closed.promise,
    async write(data) {
      const bytes = typeof data === "string"
        ? Uint8Array.from(data, (char) => char.charCodeAt(0))
        : data;
      for (let sent = 0; open && sent < bytes.length;) {
        sent += await connection.write(bytes.subarray(sent)).catch(() => bytes.length);
      }
    },
    close() {
      if (!open) return;
      open = false;
      connection.close();
      closed.resolve();
    },
  };
}

function targetOf(head: string): string {
  const line = head.slice(0, head.indexOf("\r\n"));
  return line.slice(line.indexOf(" ") + 1, line.lastIndexOf(" "));
}
