// The cache from the command line: how full it is, one image out of it, or everything.
import type { CommandInput, CommandSpec } from "./terminal/command_line.ts";
import { urlPrefix } from "../cache/key.ts";
import { type OpenCache, openCache } from "../cache/open_cache.ts";
import type { Removal } from "../cache/removal.ts";
import type { Config } from "../settings/table.ts";
import { remoteGrammar } from "./hiding.ts";
import { cachedUrl, parseRequest } from "../request/image_request.ts";
import { currentConfig, messageOf, printProblems } from "./terminal/output.ts";

export const cache: CommandSpec = {
  name: "cache",
  operands: "stats | purge <URL> | clear",
  summary: "Show, or empty, the caches on disk and elsewhere",
  details: [
    "stats lists what each cache holds. purge removes an image and all that was made from it; clear",
    "removes everything. A cache in memory is the running server's own: servers that share a Redis hear of it",
    "there, to others send PURGE.",
  ],
  settings: [
    "cache",
    "cacheTimeout",
    "baseURL",
    "source",
    "sourceKey",
    "ignoredParameters",
    "config",
  ],
  async run(input) {
    const { config, problems } = await currentConfig(input.settings);
    const action = actionOf(input, config);
    if (problems.length > 0 || typeof action === "string") {
      printProblems([...problems, ...(typeof action === "string" ? [action] : [])]);
      return 1;
    }
    const tiers = await openCache({
      specs: config.cache.filter((spec) => !/^(?:\w+=)?memory(?::|$)/i.test(spec)),
      codec: {
        encode: () => new Uint8Array(),
        decode: () => undefined,
        size: () => 0,
      },
      readTimeoutMs: 5 * config.cacheTimeout,
      writeTimeoutMs: 5 * config.cacheTimeout,
      maxQueueBytes: 0,
      context: {
        env: (name) => Deno.env.get(name),
        log: (message, cause) => cause !== undefined && printProblems([`${message}: ${cause}`]),
      },
      log: () => {},
    });
    try {
      if (tiers.levels.length === 0) throw new Error("No cache but memory is set: see -cache");
      return await action(tiers);
    } catch (error) {
      printProblems([messageOf(error)]);
      return 1;
    } finally {
      await tiers.close();
    }
  },
};

type Tiers = OpenCache<undefined>;

/** What to do, or what is wrong with the words. */
function actionOf(
  { operands }: CommandInput,
  config: Config,
): ((tiers: Tiers) => Promise<number>) | string {
  const [verb, url, ...rest] = operands;
  if (verb === "stats" && url === undefined) return printStats;
  if (verb === "clear" && url === undefined) {
    return async (tiers) => report(await tiers.removeEverywhere(""));
  }
  if (verb === "purge" && url !== undefined && rest.length === 0) {
    return async (tiers) => {
      // Written as in a URL of the proxy, so that both come to the same key.
      const request = parseRequest(`/${url}`, await remoteGrammar(config));
      return report(await tiers.removeEverywhere(urlPrefix(cachedUrl(request))));
    };
  }
  return "cache takes stats, purge and one remote URL, or clear";
}

async function printStats({ levels }: Tiers): Promise<number> {
  let failures = 0;
  for (const level of levels) {
    if (!("store" in level)) continue;
    const stats = await level.store.stats();
    if (stats === undefined) failures++;
    console.log(
      stats === undefined
        ? `${level.name}: no answer`
        : `${level.name}: ${stats.entries} entries, ${stats.bytes} bytes`,
    );
  }
  return failures > 0 ? 1 : 0;
}

function report({ removed, failed, servers }: Removal): number {
  console.log(`${removed} entries removed`);
  if (servers !== undefined) console.log(`Running servers that were reached: ${servers}`);
  printProblems(failed.map(({ store, cause }) => `${store}: ${messageOf(cause)}`));
  return failed.length > 0 ? 1 : 0;
}
