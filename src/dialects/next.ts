// The URLs of Next.js' image optimizer: `/_next/image?url={URL}&w={width}&q={quality}`. Nothing is enlarged,
// and the format is the best that the Accept header takes.
import { ProxyError } from "../errors.ts";
import { type Dialect, type ForeignEntry, readOptions } from "./dialect.ts";
import { wholeOf } from "./values.ts";

interface State {
  width: number;
  quality: number;
}

const ENTRIES: readonly ForeignEntry<State>[] = [
  {
    names: ["w"],
    syntax: "w={width}",
    verdict: "same",
    ours: "`{w}x,auto,basic:jpeg,reckon:sharp`",
    note:
      "any width; the setting sizes lists those that may be asked for; AVIF comes before WebP where the client takes both; animations are resized, too",
    read: (option, state) => void (state.width = wholeOf(option, { min: 1, max: 65535 })),
  },
  {
    names: ["q"],
    syntax: "q={1…100}",
    verdict: "nearly",
    ours: "`q{1…100}`",
    note: "75 unless told, on one scale for all formats",
    read: (option, state) => void (state.quality = wholeOf(option, { min: 1, max: 100 })),
  },
];

export const next: Dialect = {
  title: "Next.js",
  path: "/_next/image",
  inQuery: true,
  before: /^[^?]+\/_next\/image(?=\?)/,
  example: "/_next/image?url=https%3A%2F%2Fimages.example.com%2Fa.jpg&w=640&q=75",
  options: ENTRIES,
  read({ query }, { ignoreUnknown }) {
    const fields = [...new URLSearchParams(query)];
    const url = fields.find(([name]) => name === "url")?.[1] ?? "";
    const options = fields.filter(([name]) => name !== "url")
      .map(([name, value]) => ({ text: `${name}=${value}`, name, args: [value] }));
    const state = readOptions(options, ENTRIES, {
      state: { width: 0, quality: 75 },
      ignoreUnknown,
    });
    if (url === "" || state.width === 0) {
      throw new ProxyError("malformed", "A Next.js image URL is ?url={URL}&w={width}&q={quality}");
    }
    const tokens = [`${state.width}x`, "reckon:sharp", `q${state.quality}`, "auto", "basic:jpeg"];
    return { tokens, remote: url };
  },
};
