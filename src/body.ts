// The bytes of a response: at hand, or to be had piece by piece from where they are.

/** A body that can be sent on before all of it is here. */
export interface StreamedBody {
  /** In bytes; undefined where only the end will tell. */
  readonly size: number | undefined;
  /** The first bytes, as many as asked for where the body has them. */
  beginning(bytes: number): Uint8Array;
  /** From the first byte to the last, at the reader's pace; errors where the rest cannot be had. */
  stream(): ReadableStream<Uint8Array>;
  /** All of it; rejects where the rest cannot be had. */
  whole(): Promise<Uint8Array>;
}

export type Body = Uint8Array | StreamedBody;

export function sizeOf(body: Body): number | undefined {
  return body instanceof Uint8Array ? body.byteLength : body.size;
}

/** The first bytes of a body, as a view. */
export function beginningOf(body: Body, bytes: number): Uint8Array {
  return body instanceof Uint8Array ? body.subarray(0, bytes) : body.beginning(bytes);
}

export function wholeOf(body: Body): Uint8Array | Promise<Uint8Array> {
  return body instanceof Uint8Array ? body : body.whole();
}

/** What a response is made of. */
export function sentFrom(body: Body): Uint8Array | ReadableStream<Uint8Array> {
  return body instanceof Uint8Array ? body : body.stream();
}
