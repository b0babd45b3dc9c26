// What Chromium makes of the frames of an animation, by its own decoder (WebCodecs), which is told no more than
// the bytes and their media type.
import type { Browser } from "./browser.ts";

export interface BrowserFrames {
  /** As the file says it once it is read whole: 0 is forever. */
  loopCount: number;
  frames: BrowserFrame[];
}

export interface BrowserFrame {
  width: number;
  height: number;
  /** Milliseconds. */
  duration: number;
  rgba: Uint8Array;
}

interface Told {
  plays: number | "Infinity";
  frames: { width: number; height: number; duration: number; rgba: string }[];
}

/** A page on which decoders may be used: that of a server of our own, since they ask for a secure context. */
export async function openBlankPage({ tab }: Browser): Promise<AsyncDisposable> {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => new Response("<!doctype html>", { headers: { "content-type": "text/html" } }),
  );
  await tab.open(`http://127.0.0.1:${server.addr.port}/`);
  return { [Symbol.asyncDispose]: () => server.shutdown() };
}

/** Every frame as the browser would show it; rejects with its message where it shows none. */
export async function framesInBrowser(
  { tab }: Browser,
  { bytes, mediaType }: { bytes: Uint8Array; mediaType: string },
): Promise<BrowserFrames> {
  const { plays, frames } = await tab.evaluate<Told>(`(async () => {
    const data = Uint8Array.from(atob("${bytes.toBase64()}"), (char) => char.charCodeAt(0));
    const decoder = new ImageDecoder({ data, type: "${mediaType}", colorSpaceConversion: "default" });
    await decoder.tracks.ready;
    await decoder.completed;
    const { frameCount, repetitionCount } = decoder.tracks.selectedTrack;
    const frames = [];
    for (let frameIndex = 0; frameIndex < Math.min(frameCount, globalThis.MOST ?? Infinity); frameIndex++) {
      const { image } = await decoder.decode({ frameIndex });
      const { displayWidth: width, displayHeight: height, duration } = image;
      const canvas = new OffscreenCanvas(width, height);
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      image.close();
      const rgba = new Uint8Array(context.getImageData(0, 0, width, height).data.buffer);
      let text = "";
      for (let at = 0; at < rgba.length; at += 8192) text += String.fromCharCode(...rgba.subarray(at, at + 8192));
      frames.push({ width, height, duration: (duration ?? 0) / 1000, rgba: btoa(text) });
    }
    return { plays: repetitionCount === Infinity ? "Infinity" : repetitionCount + 1, frames };
  })()`);
  return {
    loopCount: plays === "Infinity" ? 0 : plays,
    frames: frames.map(({ rgba, ...frame }) => ({ ...frame, rgba: Uint8Array.fromBase64(rgba) })),
  };
}
