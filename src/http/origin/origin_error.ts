// What the many failures of sockets, TLS and HTTP mean to the one who asked for an image.

import { ProxyError } from "../../errors.ts";
import { isTlsError, tlsError } from "./tls_error.ts";

const { BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof } = Deno.errors;

/** The connection ended under a request, or is known to be dead. */
const CLOSED = [BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof];

/** The public sentence for a failed exchange; what failed becomes the private cause. */
export function originError(cause: unknown): ProxyError {
  if (cause instanceof ProxyError) return cause;
  if (isClosed(cause)) return closedEarly(cause);
  if (isTlsError(cause)) return tlsError(cause);
  return new ProxyError("bad_origin", "The origin's answer cannot be read", { cause });
}

/** The failure of an origin that ends the connection within its answer, or without one. */
export function closedEarly(cause: unknown = new UnexpectedEof()): ProxyError {
  return new ProxyError(
    "bad_origin",
    "The origin closed the connection before the end of its answer",
    { cause },
  );
}

/** The refusal of a head of more than `-maxHeaderBytes`. */
export function headersTooLarge(): ProxyError {
  return new ProxyError("bad_origin", "The origin's response headers are too large");
}

/** The refusal of a body of more than so many bytes. */
export function tooLarge(maxBytes: number): ProxyError {
  return new ProxyError("too_large", `The remote image is larger than ${maxBytes} bytes`);
}

/** Whether a connection ended under a request, as one that was kept too long does: worth one more try. */
export function isClosedConnection(error: unknown): boolean {
  return error instanceof ProxyError && isClosed(error.cause);
}

function isClosed(error: unknown): boolean {
  return CLOSED.some((kind) => error instanceof kind);
}
