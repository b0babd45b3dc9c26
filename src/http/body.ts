// The bytes of a response: at hand, or to be had piece by piece from where they are.

/** A body that can be sent on before all of it is here. */
export interface StreamedBody {
  /** In bytes; undefined where only the end will tell. */
  readonly size: number | undefined;
  /** Whether all of it is there, and nothing still to come. */
  readonly isComplete: boolean;
  /** The first bytes, as many as asked for where the body has them. */
  beginning(bytes: number): Uint8Array;
  /**
   * From the first byte to the last, at the reader's pace; errors where the rest cannot be had. To be read
   * or cancelled. Undefined where the body has gone since it was found. `onBreak` is told the error.
   */
  stream(onBreak?: (error: unknown) => void): Promise<ReadableStream<Uint8Array> | undefined>;
  /** All of it; rejects where the rest cannot be had. */
  whole(): Promise<Uint8Array>;
}

export type Body = Uint8Array | StreamedBody;

/**
 * What is done with a body. `whole`: all of it has to be at hand. `stream`: it may be elsewhere, or still
 * on its way. `none`: nobody reads it, so it may be elsewhere, but that it came to its end has to be known.
 */
export type BodyUse = "whole" | "stream" | "none";

export function sizeOf(body: Body): number | undefined {
  return body instanceof Uint8Array ? body.byteLength : body.size;
}

export function isComplete(body: Body): boolean {
  return body instanceof Uint8Array || body.isComplete;
}

/** The first bytes of a body, as a view. */
export function beginningOf(body: Body, bytes: number): Uint8Array {
  return body instanceof Uint8Array ? body.subarray(0, bytes) : body.beginning(bytes);
}

export function wholeOf(body: Body): Uint8Array | Promise<Uint8Array> {
  return body instanceof Uint8Array ? body : body.whole();
}

/** All of a stored body; undefined where it has gone or is spoilt. */
export async function wholeIfThere(body: Body): Promise<Uint8Array | undefined> {
  try {
    return await wholeOf(body);
  } catch {
    return undefined;
  }
}
