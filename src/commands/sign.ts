// Signed URLs for those who have the key.
import { sign as signatureOf } from "../request/access.ts";
import type { CommandSpec } from "./command_line.ts";
import { parseOptions } from "../options/parse.ts";
import { type ImageRequest, parseRequest } from "../request/image_request.ts";
import { findRemoteUrl, type RemoteUrlSettings } from "../request/remote_url.ts";
import { sourceNames } from "../settings/named_places.ts";
import { readSignatureKeys } from "../settings/signature_keys.ts";
import { currentConfig, messageOf, printProblems } from "./output.ts";

/** Where the Go program's tool looks for a key when it is not given one. */
const USUAL_KEY_FILE = "/etc/imageproxy.key";

export const sign: CommandSpec = {
  name: "sign",
  operands: "URL…",
  summary: "Print signed URLs",
  details: [
    "A URL is one of the proxy, http://localhost:8080/400x400,q40/https://example.com/a.jpg (the",
    "host may be left out), or a remote URL with the options behind a #,",
    "https://example.com/a.jpg#400x400,q40, from which the proxy's path is made.",
    "The key is -key, else the first signatureKey of the settings, else @/etc/imageproxy.key.",
  ],
  settings: ["signatureKey", "baseURL", "source", "config"],
  flags: {
    key: { placeholder: "<key>", summary: "The key, or @file that holds it" },
    options: { summary: "Sign the options too, as is done unless told otherwise" },
    url: { summary: "Sign the remote URL alone, so that the options may be changed" },
    signature: { summary: "Print the signatures alone" },
  },
  async run({ operands, flags, settings }) {
    const { config, problems } = await currentConfig(settings);
    if (operands.length === 0) problems.push("sign needs a URL");
    const urlOnly = flags.url === "true" || flags.options === "false";
    if (flags.url === "true" && flags.options === "true") {
      problems.push("-url and -options cannot both be: sign the URL alone, or the options too");
    }
    if (problems.length > 0) {
      printProblems(problems);
      return 1;
    }
    const signed: string[] = [];
    try {
      const key = await keyOf(flags.key ?? config.signatureKey[0]);
      const grammar = { baseUrl: config.baseURL || undefined, sources: sourceNames(config) };
      for (const url of operands) {
        try {
          const parsed = parseTarget(url, grammar);
          const signature = `${signatureOf(parsed.request, key, { urlOnly })}=`;
          signed.push(flags.signature === "true" ? signature : parsed.write(signature));
        } catch (error) {
          problems.push(`Cannot sign ${url}: ${messageOf(error)}`);
        }
      }
    } catch (error) {
      problems.push(messageOf(error));
    }
    for (const line of signed) console.log(line);
    printProblems(problems);
    return problems.length > 0 ? 1 : 0;
  },
};

async function keyOf(given: string | undefined): Promise<Uint8Array> {
  const usual = given === undefined;
  try {
    const [key] = await readSignatureKeys([given ?? `@${USUAL_KEY_FILE}`], Deno.readFile);
    if (key!.length > 0) return key!;
  } catch (error) {
    if (!usual) throw new Error(messageOf(error).replace("-signatureKey", "-key"));
  }
  throw new Error("No key: give -key, IMAGEPROXY_SIGNATUREKEY or signatureKey in the config file");
}

interface SignTarget {
  request: ImageRequest;
  /** The URL with this signature among its options. */
  write(signature: string): string;
}

/** A URL of the proxy if it can be read as one, else a remote URL whose fragment holds the options. */
function parseTarget(url: string, grammar: RemoteUrlSettings): SignTarget {
  const [, origin = "", target = ""] = /^(https?:\/\/[^/?#]+)?(\/[^#]*)$/i.exec(url) ?? [];
  const proxied = target &&
    parseProxied(target, origin ? { ...grammar, baseUrl: undefined } : grammar);
  if (proxied) {
    const write = (signature: string) => origin + withSignature(target, { signature, grammar });
    return { request: proxied, write };
  }
  const [remote = "", fragment = ""] = url.split(/#(.*)/s);
  if (!isRemote(remote, grammar)) throw new Error("It must be a URL of the proxy or a remote URL");
  const options = parseOptions(fragment);
  const request = { ...parseRequest(`/${remote}`, grammar), options, asked: options };
  const tokens = unsigned(fragment);
  return { request, write: (signature) => `/${[...tokens, `s${signature}`].join(",")}/${remote}` };
}

/** Undefined where the path is none of the proxy's: the URL is then a remote one. */
function parseProxied(target: string, grammar: RemoteUrlSettings): ImageRequest | undefined {
  try {
    return parseRequest(target, grammar);
  } catch (error) {
    // A bad option before what is clearly a remote URL is a mistake and not another kind of URL.
    const [, options, remote = ""] = /^\/([^/]*)\/(.*)$/s.exec(target) ?? [];
    if (options === "x" || isRemote(remote, grammar)) throw error;
    return undefined;
  }
}

function isRemote(text: string, grammar: RemoteUrlSettings): boolean {
  return findRemoteUrl(text, { ...grammar, baseUrl: undefined }) !== undefined;
}

function withSignature(
  target: string,
  { signature, grammar }: { signature: string; grammar: RemoteUrlSettings },
): string {
  const path = target.slice(1);
  const [, options = "", remote] = isRemote(path, grammar)
    ? [path, "", path]
    : /^(?:([^/]*)\/)?(.*)$/s.exec(path)!;
  const tokens = unsigned(options === "x" ? "" : options);
  return `/${[...tokens, `s${signature}`].join(",")}/${remote}`;
}

function unsigned(options: string): string[] {
  const separator = /,|%2c/i;
  return options.split(separator).filter((token) =>
    token !== "" && !/^s[\w-]{43}(?:=|%3d)?$/i.test(token)
  );
}
