// Measures the product as its users run it, beside native libvips in the same run: `deno task bench`.
//   --install      installs sharp and ipx into the folder of --native first
//   --native=DIR   where they are installed; default: a folder of this user's cache
//   --only=a,b     of hits, transforms, throughput, starts, memory, rest
//   --rounds=N     how often each transform is timed; default 20
//   --write        puts the tables into docs/performance.md; with --only, those that were measured
import { parseArgs } from "node:util";
import { findContenders, installNative, versionOf } from "./bench/contenders.ts";
import * as measure from "./bench/measure.ts";
import { loadPictures, type Pictures } from "./bench/pictures.ts";
import { isInstalled, pinSelf } from "./bench/processes.ts";
import { formatResults, type Results, withSections } from "./bench/report.ts";
import { measureRest } from "./bench/rest.ts";

const ROOT = new URL("../", import.meta.url);
const DOCUMENT = new URL("docs/performance.md", ROOT);
const BEGIN = "<!-- What follows is written by deno task bench --write. -->";
// With one core for the servers, the other is this process's; with two, they share them.
const [ONE, OTHER, TWO] = ["0", "1", "0,1"] as const;

const { values: flags } = parseArgs({
  args: Deno.args,
  options: {
    install: { type: "boolean", default: false },
    native: { type: "string", default: `${Deno.env.get("HOME")}/.cache/imageproxy-bench` },
    only: { type: "string" },
    rounds: { type: "string", default: "20" },
    write: { type: "boolean", default: false },
  },
});
if (!isInstalled("taskset")) throw new Error("taskset is needed to hold servers to their cores");
if (flags.install) await installNative(flags.native);
const { contenders, skipped } = findContenders(flags.native);
const tool = ["wrk", "autocannon"].find(isInstalled);

const pictures = await loadPictures(new URL("../shared/images/", ROOT));
await using origin = startOrigin(pictures);
const setup: measure.Setup = {
  contenders,
  origin: origin.url,
  pictures,
  rounds: Number(flags.rounds),
};

const parts: Record<keyof Results, () => Promise<Results>> = {
  async hits() {
    if (!tool) {
      skipped.push("cached hits (neither wrk nor autocannon is installed)");
      return {};
    }
    await pinSelf(OTHER);
    const cores = { server: ONE, client: OTHER };
    return { hits: await measure.timeHits(setup, { cores, tool, seconds: 4 }) };
  },
  async transforms() {
    await pinSelf(OTHER);
    const one = await measure.timeTransforms(setup, ONE);
    await pinSelf(TWO);
    return { transforms: { one, two: await measure.timeTransforms(setup, TWO) } };
  },
  async throughput() {
    await pinSelf(OTHER);
    const one = await measure.timeThroughput(setup, ONE);
    await pinSelf(TWO);
    return { throughput: { one, two: await measure.timeThroughput(setup, TWO) } };
  },
  async starts() {
    await pinSelf(TWO);
    return { starts: await measure.timeStarts(setup, TWO) };
  },
  async memory() {
    await pinSelf(TWO);
    return { memory: await measure.measureMemory(setup, TWO) };
  },
  async rest() {
    await pinSelf(TWO);
    return { rest: await measureRest(origin.url, TWO) };
  },
};

const results: Results = {};
for (const [name, run] of Object.entries(parts)) {
  if (flags.only && !flags.only.split(",").includes(name)) continue;
  console.error(`Measuring ${name} …`);
  Object.assign(results, await run());
}
const tables = formatResults(results, contenders.map(({ name }) => name));
const text = `${describeRun()}\n\n${tables}`;
console.log(text);
if (flags.write) {
  const [intro, written = ""] = (await Deno.readTextFile(DOCUMENT)).split(BEGIN);
  const all = flags.only ? withSections(written.trimStart(), tables, describeRun()) : text;
  await Deno.writeTextFile(DOCUMENT, `${intro}${BEGIN}\n\n${all}`);
}

function startOrigin(pictures: Pictures): { url: string } & AsyncDisposable {
  const headers = { "cache-control": "max-age=3600" };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    return new Response(pictures[new URL(url).pathname.slice(1) as keyof Pictures], { headers });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

function describeRun(): string {
  const model = /^model name\s*: (.*)$/m.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1];
  const memory = (Deno.systemMemoryInfo().total / 2 ** 30).toFixed(0);
  const others = contenders.slice(1).map(({ name }) => `${name} ${versionOf(name, flags.native)}`);
  return [
    `${new Date().toISOString().slice(0, 10)}: ${model ?? "unknown processor"}, ` +
    `${navigator.hardwareConcurrency} cores, ${memory} GiB, Linux ${Deno.osRelease()}, ` +
    `load ${Deno.loadavg()[0]!.toFixed(1)} at the end; ${
      [`Deno ${Deno.version.deno}`, ...others].join(", ")
    }.`,
    ...(skipped.length > 0 ? [`Not measured: ${skipped.join(", ")}.`] : []),
  ].join(" ");
}
