// Asks the Go program and this one the same random requests, and tells every difference that
// docs/from-go.md does not name:
//   beside_go.ts [--go PROGRAM]
// Without a path the program is built with Go; without Go nothing is compared, and it says so.
//   --count=N  how many requests without a cache; default 3000, and a fifth as many pictures with one, each
//              of which is asked for several times
//   --seed=N   which; default 1
//   --all      tell the named differences, too     --setup=WORD  only what is started with such flags
import { parseArgs } from "node:util";
import { readHeader } from "../src/image/formats/read_header.ts";
import { findCommand, freePort, startCommand } from "../tests/testing/command.ts";
import { startEngine } from "../tests/testing/pictures.ts";
import {
  type Compared,
  differencesOf,
  type Facts,
  latest,
  NAMED,
} from "./beside_go/differences.ts";
import { startOrigin } from "./beside_go/origin.ts";
import { type Setup, SETUPS } from "./beside_go/random_requests.ts";
import { ask, type Asked } from "./beside_go/wire.ts";
import { createDice } from "./compare/random_urls.ts";
import { startPermissions } from "./start_permissions.ts";

/** What is compared with: the newest when this was written. */
const GO_PROGRAM = "willnorris.com/go/imageproxy/cmd/imageproxy@ca6da34";

/** What a reader of a page could notice; the rest are header fields, and what the origin is asked. */
const SEEN: ReadonlySet<string> = new Set(["status", "type", "picture", "look"]);

const { values: flags } = parseArgs({
  args: Deno.args,
  options: {
    go: { type: "string" },
    count: { type: "string", default: "3000" },
    seed: { type: "string", default: "1" },
    setup: { type: "string", default: "" },
    all: { type: "boolean", default: false },
  },
});

const program = flags.go ?? await build();
if (program === undefined) {
  console.log("Skipped: there is no Go to build the Go program with, and no --go PROGRAM");
  Deno.exit(0);
}
await startEngine();
await using origin = startOrigin();
const dice = createDice(Number(flags.seed));
const counts = new Map<string, number>(NAMED.map(({ name }) => [name, 0]));
const total = { asked: 0, same: 0, named: 0, unnamed: 0, sameImage: 0 };
for (const setup of SETUPS) {
  const count = Math.round(Number(flags.count) * setup.share);
  const requests = Array.from({ length: count }, () => setup.request(dice, origin));
  if (!setup.name.includes(flags.setup)) continue;
  await compareAll(requests, setup);
}
for (const [name, count] of counts) console.log(`${String(count).padStart(5)}  ${name}`);
console.log(
  `${total.asked} requests: ${total.sameImage} are answered with the same status, format, size and region, ` +
    `${total.same} of them with the same header fields too; ${total.named} differ as docs/from-go.md ` +
    `says, ${total.unnamed} otherwise`,
);
Deno.exit(total.unnamed > 0 ? 1 : 0);

async function compareAll(
  requests: readonly (Asked | readonly Asked[])[],
  { name, cache, flags: both, ours = [] }: Setup,
): Promise<void> {
  const [theirPort, ourPort] = [freePort(), freePort()];
  await using theirCache = await openCache(cache);
  await using ourCache = await openCache(cache);
  const shared = both(origin);
  await using _theirs = await startCommand(
    [program!, "-addr", `127.0.0.1:${theirPort}`, ...cache ? theirCache.flags : [], ...shared],
    { port: theirPort },
  );
  await using _ours = await startCommand([
    ...[Deno.execPath(), "run", "--quiet", "--no-check", ...startPermissions(), "main.ts"],
    ...["-addr", `127.0.0.1:${ourPort}`, "-allowPrivateNetworks", ...ourCache.flags],
    ...["-userAgent", "willnorris/imageproxy", ...ours, ...shared],
  ], { port: ourPort });
  for (const visit of requests) {
    let before: Compared | undefined;
    for (const asked of [visit].flat()) {
      before = {
        setup: name,
        asked,
        before,
        go: await factsOf(theirPort, repeated(asked, { before, whose: "go" })),
        ours: await factsOf(ourPort, repeated(asked, { before, whose: "ours" })),
      };
      judge(before);
    }
  }
}

