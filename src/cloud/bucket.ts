// What every object store has in common for those who read or write its objects over HTTP: where the
// objects are, and what a request must carry to be trusted.

export interface BucketRequest {
  method: string;
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: Uint8Array;
}

/** All headers that a request is to be sent with, its own among them. Rejects where there are no credentials. */
export type Sign = (request: BucketRequest) => Promise<Record<string, string>>;

export interface Bucket {
  /** Where the objects are, without a slash at its end. */
  url: string;
  /** Put before every name, with its slash; "" for the whole bucket. */
  prefix: string;
  sign: Sign;
}

/** Percent-encodes each segment as signatures want it: all but letters, digits and `-._~`. */
export function encodePath(path: string): string {
  return encodeURIComponent(path)
    .replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%2F", "/");
}
