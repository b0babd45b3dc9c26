// Where connections come in: a TCP port, or a unix socket with all that files bring along.
import type { Config } from "../settings/table.ts";
import { address as addressKind } from "../settings/kinds.ts";

export type Address = Config["addr"];

export interface Listener {
  /** Where it listens, as a person would write it: `http://localhost:8080` or `unix:/path`. */
  url: string;
  /** Accepts nothing more, and resolves when everything in flight is answered. */
  shutdown(): Promise<void>;
}

/** Answers a request of a peer: the address of the connection's other end, undefined for a unix socket. */
export type Handler = (request: Request, peer: string | undefined) => Response | Promise<Response>;

export interface ListenOptions {
  handler: Handler;
  socketMode: number;
  /** Whether other threads listen on the same port, among which the system spreads connections. */
  shared?: boolean;
  /** Told of an answer that could not be sent to its end: its connection is cut off. */
  onBreak(error: unknown): void;
}

/** Starts to accept connections. Rejects with one sentence where the address cannot be had. */
export async function listen(
  address: Address,
  options: ListenOptions,
): Promise<Listener> {
  try {
    if ("path" in address) return await listenOnSocket(address.path, options);
    const server = listenOnPort(address, options);
    return { url: urlOf(server.addr), shutdown: () => server.shutdown() };
  } catch (cause) {
    const where = addressKind.show!(address);
    throw new Error(`Cannot listen on ${where}: ${reasonOf(cause)}`, { cause });
  }
}

/** On all interfaces it listens by IPv6 and IPv4 alike, and by IPv4 alone where a machine has no other. */
function listenOnPort(
  { hostname, port }: Exclude<Address, { path: string }>,
  options: ListenOptions,
): Deno.HttpServer<Deno.NetAddr> {
  try {
    return Deno.serve(
      { hostname, port, reusePort: options.shared === true, ...hooksOf(options) },
      (request, { remoteAddr }) => options.handler(request, unmapped(remoteAddr.hostname)),
    );
  } catch (error) {
    const isTaken = error instanceof Deno.errors.AddrInUse ||
      error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable;
    if (hostname !== "::" || isTaken) throw error;
    return listenOnPort({ hostname: "0.0.0.0", port }, options);
  }
}

/** An IPv4 address that came to a socket of IPv6 (RFC 4291 section 2.5.5.2), as it is written elsewhere. */
export function unmapped(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "");
}

async function listenOnSocket(
  path: string,
  { handler, socketMode, ...options }: ListenOptions,
): Promise<Listener> {
  await removeStaleSocket(path);
  const server = Deno.serve(
    { path, ...hooksOf(options) },
    (request) => handler(request, undefined),
  );
  try {
    if (Deno.build.os !== "windows") await Deno.chmod(path, socketMode);
  } catch (error) {
    await server.shutdown();
    throw error;
  }
  return {
    url: `unix:${path}`,
    async shutdown() {
      // The name goes first, so that a successor can have it while the last requests are answered.
      await Deno.remove(path).catch(() => {});
      await server.shutdown();
    },
  };
}

function hooksOf({ onBreak }: Pick<ListenOptions, "onBreak">) {
  return {
    onListen() {},
    onError(error: unknown) {
      onBreak(error);
      // For answers that had not begun.
      return new Response(null, { status: 500 });
    },
  };
}

/** Removes the socket of a server that is gone; whatever else bears the name stays. */
async function removeStaleSocket(path: string): Promise<void> {
  const found = await Deno.lstat(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (!found) return;
  if (!found.isSocket) throw new Error("a file that is no socket has that name");
  const connection = await Deno.connect({ transport: "unix", path }).catch((error) => {
    if (error instanceof Deno.errors.ConnectionRefused) return undefined;
    throw error;
  });
  if (connection) {
    connection.close();
    throw new Deno.errors.AddrInUse();
  }
  await Deno.remove(path);
}

function urlOf({ hostname, port }: { hostname: string; port: number }): string {
  return `http://${addressKind.show!({ hostname, port })}`;
}

function reasonOf(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return "the address is in use";
  if (error instanceof Deno.errors.AddrNotAvailable) return "this machine has no such address";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  if (error instanceof Deno.errors.NotCapable) {
    return `Deno does not allow it: ${error.message}`;
  }
  return error instanceof Error ? error.message : String(error);
}