/** An empty cache for one program, gone afterwards. */
async function openCache(kind: Setup["cache"]): Promise<{ flags: string[] } & AsyncDisposable> {
  const folder = kind === "files" ? await Deno.makeTempDir() : undefined;
  return {
    flags: ["-cache", folder ?? (kind === "memory" ? "memory:50" : "none")],
    async [Symbol.asyncDispose]() {
      if (folder !== undefined) await Deno.remove(folder, { recursive: true });
    },
  };
}

/** The request with what it takes from the answers before it. */
function repeated(
  { headers = {}, ...asked }: Asked,
  { before, whose }: { before: Compared | undefined; whose: "go" | "ours" },
): Asked {
  const fields = Object.entries(headers).flatMap(([name, value]) => {
    const taken = /^\{(.*)\}$/.exec(value)?.[1];
    const given = taken === undefined ? value : latest(taken, { in: before, whose });
    return given ? [[name, given] as const] : [];
  });
  return { ...asked, headers: Object.fromEntries(fields) };
}

/** Counts a request and how it differs, and tells what nothing explains. */
function judge(compared: Compared): void {
  const { setup, asked: { method = "GET", target, headers = {} } } = compared;
  total.asked++;
  const found = differencesOf(compared, origin);
  const unnamed = found.filter(({ names }) => names.length === 0);
  for (const reason of new Set(found.flatMap(({ names }) => names))) {
    counts.set(reason, counts.get(reason)! + 1);
  }
  if (!found.some(({ aspect }) => SEEN.has(aspect))) total.sameImage++;
  if (found.length === 0) total.same++;
  else if (unnamed.length === 0) total.named++;
  else total.unnamed++;
  for (const { aspect, names } of flags.all ? found : unnamed) {
    console.log(
      `${setup}: ${method} ${target} ${JSON.stringify(headers)}\n` +
        `  ${aspect}: Go ${told(compared.go, aspect)}\n  ${" ".repeat(aspect.length)}  we ` +
        `${told(compared.ours, aspect)}${names.map((name) => `\n  as named: ${name}`).join("")}`,
    );
  }
}

function told(facts: Facts, aspect: string): string {
  const said = facts[aspect as keyof Facts] ?? facts.headers.get(aspect) ?? "nothing";
  return `${said}${aspect === "status" && facts.status >= 400 ? ` ${facts.said}` : ""}`;
}

/** What a program answers, and what it asked the origin for that. */
async function factsOf(port: number, asked: Asked): Promise<Facts> {
  const before = origin.heads.length;
  const { status, headers, body } = await ask(port, asked);
  const header = readable(body);
  const upright = header && header.orientation > 4;
  return {
    status,
    type: headers.get("content-type") ?? "",
    ...header && {
      picture: `${header.format} ${upright ? header.height : header.width}x${
        upright ? header.width : header.height
      }${header.frames > 1 ? ", moving" : ""}`,
    },
    body,
    headers,
    said: new TextDecoder().decode(body.subarray(0, 160)).trim(),
    origin: origin.heads.slice(before).map(headOf).join("\n"),
  };
}

function readable(body: Uint8Array) {
  try {
    return readHeader(body);
  } catch {
    return undefined;
  }
}

/** What the two programs can have in common of a request's head. */
function headOf(head: string): string {
  const [first = "", ...lines] = head.split("\r\n");
  const kept = lines.filter((line) =>
    /^(?:accept|user-agent|referer|x-passed|accept-language|cookie|if-none-match|if-modified-since|range):/i
      .test(line)
  ).map((line) => line.replace(/^[^:]+/, (name) => name.toLowerCase())).sort();
  return [first.replace(/ HTTP\/1\.1$/, ""), ...kept].join(" | ");
}

/** The Go program, built into a folder of its own; undefined where there is no Go. */
async function build(): Promise<string | undefined> {
  const go = findCommand("go");
  if (go === undefined) return undefined;
  const folder = await Deno.makeTempDir();
  const { success, stderr } = await new Deno.Command(go, {
    args: ["install", GO_PROGRAM],
    env: { GOBIN: folder },
  }).output();
  if (!success) {
    throw new Error(`The Go program was not built: ${new TextDecoder().decode(stderr)}`);
  }
  return `${folder}/imageproxy`;
}
