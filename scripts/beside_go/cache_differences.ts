// Where two answers differ because both programs have a cache, and by which sentence of docs/from-go.md.
import { Buffer } from "node:buffer";
import type { Compared, NamedDifference } from "./differences.ts";
import { BEYOND, lifeOf, LIVES } from "./visits.ts";

export const CACHE_DIFFERENCES: readonly NamedDifference[] = [
  {
    name: "may be kept for an hour",
    aspects: ["origin"],
    explains: (compared) =>
      compared.before !== undefined && isSilent(compared) && compared.ours.origin === "" &&
      isAskedAgain(compared.go.origin),
  },
  {
    name: "or for a tenth of the time since its `Last-Modified`",
    aspects: ["cache-control"],
    explains: ({ go, ours, asked }) =>
      !go.headers.has("cache-control") && /dated|both/.test(lifeOf(asked)?.kind ?? "") &&
      isAbout(ours, 86_400),
  },
  {
    name: "`s-maxage` outdoes `max-age`",
    aspects: ["origin"],
    explains: ({ asked, go, ours }) => {
      const kind = lifeOf(asked)?.kind;
      return kind === "shared"
        ? ours.origin === "" && isAskedAgain(go.origin)
        : kind === "short_shared" && go.origin === "" && isAskedAgain(ours.origin);
    },
  },
  {
    name: "`Age` of an answer counts",
    aspects: ["origin", "cache-control"],
    explains: ({ asked, go, ours }) =>
      ["stale", "aged"].includes(lifeOf(asked)?.kind ?? "") && go.origin === "" &&
      isAskedAgain(ours.origin),
  },
  {
    name: "`Vary: *` is kept for nobody",
    aspects: ["origin"],
    explains: ({ asked, go, ours }) =>
      lifeOf(asked)?.kind === "varied_always" && go.origin === "" && isAskedAgain(ours.origin),
  },
  {
    name: "A failure is not kept for as long as it says, nor revalidated",
    aspects: ["origin", "status"],
    explains: ({ asked, go, ours }) =>
      ["404", "500", "204"].includes(lifeOf(asked)?.status ?? "") && ours.status >= 400 &&
      (go.origin === ours.origin || go.origin === "" || ours.origin === "" ||
        withoutConditions(go.origin) === ours.origin),
  },
  {
    name: "with another status than 200 or 203 has no picture",
    aspects: ["status"],
    explains: ({ asked, go, ours }) =>
      lifeOf(asked)?.status === "204" && [204, 304].includes(go.status) && ours.status === 502,
  },
  {
    name: "A redirect is not revalidated",
    aspects: ["origin"],
    explains: ({ asked, go, ours }) =>
      lifeOf(asked)?.status === "301" &&
      unconditionalRedirect(go.origin) === unconditionalRedirect(ours.origin),
  },
  {
    name: "A part of a picture (`Range`)",
    aspects: ["status"],
    explains: (compared) => {
      const { go, ours } = compared;
      const range = compared.asked.headers?.["Range"] ?? "";
      return [200, 304].includes(go.status) &&
        (ours.status === 206 ? isPart(compared) : ours.status === 416 && range === BEYOND);
    },
  },
  {
    name: "what is no directive is left out of `Cache-Control`",
    aspects: ["cache-control"],
    explains: ({ asked, go, ours }) =>
      lifeOf(asked)?.kind === "odd" &&
      go.headers.get("cache-control")?.replace(/, ,=,$/, "") === ours.headers.get("cache-control"),
  },
  {
    name: "`Cache-Control` is passed on as the origin wrote it",
    aspects: ["cache-control"],
    explains: ({ asked, ours }) =>
      lifeOf(asked)?.kind === "private" &&
      ours.headers.get("cache-control") === LIVES["private"]!["Cache-Control"],
  },
  {
    name: "A changed picture has an `ETag` of its own",
    aspects: ["etag"],
    explains: ({ asked: { method, target }, go, ours }) =>
      method === "HEAD" && !target.startsWith("/x/") && ours.headers.has("etag") &&
      (go.headers.get("etag") ?? '"one"').includes("one"),
  },
  {
    name: "`If-None-Match` may be a list",
    aspects: ["status"],
    explains: ({ asked: { target, headers = {} }, go, ours }) =>
      !target.startsWith("/x/") && "If-None-Match" in headers && go.status === 304 &&
      ours.status === 206,
  },
];

/** Whether the origin says nothing of how long its answer may be kept. */
function isSilent({ asked }: Compared): boolean {
  const life = LIVES[lifeOf(asked)?.kind ?? ""];
  return life !== undefined && life["Expires"] === undefined && life["Pragma"] === undefined &&
    !/max-age=\d|no-cache/.test(life["Cache-Control"] ?? "");
}

/** Whether the origin was asked for something. */
function isAskedAgain(origin: string): boolean {
  return origin.startsWith("GET /c/");
}

function isAbout({ headers }: { headers: Headers }, seconds: number): boolean {
  const given = Number(/^max-age=(\d+)$/.exec(headers.get("cache-control") ?? "")?.[1]);
  return given <= seconds && given > seconds - 30;
}

function withoutConditions(origin: string): string {
  return origin.replaceAll(/ \| if-(?:none-match|modified-since): [^|\n]*?(?= \||\n|$)/g, "");
}

/** The same but for what is said to a redirect's URL beyond the target, and where it came from. */
function unconditionalRedirect(origin: string): string {
  return origin.split("\n").map((line) =>
    (/\/301\//.test(line.split(" | ")[0]!) ? withoutConditions(line) : line)
      .replace(/ \| referer: [^|]*?(?= \||$)/, "")
  ).join("\n");
}

/** Whether a part is one of the whole that this program sent for the same picture before. */
function isPart({ ours: { body, headers }, before }: Compared): boolean {
  const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers.get("content-range") ?? "");
  const whole = wholeOf(before);
  if (!range || !whole) return false;
  const [first = NaN, last = NaN, length] = range.slice(1).map(Number);
  // Of a head nothing is to be seen.
  const wanted = whole.subarray(first, last + 1);
  return whole.length === length && (body.length === 0 || Buffer.from(wanted).equals(body));
}

/** The first answer of a visit is asked for without conditions. */
function wholeOf(compared: Compared | undefined): Uint8Array | undefined {
  if (compared?.before) return wholeOf(compared.before);
  return compared?.ours.status === 200 ? compared.ours.body : undefined;
}
