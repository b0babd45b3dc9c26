// Remote URLs that nobody but this server can read: `enc:` and a token, which is the URL under AES-256-GCM.
import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { ProxyError } from "../errors.ts";

/** What a hidden remote URL begins with. */
export const HIDDEN = "enc:";

/** The first byte of a token, and part of what its tag vouches for. */
const VERSION = 1;
/** NIST SP 800-38D section 8.2: what the mode is made for. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The URL of a token; throws a malformed ProxyError for one that no key has made. */
export type Reveal = (token: string) => string;

/** The keys, derived once: any text may be one, and the nonce's has nothing to do with the cipher's. */
interface Keys {
  cipher: Uint8Array;
  nonce: Uint8Array;
}

/**
 * Hides a remote URL under a key. The same URL has another token each time, or always the same where it is
 * to be deterministic: then caches in front keep one copy, and who sees two tokens sees whether they are equal.
 */
export function hideUrl(
  url: string,
  { key, deterministic }: { key: Uint8Array; deterministic: boolean },
): string {
  const keys = derive(key);
  const text = Buffer.from(url, "utf-8");
  const nonce = deterministic
    ? createHmac("sha256", keys.nonce).update(text).digest().subarray(0, NONCE_BYTES)
    : randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", keys.cipher, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.of(VERSION));
  const hidden = Buffer.concat([cipher.update(text), cipher.final()]);
  const parts = [Buffer.of(VERSION), nonce, hidden, cipher.getAuthTag()];
  return HIDDEN + Buffer.concat(parts).toString("base64url");
}

/** Reads tokens by whichever of the keys has made them. */
export function createReveal(keys: readonly Uint8Array[]): Reveal {
  const derived = keys.map(derive);
  return (token) => {
    const bytes = /^[A-Za-z0-9_-]+$/.test(token) ? Buffer.from(token, "base64url") : Buffer.of();
    // One way to write a token, so that none can be made of another.
    const isCanonical = bytes.toString("base64url") === token;
    if (isCanonical && bytes[0] === VERSION && bytes.length > 1 + NONCE_BYTES + TAG_BYTES) {
      for (const { cipher } of derived) {
        const url = decrypt(bytes, cipher);
        if (url !== undefined) return url;
      }
    }
    throw new ProxyError("malformed", "The hidden remote URL is not one that this server can read");
  };
}

function decrypt(bytes: Buffer, key: Uint8Array): string | undefined {
  const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(bytes.subarray(0, 1));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    const hidden = bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES);
    const text = Buffer.concat([decipher.update(hidden), decipher.final()]);
    return new TextDecoder("utf-8", { fatal: true }).decode(text);
  } catch {
    return undefined; // The tag vouches for nothing of the sort.
  }
}

function derive(key: Uint8Array): Keys {
  const part = (purpose: string) =>
    new Uint8Array(hkdfSync("sha256", key, "", `imageproxy ${purpose}`, 32));
  return { cipher: part("hidden URL"), nonce: part("nonce of a hidden URL") };
}
