// Where the body of an answer ends, in each of the ways in which HTTP/1.1 can say it. Chunks are read
// with the blanks and bare line feeds that some servers put around their sizes.
import { Buffer } from "node:buffer";
import { type Framing, invalidHttp, otherLength } from "./response_head.ts";
import { closedEarly } from "./origin_error.ts";

export interface BodyReader {
  /** Takes bytes as they come; gives those behind the end of the body, once there is one. */
  take(bytes: Uint8Array): Uint8Array | undefined;
  /** The connection has ended: throws a ProxyError unless the body has too. */
  end(): void;
}

export interface BodyOptions {
  /** Given each piece of the body, as a view of what was taken. */
  onData: (piece: Uint8Array) => void;
  /** Told when something had to be forgiven. */
  onUntidy: () => void;
  /** Bytes of a line that is no data, and of all trailers. */
  maxLineBytes: number;
  /** Whether the origin said that it closes the connection behind the body. */
  closes: boolean;
}

export function createBodyReader(framing: Framing, options: BodyOptions): BodyReader {
  switch (framing.kind) {
    case "none":
      return lengthBody(0, options);
    case "length":
      return lengthBody(framing.bytes, options);
    case "chunked":
      return chunkedBody(options);
    case "close":
      return { take: (bytes) => void options.onData(bytes), end() {} };
  }
}

function lengthBody(length: number, { onData, closes }: BodyOptions): BodyReader {
  let left = length;
  return {
    take(bytes) {
      const piece = bytes.subarray(0, left);
      left -= piece.length;
      if (piece.length > 0) onData(piece);
      return left === 0 ? bytes.subarray(piece.length) : undefined;
    },
    end() {
      if (left > 0) throw closes ? otherLength(`${left} bytes less`) : closedEarly();
    },
  };
}

/** Framing of a chunk that every sender needs: its size, two line ends, and some blanks. */
const OVERHEAD_OF_CHUNK = 32;

/** RFC 9112 section 7.1; extensions and trailers are passed over. */
function chunkedBody({ onData, onUntidy, maxLineBytes }: BodyOptions): BodyReader {
  let expects: "size" | "data" | "end of chunk" | "trailers" = "size";
  let left = 0;
  let line = "";
  let lineBytes = 0;
  let overhead = 0;

  /** Many tiny chunks, or chunks with long extensions, are a way to send much and say little. */
  function bound(bytes: number): void {
    lineBytes += bytes;
    overhead += bytes;
    if (lineBytes > maxLineBytes || overhead > maxLineBytes) {
      throw invalidHttp("more bytes around its chunks than a body needs");
    }
  }

  function takeLine(text: string): void {
    if (!text.endsWith("\r")) onUntidy();
    const content = text.replace(/\r$/, "");
    if (expects === "end of chunk") {
      if (content !== "") throw invalidHttp("a chunk that does not end where it says");
      expects = "size";
    } else if (expects === "size") {
      left = chunkSize(content, onUntidy);
      expects = left === 0 ? "trailers" : "data";
      overhead = Math.max(0, overhead - OVERHEAD_OF_CHUNK);
    }
    if (expects !== "trailers") lineBytes = 0;
  }

  return {
    take(bytes) {
      let at = 0;
      while (at < bytes.length) {
        if (expects === "data") {
          const piece = bytes.subarray(at, at + left);
          at += piece.length;
          left -= piece.length;
          overhead = Math.max(0, overhead - piece.length);
          onData(piece);
          if (left === 0) expects = "end of chunk";
          continue;
        }
        const newline = bytes.indexOf(0x0a, at);
        const end = newline < 0 ? bytes.length : newline;
        bound(end - at + 1);
        line += latin1(bytes.subarray(at, end));
        if (newline < 0) return undefined;
        at = end + 1;
        if (expects === "trailers" && /^\r?$/.test(line)) return bytes.subarray(at);
        takeLine(line);
        line = "";
      }
      return undefined;
    },
    end() {
      // The chunk of size 0 is the end; some servers leave out the empty line behind it.
      if (expects !== "trailers") throw closedEarly();
      onUntidy();
    },
  };
}

/** The number before any extension; blanks around it are forgiven. */
function chunkSize(line: string, onUntidy: () => void): number {
  const [, before, digits = "", after] = /^([ \t]*)([0-9a-f]{1,16})([ \t]*)(?:;.*)?$/i.exec(line) ??
    [];
  const size = parseInt(digits, 16);
  if (!Number.isSafeInteger(size)) {
    throw invalidHttp(`the chunk size ${JSON.stringify(line.slice(0, 80))}`);
  }
  if (before || after) onUntidy();
  return size;
}

/** Bytes as text, one character a byte. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}
