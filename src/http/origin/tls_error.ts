// Why no TLS connection came about, in words for whoever asked for the image: "bad gateway" alone sends
// operators looking for the fault on their own side. The words of rustls are the private cause.
import { ProxyError } from "../../errors.ts";

/** What rustls says, and what that means; the first that matches. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [/certificate expired|peer certificate: Expired/i, "its certificate has expired"],
  [/not valid yet|NotValidYet/i, "its certificate is not valid yet"],
  [/not valid for name|NotValidForName/i, "its certificate is for another name"],
  [
    /UnknownIssuer|self-signed/i,
    "its certificate comes from an authority that is not trusted here",
  ],
  [/Revoked/, "its certificate is revoked"],
  [/peer certificate/i, "its certificate is not valid"],
  [/CertificateRequired/, "it wants a certificate of the client"],
  [/ProtocolVersion|SupportTls12Or13/i, "it speaks neither TLS 1.2 nor 1.3"],
  [
    /HandshakeFailure|InsufficientSecurity|peer is incompatible/i,
    "it has no cipher suite or key exchange in common with this server",
  ],
  [/UnrecognisedName/, "it does not know this host name"],
  [/NoApplicationProtocol/, "it does not speak HTTP/1.1"],
  [/InvalidContentType|corrupt message/i, "what answers there does not speak TLS"],
  [/fatal alert/i, "it refused the handshake"],
];

/** Whether a failure is one of TLS, by its message: rustls has no codes. */
export function isTlsError(error: unknown): error is Error {
  return error instanceof Error && MEANINGS.some(([pattern]) => pattern.test(error.message));
}

/** The public sentence for a failure of TLS, or of the connection under its handshake. */
export function tlsError(cause: Error): ProxyError {
  const meaning = MEANINGS.find(([pattern]) => pattern.test(cause.message))?.[1];
  return new ProxyError(
    "bad_origin",
    `No TLS connection to the origin: ${meaning ?? "it ended the connection in the handshake"}`,
    { cause },
  );
}
