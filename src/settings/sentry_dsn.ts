// Where error reports go: a DSN as Sentry and what speaks its protocol give out.
import type { Kind } from "./kinds.ts";

export interface SentryDsn {
  /** Where envelopes are sent. */
  endpoint: string;
  /** The public key. */
  key: string;
}

/** `{scheme}://{key}@{host}{path}/{project}` (develop.sentry.dev/sdk/overview, "Parsing the DSN"). */
export const sentryDsn: Kind<SentryDsn> = {
  placeholder: "<dsn>",
  parse(text) {
    const { protocol, username, host, pathname } = URL.parse(text) ?? {};
    const [, path, project] = /^(.*)\/([\w-]+)$/.exec(pathname ?? "") ?? [];
    if (!/^https?:$/.test(protocol ?? "") || !username || project === undefined) {
      throw new Error("must be a DSN such as https://key@host/project");
    }
    return { endpoint: `${protocol}//${host}${path}/api/${project}/envelope/`, key: username };
  },
  show: ({ endpoint }) => endpoint,
};
