// Asks another server and this one for the same random URLs, and prints where the answers differ:
//   compare_dialects.ts imgproxy http://127.0.0.1:8081 http://127.0.0.1:8080
// Both must be allowed to fetch from loopback, and this one to enlarge: `-dialect imgproxy -scaleUp
// -allowPrivateNetworks`. Size, format and whether it moves must agree; what looks otherwise is told, too.
//   --count=N  how many URLs; default 300      --seed=N  which; default 1      --all  print all differences
import { parseArgs } from "node:util";
import { type DialectName, DIALECTS } from "../src/dialects/table.ts";
import { readHeader } from "../src/image/formats/read_header.ts";
import { animation, picture, startEngine } from "../tests/testing/pictures.ts";
import { apart, MOST_APART } from "./compare/patches.ts";
import { createDice, URL_MAKERS } from "./compare/random_urls.ts";

/** What clients say that they take: few servers know more of it than WebP. */
const ACCEPTED = ["*/*", "image/webp,*/*;q=0.8"];

const { values: flags, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    count: { type: "string", default: "300" },
    seed: { type: "string", default: "1" },
    all: { type: "boolean", default: false },
  },
});
const [name = "", peer = "", ours = ""] = positionals;
const makeUrl = URL_MAKERS[name as DialectName];
if (!makeUrl || !URL.canParse(peer) || !URL.canParse(ours)) {
  throw new Error(`Usage: compare_dialects.ts {${Object.keys(URL_MAKERS).join("|")}} PEER OURS`);
}
const { path, example } = DIALECTS[name as DialectName];
// What a grammar begins with may belong to its path: Next.js has only a query.
const peerPath = example.startsWith(`${path}?`) ? path : "/";

await startEngine();
const pictures = makePictures();
await using origin = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
  const found = pictures[new URL(request.url).pathname.slice(1)];
  return found
    ? new Response(found.bytes, { headers: { "content-type": found.type } })
    : new Response(null, { status: 404 });
});

const dice = createDice(Number(flags.seed));
const sources = Object.keys(pictures);
const tally = { failed: 0, same: 0, nearly: 0, refusedByBoth: 0, different: 0, looks: 0 };
for (let at = 0; at < Number(flags.count); at++) {
  const source = `http://127.0.0.1:${origin.addr.port}/${dice.pick(sources)}`;
  const url = makeUrl(dice, source);
  const accept = dice.pick(ACCEPTED);
  const theirs = await answer(peer + peerPath + url, accept);
  const own = await answer(ours + path + url, accept);
  if (theirs.bytes === undefined && own.bytes !== undefined) {
    tally.failed++;
    if (flags.all) console.log(`${url}\n  ${name}: ${theirs.said}; here: ${own.said}`);
    continue;
  }
  if (theirs.said !== own.said) {
    if (theirs.bytes === undefined && own.bytes === undefined) {
      tally.refusedByBoth++;
      continue;
    }
    if (isNear(theirs, own)) {
      tally.nearly++;
      if (flags.all) console.log(`${url}\n  ${name}: ${theirs.said}; here: ${own.said}`);
      continue;
    }
    tally.different++;
    console.log(`${url}\n  ${name}: ${theirs.said}; here: ${own.said}`);
    continue;
  }
  tally.same++;
  const distance = theirs.bytes && own.bytes ? apart(theirs.bytes, own.bytes) : 0;
  if (distance < MOST_APART) continue;
  tally.looks++;
  if (flags.all) console.log(`${url}\n  ${theirs.said}, but ${distance.toFixed(0)} levels apart`);
}
const compared = tally.same + tally.nearly + tally.different;
console.log(
  `${name}: ${tally.same} of ${compared} have the same size and format ` +
    `(${(100 * tally.same / compared).toFixed(1)} %), of those ${tally.looks} look otherwise; ` +
    `${tally.nearly} differ by one pixel of a side, ${tally.different} more; ` +
    `${tally.refusedByBoth} more are refused by both, ${tally.failed} by ${name} alone`,
);

interface Answer {
  /** In a few words what came. */
  said: string;
  size?: readonly [number, number];
  bytes?: Uint8Array;
}

async function answer(url: string, accept: string): Promise<Answer> {
  const response = await fetch(url, { headers: { accept } });
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (!response.ok) {
    const text = new TextDecoder().decode(bytes.subarray(0, 200)).replaceAll(/\s+/g, " ");
    return { said: `${response.status} ${text}` };
  }
  const header = readHeader(bytes);
  if (!header) return { said: `${response.headers.get("content-type")} of ${bytes.length} bytes` };
  const [width, height] = header.orientation > 4
    ? [header.height, header.width]
    : [header.width, header.height];
  const motion = header.frames > 1 ? ", moving" : "";
  return { said: `${header.format} ${width}x${height}${motion}`, size: [width, height], bytes };
}

/** Whether nothing but a pixel of rounding is between two answers. */
function isNear(one: Answer, other: Answer): boolean {
  const words = ({ said }: Answer) => said.replace(/\d+x\d+/, "");
  return one.size !== undefined && words(one) === words(other) &&
    one.size.every((side, at) => Math.abs(side - (other.size?.[at] ?? 0)) <= 1);
}

function makePictures() {
  const wide = ["rgby", "cmwk", "yrgb"];
  const tall = ["rgb", "ymc", "kwr", "gby"];
  return {
    "wide.jpg": { type: "image/jpeg", bytes: picture(wide, { scale: 67, format: "JPEG" }) },
    "tall.jpg": { type: "image/jpeg", bytes: picture(tall, { scale: 71, format: "JPEG" }) },
    "small.png": { type: "image/png", bytes: picture(wide, { scale: 11 }) },
    "turned.jpg": {
      type: "image/jpeg",
      bytes: picture(wide, { scale: 53, format: "JPEG", orientation: 6 }),
    },
    "clear.png": { type: "image/png", bytes: picture(["...", ".rg", ".by"], { scale: 59 }) },
    "moving.gif": {
      type: "image/gif",
      bytes: animation([{ rows: wide, delay: 10 }, {
        // Nowhere as the first, or encoders make one frame of two of which a crop shows the same.
        rows: ["kwrg", "ycmr", "gbyk"],
        delay: 10,
      }], {
        scale: 31,
        format: "GIF",
      }),
    },
    "picture.webp": { type: "image/webp", bytes: picture(tall, { scale: 47, format: "WEBP" }) },
  } as Record<string, { type: string; bytes: Uint8Array<ArrayBuffer> }>;
}
