// Foreign URLs as a server reads them.
import type { Mount } from "../../src/dialects/mounts.ts";
import { findMount, readForeign } from "../../src/dialects/read.ts";
import { ProxyError } from "../../src/errors.ts";
import { parsePresets } from "../../src/options/preset.ts";
import { namedOverlays } from "../../src/request/overlays.ts";
import { formatOptions } from "../../src/options/parse.ts";

const OVERLAYS = namedOverlays(new Map([["watermark", "https://images.example.com/w.png"]]));
const PRESETS = parsePresets(["avatar=100x100,sc"]);

/** What a path below the mount, with its query, asks for: the canonical options and the remote URL. */
export function ownForm(
  mount: Mount,
  path: string,
  { ignoreUnknown = false }: { ignoreUnknown?: boolean } = {},
): { options: string; remote: string; signed: boolean } {
  const found = findMount(mount.path + path, [mount])!;
  const grammar = { ignoreUnknown, presets: PRESETS, overlays: OVERLAYS };
  const request = readForeign(found.below, { mount, grammar });
  return {
    options: formatOptions(request.asked),
    remote: request.remoteUrl,
    signed: request.dialect!.signed,
  };
}

/** The sentence with which the work is refused. */
export function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof ProxyError) return error.message;
    throw error;
  }
  throw new Error("It was not refused");
}
