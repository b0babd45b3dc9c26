// Hidden remote URLs for those who have the key.
import { hideUrl } from "../request/hidden_url.ts";
import { completeRemoteUrl, findRemoteUrl, type RemoteUrlSettings } from "../request/remote_url.ts";
import type { CommandSpec } from "./terminal/command_line.ts";
import { DETERMINISTIC, hidingKey, remoteGrammar } from "./hiding.ts";
import { currentConfig, messageOf, printProblems } from "./terminal/output.ts";

export const encrypt: CommandSpec = {
  name: "encrypt",
  operands: "URL…",
  summary: "Print remote URLs as only the server can read them",
  details: [
    "What is printed, enc:…, takes the place of the remote URL in a URL of the proxy. The key is the",
    "first sourceKey of the settings. See sign -encrypt, too.",
  ],
  settings: ["sourceKey", "baseURL", "source", "config"],
  flags: { deterministic: DETERMINISTIC },
  async run({ operands, flags, settings }) {
    const { config, problems } = await currentConfig(settings);
    if (operands.length === 0) problems.push("encrypt needs a URL");
    if (problems.length === 0) {
      try {
        const key = await hidingKey(config, flags);
        const grammar = await remoteGrammar(config);
        for (const url of operands) {
          try {
            console.log(hideUrl(remoteUrlOf(url, grammar), key));
          } catch (error) {
            problems.push(`Cannot encrypt ${url}: ${messageOf(error)}`);
          }
        }
      } catch (error) {
        problems.push(messageOf(error));
      }
    }
    printProblems(problems);
    return problems.length > 0 ? 1 : 0;
  },
};

/** The URL as the origin will be asked for it: what the server could not ask for is found out here. */
function remoteUrlOf(text: string, grammar: RemoteUrlSettings): string {
  const [path = "", query] = text.split(/(?=\?)(.*)/s);
  const found = findRemoteUrl(path, grammar);
  if (!found) throw new Error("It must be a remote URL");
  return completeRemoteUrl(found, { query: query ?? "" }).remoteUrl;
}
