// An origin that does what none should, by path, and the requests with which a stranger would send the
// proxy there.
import { gzipSync } from "node:zlib";
import { concatenate } from "../../src/image/formats/coding/concatenate.ts";
import { answer, type RawOrigin, type RawSocket, startRawOrigin } from "./raw_origin.ts";
import type { RawRequest } from "./raw_request.ts";

const HEAD = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n";

type Attack = (socket: RawSocket) => void | Promise<void>;

/** What happens at each path. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  /** A byte every 20 ms, and never an end. */
  "/drip": async (socket) => {
    await socket.write(`${HEAD}Content-Length: 1000000\r\n\r\n`);
    await drip(socket, "x");
  },
  "/drip-headers": async (socket) => {
    await socket.write("HTTP/1.1 200 OK\r\nX-Header: ");
    await drip(socket, "x");
  },
  "/silent": (socket) => socket.closed,
  "/says-more": async (socket) => {
    await socket.write(`${HEAD}Content-Length: 1000\r\n\r\nshort`);
    socket.close();
  },
  "/says-huge": (socket) => socket.write(`${HEAD}Content-Length: 99999999999\r\n\r\nx`),
  "/endless": async (socket) => {
    await socket.write(`${HEAD}\r\n`);
    let gone = false;
    socket.closed.then(() => gone = true);
    const megabyte = new Uint8Array(1e6);
    for (let sent = 0; !gone && sent < 200; sent++) await socket.write(megabyte);
    socket.close();
  },
  "/half": async (socket) => {
    await socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`);
    socket.close();
  },
  "/circle": (socket) => socket.write(answer(302, { Location: "/circle" })),
  "/to-private": (socket) => socket.write(answer(302, { Location: "http://10.0.0.1:8080/" })),
  "/to-metadata": (socket) =>
    socket.write(answer(302, { Location: "http://[::ffff:169.254.169.254]/latest" })),
  "/to-file": (socket) => socket.write(answer(302, { Location: "file:///etc/passwd" })),
  "/gzip-bomb": async (socket) => {
    await socket.write(
      `${HEAD}Content-Encoding: gzip\r\nContent-Length: ${GZIP_BOMB.length}\r\n\r\n`,
    );
    await socket.write(GZIP_BOMB);
  },
  "/many-headers": (socket) =>
    socket.write(`HTTP/1.1 200 OK\r\n${"X-Header: 0123456789\r\n".repeat(5000)}\r\n`),
  "/not-http": (socket) => socket.write("SSH-2.0-OpenSSH_9.9\r\n"),
  "/png-bomb": (socket) => send(socket, pngOf(30_000, 30_000)),
  "/png-large": (socket) => send(socket, LARGE_PNG),
  "/png-cut": (socket) => send(socket, LARGE_PNG.slice(0, 2000)),
  "/gif-bomb": (socket) => send(socket, gifOf({ side: 4000, frames: 900 })),
  "/html": (socket) => send(socket, ascii("<html><script>alert(1)</script>")),
};

/** Request targets, ORIGIN for the origin's URL, and raw requests that no URL library would make. */
export const HOSTILE_TARGETS: readonly (string | RawRequest)[] = [
  ...Object.keys(ATTACKS).map((path) => `/100x/ORIGIN${path}`),
  "/x/ORIGIN/html",
  "/x/http://127.0.0.1:22/",
  "/x/http://169.254.169.254/latest/meta-data/",
  "/x/http://[::1]:8080/",
  "/x/file:///etc/passwd",
  `/${"r90,".repeat(500)}/ORIGIN/html`,
  `/100x/ORIGIN/${"a".repeat(20_000)}`,
  "/50000x50000,scaleUp/ORIGIN/png-large",
  { target: "/x/http://127.0.0.1/", host: "a@b/../c" },
  { target: "/x/\x00\xff\xfe/", host: "" },
  { target: "http://169.254.169.254/", host: "169.254.169.254" },
  { target: "/", headers: `X-Header: ${"a".repeat(60_000)}\r\n` },
  { target: "*" },
];

/** Starts the hostile origin under the name localhost. */
export function createHostileOrigin(): RawOrigin {
  const origin = startRawOrigin((target, socket) => {
    const attack = ATTACKS[target.split("?")[0]!];
    return attack ? attack(socket) : socket.write(answer(404));
  });
  return Object.defineProperty(origin, "url", { value: `http://localhost:${origin.port}` });
}

async function drip(socket: RawSocket, text: string): Promise<void> {
  let gone = false;
  socket.closed.then(() => gone = true);
  while (!gone) {
    await socket.write(text);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function send(socket: RawSocket, bytes: Uint8Array): Promise<void> {
  await socket.write(`${HEAD}Content-Length: ${bytes.length}\r\n\r\n`);
  await socket.write(bytes);
}

const GZIP_BOMB = gzipSync(new Uint8Array(60_000_000));

/** A PNG of one colour that really has its pixels: as large as a header may say. */
export const LARGE_PNG = await pngWithPixels(7000, 7000);

function pngOf(width: number, height: number, data = new Uint8Array()): Uint8Array {
  const size = new Uint8Array(8);
  new DataView(size.buffer).setUint32(0, width);
  new DataView(size.buffer).setUint32(4, height);
  return join(
    ascii("\x89PNG\r\n\x1a\n"),
    chunk("IHDR", join(size, Uint8Array.of(8, 2, 0, 0, 0))),
    chunk("IDAT", data),
    chunk("IEND", new Uint8Array()),
  );
}

async function pngWithPixels(width: number, height: number): Promise<Uint8Array> {
  const row = new Uint8Array(1 + 3 * width);
  const rows = ReadableStream.from(Array.from({ length: height }, () => row));
  const deflated = rows.pipeThrough(new CompressionStream("deflate"));
  return pngOf(width, height, await new Response(deflated).bytes());
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = join(ascii(type), data);
  const ends = new Uint8Array(8);
  new DataView(ends.buffer).setUint32(0, data.length);
  new DataView(ends.buffer).setUint32(4, crc32(body));
  return join(ends.subarray(0, 4), body, ends.subarray(4));
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** A GIF of frames of one pixel each on a square canvas. */
export function gifOf({ side, frames }: { side: number; frames: number }): Uint8Array {
  const low = side & 0xff, high = side >> 8;
  const frame = ascii(",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0");
  return join(
    ascii("GIF89a"),
    Uint8Array.of(low, high, low, high, 0, 0, 0),
    ...Array.from({ length: frames }, () => frame),
    ascii(";"),
  );
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return concatenate(parts);
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
