// An answer from its bytes, as they come: the informational ones before it are passed over, then head and
// body. Pure but for what it calls back, so that every way to cut an answer into pieces can be tried.
import { type BodyReader, createBodyReader, latin1 } from "./response_body.ts";
import { invalidHttp, parseResponseHead, type ResponseHead } from "./response_head.ts";
import { closedEarly, headersTooLarge } from "./origin_error.ts";

export interface ResponseHandlers {
  onHead(head: ResponseHead): void;
  /** A piece of the body, as a view of what was pushed. */
  onData(piece: Uint8Array): void;
  /** The answer is whole; whether the next may come over the same connection. */
  onEnd(end: { isReusable: boolean }): void;
}

export interface ResponseReader {
  /** Throws a ProxyError where the bytes are no answer, or too many. */
  push(bytes: Uint8Array): void;
  /** The connection has ended: throws a ProxyError unless the answer has too. */
  end(): void;
}

const SWITCHING_PROTOCOLS = 101;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** @param maxHeadBytes of status line and header fields, of all informational answers together */
export function createResponseReader(
  handlers: ResponseHandlers,
  { maxHeadBytes }: { maxHeadBytes: number },
): ResponseReader {
  let head = new Uint8Array();
  let headBytes = 0;
  let body: BodyReader | undefined;
  let isReusable = false;
  let isDone = false;

  /** The bytes behind a head, once it is whole. */
  function takeHead(bytes: Uint8Array): Uint8Array | undefined {
    // A terminator may lie across two pieces.
    const seen = Math.max(0, head.length - 3);
    head = joined(head, bytes);
    const start = lengthOfEmptyLines(head);
    const end = endOfHead(head, Math.max(seen, start));
    headBytes += bytes.length;
    const used = end === undefined ? headBytes : headBytes - (head.length - end);
    if (used > maxHeadBytes) throw headersTooLarge();
    if (end === undefined) {
      if (start < head.length) checkBeginning(head.subarray(start, start + 5));
      return undefined;
    }
    const rest = head.subarray(end);
    const parsed = parseResponseHead(latin1(head.subarray(start, end)));
    head = new Uint8Array();
    headBytes = used;
    if (parsed.status === SWITCHING_PROTOCOLS) throw invalidHttp("a protocol nobody asked for");
    if (parsed.status < 200) return takeHead(rest);
    isReusable = parsed.isReusable;
    body = createBodyReader(parsed.framing, {
      onData: handlers.onData,
      onUntidy: () => isReusable = false,
      maxLineBytes: maxHeadBytes,
      closes: parsed.closes,
    });
    handlers.onHead(parsed);
    return rest;
  }

  function finish(rest: Uint8Array): void {
    isDone = true;
    handlers.onEnd({ isReusable: isReusable && rest.length === 0 });
  }

  return {
    push(bytes) {
      if (isDone) return;
      const rest = body === undefined ? takeHead(bytes) : bytes;
      const behind = rest && body?.take(rest);
      if (behind) finish(behind);
    },
    end() {
      if (isDone) return;
      if (body === undefined) throw closedEarly();
      body.end();
      isReusable = false;
      finish(new Uint8Array());
    },
  };
}

/** Fails early on what is no HTTP at all, instead of waiting for an empty line in it. */
function checkBeginning(bytes: Uint8Array): void {
  const beginning = latin1(bytes).toUpperCase();
  if (!"HTTP/".startsWith(beginning)) {
    throw invalidHttp(`the beginning ${JSON.stringify(beginning)}`);
  }
}

/** Some servers send an empty line more than they should behind the answer before (RFC 9112 section 2.2). */
function lengthOfEmptyLines(bytes: Uint8Array): number {
  let length = 0;
  while (bytes[length] === LINE_FEED || bytes[length] === CARRIAGE_RETURN) length++;
  return length;
}

/** The index behind the first empty line; lines end with a line feed, with or without a carriage return. */
function endOfHead(bytes: Uint8Array, from: number): number | undefined {
  for (let at = bytes.indexOf(LINE_FEED, from); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) {
    if (bytes[at + 1] === LINE_FEED) return at + 2;
    if (bytes[at + 1] === CARRIAGE_RETURN && bytes[at + 2] === LINE_FEED) return at + 3;
  }
  return undefined;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
