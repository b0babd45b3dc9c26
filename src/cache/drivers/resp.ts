// The wire format of Redis, RESP2: https://redis.io/docs/latest/develop/reference/protocol-spec/
// Written here because the client is ours; see redis_client.ts.

import { Buffer } from "node:buffer";

/** An answer: a bulk string is bytes of its own, a simple string text, and an error an Error. */
export type Reply = Uint8Array<ArrayBuffer> | string | number | null | Error | Reply[];

/** What Redis itself allows in one string unless told otherwise (proto-max-bulk-len). */
const LONGEST_BULK = 512 << 20;
const LONGEST_LINE = 64 << 10;
const LF = 10;

const encoder = new TextEncoder();

/** One command as Redis reads it, an array of bulk strings. Bytes are passed on, not copied. */
export function encodeCommand(args: readonly (string | Uint8Array)[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let text = `*${args.length}\r\n`;
  for (const arg of args) {
    if (typeof arg === "string") {
      text += `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`;
    } else {
      parts.push(encoder.encode(`${text}$${arg.length}\r\n`), arg);
      text = "\r\n";
    }
  }
  parts.push(encoder.encode(text));
  return parts;
}

/**
 * Takes chunks as they arrive, cut anywhere, and hands each whole reply on. Throws for bytes that
 * are not RESP2; nothing after them can be read.
 */
export function createReplyReader(onReply: (reply: Reply) => void): (chunk: Uint8Array) => void {
  let line = "";
  /** The string being received, and how much of it is there; a bare CRLF follows its end. */
  let bulk: Uint8Array<ArrayBuffer> | undefined;
  let filled = 0;
  /** The arrays being received, the innermost last. */
  const arrays: { items: Reply[]; length: number }[] = [];

  function deliver(reply: Reply): void {
    let whole = reply;
    for (let array = arrays.at(-1); array; array = arrays.at(-1)) {
      array.items.push(whole);
      if (array.items.length < array.length) return;
      whole = array.items;
      arrays.pop();
    }
    onReply(whole);
  }

  function readLine(text: string): void {
    if (bulk) {
      if (text !== "") throw notRedis(text);
      const whole = bulk;
      bulk = undefined;
      return deliver(whole);
    }
    const rest = text.slice(1);
    switch (text[0]) {
      case "+":
        return deliver(rest);
      case "-":
        return deliver(new Error(rest));
      case ":":
        return deliver(readLength(text, { min: -Infinity, max: Infinity }));
      case "$": {
        const length = readLength(text, { min: -1, max: LONGEST_BULK });
        if (length === -1) return deliver(null);
        bulk = new Uint8Array(length);
        filled = 0;
        return;
      }
      case "*": {
        const length = readLength(text, { min: -1, max: LONGEST_BULK });
        if (length > 0) arrays.push({ items: [], length });
        else deliver(length === 0 ? [] : null);
        return;
      }
      default:
        throw notRedis(text);
    }
  }

  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (bulk && filled < bulk.length) {
        const part = chunk.subarray(at, at + bulk.length - filled);
        bulk.set(part, filled);
        filled += part.length;
        at += part.length;
        continue;
      }
      const end = chunk.indexOf(LF, at);
      const stop = end === -1 ? chunk.length : end;
      if (line.length + stop - at > LONGEST_LINE) throw notRedis(line);
      while (at < stop) line += String.fromCharCode(chunk[at++]!);
      if (end === -1) return;
      at++;
      if (!line.endsWith("\r")) throw notRedis(line);
      const text = line.slice(0, -1);
      line = "";
      readLine(text);
    }
  };
}

function readLength(text: string, { min, max }: { min: number; max: number }): number {
  const length = Number(text.slice(1));
  if (!/^.[+-]?\d+$/.test(text) || length < min || length > max) throw notRedis(text);
  return length;
}

function notRedis(text: string): Error {
  return new Error(`Cannot read "${text.slice(0, 40)}": it is not an answer of Redis`);
}
