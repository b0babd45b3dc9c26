// The same few targets are asked for over and over. Each is parsed once, and the object that it becomes
// is what access and keys are remembered by.
import { createMemoryTier } from "../cache/memory_tier.ts";
import type { ImageRequest } from "./image_request.ts";

/** Bytes that targets and what they become may take, and about what each takes besides its texts. */
const REMEMBERED = 10_000_000, OVERHEAD = 1000;

export type RequestReader = (target: string) => ImageRequest;

/** `read` that gives the same object for the same target, as long as it remembers it. */
export function createRequestReader(read: RequestReader): RequestReader {
  const remembered = createMemoryTier<ImageRequest>({
    maxBytes: REMEMBERED,
    // Options stand in the target, in what was sent, and in what they were read into.
    size: ({ remoteUrl }, target) => 3 * target.length + 2 * remoteUrl.length + OVERHEAD,
    now: () => 0,
  });
  return (target) => {
    const known = remembered.get(target);
    if (known !== undefined) return known;
    const request = read(target);
    remembered.set(target, request);
    return request;
  };
}
