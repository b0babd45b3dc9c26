// What the page asks beside pictures: what a pasted URL is, and what would let a refused picture pass.
import { recognise } from "../dialects/recognise.ts";
import { matchesHost, parseHostPatterns } from "../http/host.ts";
import { placeOf } from "../http/place.ts";
import { fieldsOf } from "../page/controls.ts";
import type { Rules } from "../serving/image_server.ts";

/** A pasted URL as the page's form takes it up. */
export interface PageReading {
  server: string;
  url: string | undefined;
  /** Values of the page's fields by their names. */
  fields: Readonly<Record<string, string>>;
  problem: string | undefined;
}

/** A sentence, and what to type where it helps; `{url}` stands for the proxy's URL of the picture. */
export interface Advice {
  text: string;
  command?: string;
}

/** The most hosts that a sentence names. */
const NAMED_HOSTS = 12;

/** Answers the query of the page's own path; undefined where it asks nothing. */
export type PageAnswers = (
  query: URLSearchParams,
  asker: { isLocal: boolean },
) => { readings: PageReading[] } | { advice: Advice[] } | undefined;

export function createPageAnswers(
  { config, signatureKeys }: Pick<Rules, "config" | "signatureKeys">,
): PageAnswers {
  const { pathPrefix, maxURLLength } = config;
  const allowed = parseHostPatterns(config.allowHosts);
  const denied = parseHostPatterns(config.denyHosts);

  function read(text: string): PageReading[] {
    return recognise(text.slice(0, maxURLLength), { pathPrefix })
      .map(({ server, tokens, remote, problem }) => ({
        server,
        url: remote,
        fields: fieldsOf(tokens),
        problem,
      }));
  }

  /** The lists are told to nobody but those who sit at the machine: they may name what is nobody's business. */
  function advise(url: string, isLocal: boolean): Advice[] {
    const place = placeOf(url);
    const { allowHosts, sizes, presetsOnly } = config;
    const isListed = matchesHost(allowed, place);
    const hosts = allowHosts.slice(0, NAMED_HOSTS).join(", ") +
      (allowHosts.length > NAMED_HOSTS ? " and more" : "");
    const names = isLocal ? [...allowHosts, place] : ["…", place];
    const signing: Advice[] = signatureKeys.length > 0
      ? [{
        text: "With a signature it passes whatever it asks for:",
        command: "imageproxy sign -key '@key' '{url}'",
      }]
      : [];
    // What is pasted into a shell ends at a quote, and no host has one.
    if (place === "" || place.includes("'")) return [];
    if (isLocal && matchesHost(denied, place)) {
      return [{ text: `-denyHosts lists ${place}, which always loses.` }];
    }
    if (allowHosts.length > 0 && !isListed) {
      return [
        {
          text: isLocal
            ? `This server shows pictures of ${hosts}.`
            : "This server shows pictures of certain hosts only.",
        },
        {
          text: `To allow ${place}, its operator starts it with`,
          command: `-allowHosts '${names.join(",")}'`,
        },
        ...signing,
      ];
    }
    if (signing.length > 0 && !isListed) {
      return [
        ...signing,
        {
          text: `To need none for ${place}, its operator starts it with`,
          command: `-allowHosts '${place}'`,
        },
      ];
    }
    if (presetsOnly || sizes.length > 0) {
      const sizesText = isLocal && sizes.length > 0 ? ` (${sizes.join(", ")})` : "";
      return [
        { text: `Without a signature this server makes listed ones only${sizesText}.` },
        ...signing,
      ];
    }
    return isListed ? [] : [{
      text:
        `Addresses that are not public need their host to be named. To allow ${place}, start it with`,
      command: `-allowHosts '${place}'`,
    }];
  }

  return (query, { isLocal }) => {
    const text = query.get("read");
    if (text !== null) return { readings: read(text) };
    const url = query.get("why");
    return url === null ? undefined : { advice: advise(url, isLocal) };
  };
}
