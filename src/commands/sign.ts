// Signed URLs for those who have the key.
import { sign as signatureOf } from "../request/access.ts";
import type { CommandSpec } from "./terminal/command_line.ts";
import { readDialectKeys } from "../dialects/key_files.ts";
import { type Mount, parseMounts } from "../dialects/mounts.ts";
import { findMount } from "../dialects/read.ts";
import { percentEncoded } from "../http/percent_encoding.ts";
import { parseOptions } from "../options/parse.ts";
import { type ImageRequest, parseRequest } from "../request/image_request.ts";
import { findRemoteUrl, type RemoteUrlSettings } from "../request/remote_url.ts";
import { hideUrl } from "../request/hidden_url.ts";
import { readKeys } from "../settings/keys.ts";
import { DETERMINISTIC, type HidingKey, hidingKey, remoteGrammar } from "./hiding.ts";
import { splitProxyUrl } from "./proxy_url.ts";
import { currentConfig, messageOf, printProblems } from "./terminal/output.ts";
import { elementOf, type PictureElement, pictureElement, tokensAt } from "./srcset.ts";

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
    "A URL of another server, below the path of its -dialect, is signed as that server does, with the",
    "first -dialectKey of it, or -key.",
    "With -encrypt the URL that is printed hides the remote one, and the signature covers that.",
    "Blanks, quotes and what is not ASCII are percent-encoded first, as they will be in the request.",
    "With -srcset it prints HTML: an img with a signed URL for each width, and with -formats a picture",
    "with a source for each format; the options say what else becomes of it.",
    "The key is -key, else the first signatureKey of the settings, else @/etc/imageproxy.key.",
  ],
  settings: [
    ...[
      "signatureKey",
      "sourceKey",
      "baseURL",
      "source",
      "dialect",
      "dialectKey",
      "pathPrefix",
      "config",
    ] as const,
  ],
  flags: {
    key: { placeholder: "<key>", summary: "The key, or @file that holds it" },
    options: { summary: "Sign the options too, as is done unless told otherwise" },
    url: { summary: "Sign the remote URL alone, so that the options may be changed" },
    signature: { summary: "Print the signatures alone" },
    srcset: {
      placeholder: "<widths>",
      summary: "Print an img of these widths in pixels, 320,640,1280, instead of a URL",
    },
    formats: { placeholder: "<formats>", summary: "With -srcset: a picture, avif,webp" },
    sizes: {
      placeholder: "<sizes>",
      summary:
        'With -srcset: how wide the picture will be, "(min-width: 40rem) 40rem, 100vw"; else the ' +
        "window's width up to the widest",
    },
    encrypt: { summary: "Hide the remote URL too, with the first sourceKey of the settings" },
    deterministic: DETERMINISTIC,
  },
  async run({ operands, flags, settings }) {
    const { config, problems } = await currentConfig(settings);
    if (operands.length === 0) problems.push("sign needs a URL");
    const urlOnly = flags.url === "true" || flags.options === "false";
    if (flags.url === "true" && flags.options === "true") {
      problems.push("-url and -options cannot both be: sign the URL alone, or the options too");
    }
    let element: PictureElement | undefined;
    try {
      element = elementOf(flags);
    } catch (error) {
      problems.push(messageOf(error));
    }
    if (problems.length > 0) {
      printProblems(problems);
      return 1;
    }
    const signed: string[] = [];
    try {
      const mounts = parseMounts(config.dialect, await readDialectKeys(config, Deno.readTextFile));
      const hiding = flags.encrypt === "true" ? await hidingKey(config, flags) : undefined;
      const grammar = await remoteGrammar(config);
      for (const url of operands) {
        try {
          const { pathPrefix } = config;
          const foreign = signForeign(url, { mounts, key: flags.key, pathPrefix });
          if (foreign !== undefined) {
            if (element) {
              throw new Error("-srcset takes no foreign URL: imageproxy translate first");
            }
            signed.push(foreign);
            continue;
          }
          const key = await keyOf(flags.key ?? config.signatureKey[0]);
          const signedUrl = (given: SignTarget) => {
            const parsed = hiding ? hide(given, hiding) : given;
            const signature = `${signatureOf(parsed.request, key, { urlOnly })}=`;
            return flags.signature === "true" ? signature : write(parsed, signature);
          };
          const given = parseTarget(url, { grammar, pathPrefix });
          if (given.doubt !== undefined) printProblems([`Warning: ${given.doubt}`]);
          signed.push(
            element
              ? pictureElement(element, (width, format) => {
                const tokens = tokensAt(given.tokens, { width, format });
                // In a srcset the commas at a URL's end would be none of it.
                const remote = given.remote.replace(/,+$/, (commas) => "%2C".repeat(commas.length));
                const path = `${given.base}/${tokens.join(",")}/${remote}`;
                return signedUrl(parseTarget(path, { grammar, pathPrefix }));
              })
              : signedUrl(given),
          );
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

/** A URL that belongs to a dialect, with a signature of its own kind; undefined for all others. */
function signForeign(
  url: string,
  { mounts, key, pathPrefix }: {
    mounts: readonly Mount[];
    key: string | undefined;
    pathPrefix: string;
  },
): string | undefined {
  const { base, target } = splitProxyUrl(url, pathPrefix);
  const found = findMount(target, mounts);
  if (!found) return undefined;
  const { mount, below } = found;
  const used = key ?? mount.keys[0];
  if (!mount.dialect.sign) throw new Error(`URLs of ${mount.name} bear no signature`);
  if (used === undefined) throw new Error(`No key of ${mount.name}: give -dialectKey or -key`);
  mount.dialect.checkKey?.(used);
  return base + mount.path + mount.dialect.sign(below, used);
}

async function keyOf(given: string | undefined): Promise<Uint8Array> {
  const usual = given === undefined;
  try {
    const setting = { setting: "key", readFile: Deno.readFile };
    const [key] = await readKeys([given ?? `@${USUAL_KEY_FILE}`], setting);
    if (key!.length > 0) return key!;
  } catch (error) {
    if (!usual) throw error;
  }
  throw new Error("No key: give -key, IMAGEPROXY_SIGNATUREKEY or signatureKey in the config file");
}

interface SignTarget {
  request: ImageRequest;
  /** Of the proxy, with its path prefix; empty where the URL named neither. */
  base: string;
  /** The options, without a signature. */
  tokens: readonly string[];
  /** The remote URL as it is written. */
  remote: string;
  /** Why it may not be what was meant. */
  doubt?: string | undefined;
}

function write({ base, tokens, remote }: SignTarget, signature: string): string {
  return `${base}/${[...tokens, `s${signature}`].join(",")}/${remote}`;
}

/**
 * What browsers and other clients encode of a URL before they ask for it, some this and some that: only a
 * URL without any of it is asked for as it was signed. A backslash becomes a slash elsewhere.
 */
const UNSTABLE = /[^\x21-\x7e]|["'<>\\^`{|}]/gu;

/** A URL of the proxy if it can be read as one, else a remote URL whose fragment holds the options. */
function parseTarget(
  written: string,
  { grammar, pathPrefix }: { grammar: RemoteUrlSettings; pathPrefix: string },
): SignTarget {
  const url = percentEncoded(written, UNSTABLE);
  const { base, namesHost, target } = splitProxyUrl(url, pathPrefix);
  const proxied = target && !target.includes("#") &&
    parseProxied(target, namesHost ? { ...grammar, baseUrl: undefined } : grammar);
  if (proxied) {
    const path = target.slice(1);
    const [, options = "", remote = path] = isRemote(path, grammar)
      ? []
      : /^(?:([^/]*)\/)?(.*)$/s.exec(path)!;
    const tokens = unsigned(options === "x" ? "" : options);
    return { request: proxied, base, tokens, remote };
  }
  const [remote = "", fragment = ""] = url.split(/#(.*)/s);
  if (!isRemote(remote, grammar)) throw new Error("It must be a URL of the proxy or a remote URL");
  const options = parseOptions(fragment);
  const request = {
    ...parseRequest(`/${remote}`, grammar),
    options,
    asked: options,
    optionsAsSent: fragment,
  };
  const doubt = doubtOf(target);
  return { request, base: pathPrefix, tokens: unsigned(fragment), remote, doubt };
}

/** What is wrong where the path of a remote URL reads as a request for a source's picture; undefined for others. */
function doubtOf(target: string): string | undefined {
  const [, options = "", source] = /^\/([^/]+)\/([a-z][\w-]*):(?!\/\/)/i.exec(target) ?? [];
  if (source === undefined) return undefined;
  try {
    if (options !== "x") parseOptions(options);
  } catch {
    return undefined;
  }
  return `The whole is signed as a remote URL: no source ${source} is known here, which -source names`;
}

/** The same target with its remote URL hidden. */
function hide(target: SignTarget, key: HidingKey): SignTarget {
  const hidden = hideUrl(target.request.remoteUrl, key);
  return { ...target, remote: hidden, request: { ...target.request, remoteUrlAsSent: hidden } };
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

function unsigned(options: string): string[] {
  const separator = /,|%2c/i;
  return options.split(separator).filter((token) =>
    token !== "" && !/^s[\w-]{43}(?:=|%3d)?$/i.test(token)
  );
}
