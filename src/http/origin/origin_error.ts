// What the many failures of sockets, TLS and HTTP parsers mean to the one who asked for an image.

import { ProxyError } from "../../errors.ts";

const CLOSED = ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"];

/** The public sentence for a failed exchange; what failed becomes the private cause. */
export function originError(cause: unknown): ProxyError {
  if (cause instanceof ProxyError) return cause;
  const code = errorCode(cause);
  const say = (message: string) => new ProxyError("bad_origin", message, { cause });
  if (isCertificateError(cause)) return say("The origin's certificate is not valid for its host");
  if (code === "UND_ERR_HEADERS_OVERFLOW") {
    return say("The origin's response headers are too large");
  }
  if (code === "UND_ERR_RES_CONTENT_LENGTH_MISMATCH") {
    return say("The origin's answer is not as long as it says");
  }
  if (CLOSED.includes(code) || code === "HPE_INVALID_EOF_STATE") {
    return say("The origin closed the connection before the end of its answer");
  }
  if (cause instanceof Error && cause.name === "HTTPParserError") {
    return say("The origin's answer is not valid HTTP");
  }
  if (code === "UND_ERR_DESTROYED" || code === "UND_ERR_CLOSED") {
    return new ProxyError("busy", "The server is shutting down", { cause });
  }
  if (code === "UND_ERR_INVALID_ARG") {
    return new ProxyError("malformed", "The request cannot be sent to an origin", { cause });
  }
  return say("The origin's answer cannot be read");
}

/** The refusal of a body of more than so many bytes. */
export function tooLarge(maxBytes: number): ProxyError {
  return new ProxyError("too_large", `The remote image is larger than ${maxBytes} bytes`);
}

/** Whether a connection ended under a request, as one that was kept too long does: worth one more try. */
export function isClosedConnection(error: unknown): boolean {
  return error instanceof ProxyError && CLOSED.includes(errorCode(error.cause));
}

/** Whether a TLS handshake failed because of the origin's certificate. Deno's releases say it differently. */
export function isCertificateError(error: unknown): boolean {
  return error instanceof Error &&
    /certificate|UnknownIssuer|CERT_/i.test(`${error.message} ${errorCode(error)}`);
}

function errorCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "";
}
