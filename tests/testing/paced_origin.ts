// An origin that sends the beginning of a body and then waits for a word from the test.
import { type RawOrigin, type RawSocket, startRawOrigin } from "./raw_origin.ts";

export interface PacedOrigin extends RawOrigin {
  /** Lines of the answer's head besides the framing, each without its end. */
  headers: string[];
  /** What is sent at once, and what after the word. */
  parts: [beginning: Uint8Array, rest: Uint8Array];
  framing: "length" | "chunked" | "close";
  /** The word: sends the rest of all answers under way, and of those to come. */
  goOn(): void;
  /** Closes the connections half-way instead. */
  breakOff(): void;
  /** From now on answers wait again. */
  hold(): void;
}

/** Starts it on a free port. */
export function startPacedOrigin(
  body: Uint8Array,
  { beginning }: { beginning: number },
): PacedOrigin {
  let word = Promise.withResolvers<"go on" | "break off">();
  const raw = startRawOrigin(async (_target, socket) => {
    const { framing, headers, parts } = origin;
    const [first, rest] = parts;
    const lines = [...headers, ...FRAMING[framing](first.length + rest.length)];
    await socket.write(`HTTP/1.1 200 OK\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`);
    await send(socket, { bytes: first, framing });
    const heard = await Promise.race([word.promise, socket.closed]);
    if (heard === "break off") return socket.close();
    await send(socket, { bytes: rest, framing });
    if (framing === "chunked") await socket.write("0\r\n\r\n");
    if (framing === "close") socket.close();
  });
  const origin: PacedOrigin = Object.assign(raw, {
    headers: ["Content-Type: image/png", "Cache-Control: max-age=60"],
    parts: [body.subarray(0, beginning), body.subarray(beginning)] as [Uint8Array, Uint8Array],
    framing: "length" as const,
    goOn: () => word.resolve("go on"),
    breakOff: () => word.resolve("break off"),
    hold: () => void (word = Promise.withResolvers()),
  });
  return origin;
}

const FRAMING = {
  length: (bytes: number) => [`Content-Length: ${bytes}`],
  chunked: () => ["Transfer-Encoding: chunked"],
  close: () => ["Connection: close"],
};

async function send(
  socket: RawSocket,
  { bytes, framing }: { bytes: Uint8Array; framing: PacedOrigin["framing"] },
): Promise<void> {
  if (framing === "chunked") await socket.write(`${bytes.length.toString(16)}\r\n`);
  await socket.write(bytes);
  if (framing === "chunked") await socket.write("\r\n");
}
