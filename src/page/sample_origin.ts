// Lets the samples be asked for like any other picture: same rules, same pipeline, no network.
import type { Original, OriginFetcher } from "../http/origin/original.ts";
import { type Sample, sampleOf } from "./samples.ts";

/** A fetcher that answers for the samples itself, and leaves all else to `fetcher`. */
export function withSamples(fetcher: OriginFetcher): OriginFetcher {
  const drawn = new Map<Sample, Uint8Array>();

  function answer<Body>(sample: Sample, url: string | URL, body: (bytes: Uint8Array) => Body) {
    const bytes = drawn.get(sample) ?? sample.draw();
    drawn.set(sample, bytes);
    const headers = { "content-type": sample.mediaType, "cache-control": "public, max-age=3600" };
    const original: Original<Body> = {
      status: 200,
      headers,
      setCookies: [],
      body: body(bytes),
      url: String(url),
    };
    return Promise.resolve(original);
  }

  return {
    ...fetcher,
    fetchOriginal(url, request) {
      const sample = sampleOf(url);
      // A copy each: whoever transforms the bytes may hand them over to a worker.
      return sample
        ? answer(sample, url, (bytes) => bytes.slice())
        : fetcher.fetchOriginal(url, request);
    },
    streamOriginal(url, request) {
      const sample = sampleOf(url);
      return sample
        ? answer(sample, url, (bytes) => new Blob([bytes.slice()]).stream())
        : fetcher.streamOriginal(url, request);
    },
  };
}
