// The origin that both programs ask: pictures of every format, redirects, failures, and what headers can say.
// The path says what is answered; it records what it was asked.
import { animation, picture } from "../../tests/testing/pictures.ts";
import { isUnchanged, LIVES } from "./visits.ts";
import { answer, type RawOrigin, startRawOrigin } from "../../tests/testing/raw_origin.ts";

interface Picture {
  type: string;
  bytes: Uint8Array<ArrayBuffer>;
  width: number;
  height: number;
}

export interface Origin extends RawOrigin {
  pictures: Readonly<Record<string, Picture>>;
}

/** Response headers by the name that stands in the path behind `/h/`. */
export const HEADER_SETS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  fresh: { "Cache-Control": "max-age=60", ETag: '"one"' },
  private: { "Cache-Control": "private, max-age=60" },
  nostore: { "Cache-Control": "no-store" },
  dated: {
    "Last-Modified": "Mon, 02 Nov 2026 10:00:00 GMT",
    Expires: "Thu, 01 Dec 2033 16:00:00 GMT",
  },
  weak: { ETag: 'W/"two"', "Cache-Control": "public, s-maxage=100, max-age=10" },
  linked: {
    Link: '<https://images.example.com/full.jpg>; rel="canonical"',
    "X-Other": "yes",
    "Content-Disposition": 'attachment; filename="theirs.jpg"',
    "Set-Cookie": "secret=1",
  },
};

/** Content types by the name that stands in the path behind `/t/`. */
export const TYPES: Readonly<Record<string, string | undefined>> = {
  none: undefined,
  octet: "application/octet-stream",
  binary: "binary/octet-stream",
  charset: "image/jpeg; charset=utf-8",
  text: "text/html",
  other: "image/x-unheard-of",
};

/** Starts it on a free port. */
export function startOrigin(): Origin {
  const pictures = makePictures();
  const origin = startRawOrigin((target, socket) => {
    const path = target.split("?")[0]!;
    const name = path.slice(path.lastIndexOf("/") + 1);
    const found = pictures[name];
    const [, kind = "", detail = "", count = "0"] = path.split("/");
    if (kind === "r" && Number(count) > 0) {
      const next = path.replace(`/${count}/`, `/${Number(count) - 1}/`);
      const location = name.length % 2 === 0 ? next : `${origin.url}${next}`;
      return socket.write(answer(Number(detail), { Location: location }));
    }
    if (kind === "c") return socket.write(visit(path, { found, head: origin.heads.at(-1) ?? "" }));
    const body = kind === "s" && detail !== "200" ? undefined : found;
    if (!body) {
      const status = kind === "s" ? Number(detail) : 404;
      return socket.write(answer(status, { "Content-Type": "text/plain" }, "there is nothing"));
    }
    const type = kind === "t" ? TYPES[detail] : body.type;
    const head = answer(200, {
      Date: new Date().toUTCString(),
      ...type && { "Content-Type": type },
      ...kind === "h" ? HEADER_SETS[detail] : {},
      "Content-Length": body.bytes.length,
    });
    return socket.write(concatenated(new TextEncoder().encode(head), body.bytes));
  });
  return Object.assign(origin, { pictures });
}

/** Answers for a picture of a life: `/c/{life}/{status}/{which visit}/{name}`. */
function visit(
  path: string,
  { found, head }: { found: Picture | undefined; head: string },
): string | Uint8Array {
  const [, , kind = "", status = ""] = path.split("/");
  const life = { Date: new Date().toUTCString(), ...LIVES[kind] };
  if (status === "301") {
    return answer(301, { ...life, Location: path.replace("/301/", "/200/") });
  }
  if (status !== "200" || !found) {
    return answer(Number(status), life, status === "204" ? "" : "nothing");
  }
  if (isUnchanged(life, head)) return answer(304, life);
  const { bytes, type } = found;
  const first = answer(200, { ...life, "Content-Type": type, "Content-Length": bytes.length });
  return concatenated(new TextEncoder().encode(first), bytes);
}

function concatenated(one: Uint8Array, other: Uint8Array): Uint8Array {
  const whole = new Uint8Array(one.length + other.length);
  whole.set(one);
  whole.set(other, one.length);
  return whole;
}

function makePictures(): Record<string, Picture> {
  const wide = ["rgby", "cmwk", "yrgb"];
  const tall = ["rgb", "ymc", "kwr", "gby"];
  const framed = ["wwwwww", "wrgbyw", "wcmkrw", "wwwwww"];
  const still = (rows: readonly string[], scale: number, format: string, orientation = 0) => ({
    bytes: picture(rows, {
      scale,
      format: format as "PNG",
      ...orientation > 0 ? { orientation } : {},
    }),
    type: `image/${format.toLowerCase()}`,
    width: (orientation > 4 ? rows.length : rows[0]!.length) * scale,
    height: (orientation > 4 ? rows[0]!.length : rows.length) * scale,
  });
  const oriented = [2, 3, 4, 5, 6, 7, 8].map((orientation) =>
    [`turned${orientation}.jpg`, still(wide, 29, "JPEG", orientation)] as const
  );
  return {
    "wide.jpg": still(wide, 37, "JPEG"),
    "tall.jpg": still(tall, 41, "JPEG"),
    ...Object.fromEntries(oriented),
    "wide.png": still(wide, 23, "PNG"),
    "small.png": still(tall, 5, "PNG"),
    "one.png": still(["r"], 1, "PNG"),
    "framed.png": still(framed, 19, "PNG"),
    "clear.png": still([".rg", ".by"], 31, "PNG"),
    "still.gif": still(wide, 17, "GIF"),
    "moving.gif": {
      ...still(wide, 19, "GIF"),
      bytes: animation([
        { rows: wide, delay: 10 },
        { rows: ["kkkk", "wwww", "rrrr"], delay: 20 },
      ], { scale: 19, format: "GIF" }),
    },
    "wide.webp": still(wide, 27, "WEBP"),
    "tall.tiff": still(tall, 33, "TIFF"),
    "tall.bmp": still(tall, 21, "BMP"),
    "wide.jxl": still(wide, 25, "JXL"),
    "drawn.svg": {
      type: "image/svg+xml",
      bytes: new TextEncoder().encode(
        '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><rect width="9" height="9"/></svg>',
      ),
      width: 40,
      height: 30,
    },
    "broken.jpg": { ...still(wide, 20, "JPEG"), bytes: new TextEncoder().encode("no picture") },
    "empty.png": { ...still(wide, 20, "PNG"), bytes: new Uint8Array() },
  };
}
