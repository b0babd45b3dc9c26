// What URLs of other servers are in this program's own form, for those who move in.
import { parseMounts } from "../dialects/mounts.ts";
import { findMount, translate as translated } from "../dialects/read.ts";
import { DIALECT_NAMES } from "../dialects/table.ts";
import type { CommandSpec } from "./terminal/command_line.ts";
import { splitProxyUrl } from "./proxy_url.ts";
import { currentConfig, messageOf, printProblems } from "./terminal/output.ts";

export const translate: CommandSpec = {
  name: "translate",
  operands: "URL…",
  summary: "Print what other servers' URLs are here",
  details: [
    "A URL is one of another server, as this one would be asked for it:",
    "http://localhost:8080/imgproxy/_/w:200/plain/https://example.com/a.jpg (the host may be left out).",
    "-dialect says where which server's URLs lie; unless it does, each lies at its own path.",
  ],
  settings: ["dialect", "ignoreUnknownOptions", "pathPrefix", "config"],
  flags: {},
  async run({ operands, settings }) {
    const { config, problems } = await currentConfig(settings);
    if (operands.length === 0) problems.push("translate needs a URL");
    if (problems.length > 0) {
      printProblems(problems);
      return 1;
    }
    try {
      const mounts = parseMounts(config.dialect.length > 0 ? config.dialect : DIALECT_NAMES);
      const ignoreUnknown = config.ignoreUnknownOptions;
      for (const url of operands) {
        const { base, target } = splitProxyUrl(url, config.pathPrefix);
        try {
          const found = findMount(target, mounts);
          if (!found) throw new Error(`No dialect lies there: ${mounts.map(whereOf).join(", ")}`);
          console.log(
            base + translated(found.below, { mount: found.mount, ignoreUnknown }).target,
          );
        } catch (error) {
          problems.push(`Cannot translate ${url}: ${messageOf(error)}`);
        }
      }
    } catch (error) {
      problems.push(messageOf(error));
    }
    printProblems(problems);
    return problems.length > 0 ? 1 : 0;
  },
};

function whereOf({ name, path }: { name: string; path: string }): string {
  return `${name} at ${path}`;
}
