// Pictures in object stores: S3 and its kin, Google's, Azure's. A picture is one signed GET, which goes
// through the same fetcher, and the same limits, as any other; only the store's own words are read here.

import { azureContainer } from "../cloud/azure.ts";
import { type Bucket, encodePath } from "../cloud/bucket.ts";
import type { CloudContext } from "../cloud/context.ts";
import { gcsBucket } from "../cloud/gcs.ts";
import { type Location, parseLocation } from "../cloud/location.ts";
import { s3Bucket } from "../cloud/s3.ts";
import { AWS_VARIABLES, AZURE_VARIABLES, GOOGLE_VARIABLES } from "../cloud/variables.ts";
import { xmlText } from "../cloud/xml.ts";
import { ProxyError } from "../errors.ts";
import { untilAborted } from "../http/origin/deadline.ts";
import { isOriginal } from "../http/origin/origin_answer.ts";
import { createOriginFetcher, type OriginFetcher } from "../http/origin/original.ts";
import { readWhole } from "../http/origin/arriving_body.ts";
import type { Source, SourceAnswer, SourceContext, SourceKind } from "./source.ts";

export const S3: SourceKind = {
  summary: "Amazon S3 and servers like it: s3://region/bucket/prefix",
  examples: [
    "photos=s3://us-east-1/my-bucket/pictures",
    "photos=s3://local/pictures?endpoint=127.0.0.1:9000&disableSSL=1&s3ForcePathStyle=1",
  ],
  variables: AWS_VARIABLES,
  open: (location, context) => openBucket(location, { locate: s3Bucket, context }),
};

export const GCS: SourceKind = {
  summary: "Google Cloud Storage: gcs://bucket/prefix",
  examples: ["photos=gcs://my-bucket", "photos=gcs://my-bucket/pictures?cache=24h"],
  variables: GOOGLE_VARIABLES,
  open: (location, context) => openBucket(location, { locate: gcsBucket, context }),
};

export const AZURE: SourceKind = {
  summary: "Azure Blob Storage: azure://container/prefix",
  examples: [
    "photos=azure://pictures",
    "photos=azure://pictures/2026?endpoint=http://127.0.0.1:10000/account",
  ],
  variables: AZURE_VARIABLES,
  open: (location, context) => openBucket(location, { locate: azureContainer, context }),
};

function openBucket(
  text: string,
  { locate, context }: {
    locate(location: Location, context: CloudContext): Bucket;
    context: SourceContext;
  },
): Source {
  const { query, fail, rules, rule, report } = context;
  const bucket = locate({ ...parseLocation(text, fail), query }, context);
  // The operator has named the store: it may be on any port of any network.
  const fetcher = createOriginFetcher({
    ...rules,
    allowHosts: undefined,
    denyHosts: [],
    allowPrivateNetworks: true,
    ports: ["1-65535"],
    // Its headers are to be signed with the rest.
    ruleFor: () => ({ ...rule, headers: undefined }),
  });
  return createBucketSource(bucket, { fetcher, headers: rule?.headers, report });
}

/** Serves the objects of a bucket, with a fetcher that is the source's own. */
export function createBucketSource(
  { url: bucketUrl, prefix, sign }: Bucket,
  { fetcher, headers: own, report }: Pick<SourceContext, "report"> & {
    fetcher: OriginFetcher;
    /** Sent with every request. */
    headers: Readonly<Record<string, string>> | undefined;
  },
): Source {
  return {
    async open({ name }, { headers, signal, onStart, cameThrough }) {
      const url = `${bucketUrl}/${encodePath(prefix + name)}`;
      // Nothing else of a client's is the store's business: its Authorization would take the place of ours.
      const unsigned = { ...own, ...conditionOf(headers) };
      const signing = sign({ method: "GET", url, headers: unsigned }).catch((cause) => {
        throw unreadable(cause);
      });
      const signed = await (signal ? untilAborted(signing, signal) : signing);
      const answer = await fetcher.streamOriginal(url, {
        headers: signed,
        signed: true,
        signal,
        onStart,
        cameThrough,
        anyStatus: true,
        keepsErrors: true,
      });
      if (isOriginal(answer.status) || answer.status === 304) return answer;
      return await readRefusal(answer, { url, report });
    },
    close: fetcher.close,
  };
}

/** What the stores call an object that is not there, and a bucket that is not there. */
const NO_OBJECT = ["NoSuchKey", "BlobNotFound", ""];
/** What S3 says of a missing object to those who may read but not list, and of any to those who may not read. */
const HIDDEN = "AccessDenied";
const HIDDEN_ADVICE = "AccessDenied is taken for a missing picture; the right to list the bucket " +
  "(s3:ListBucket) tells the two apart";

/** A missing object is 404; what else a store says is the operator's to mend, and no word of it a client's. */
async function readRefusal(
  answer: SourceAnswer,
  { url, report }: { url: string } & Pick<SourceContext, "report">,
): Promise<SourceAnswer> {
  const { status } = answer;
  const text = new TextDecoder().decode(await readWhole(answer.body));
  const code = xmlText(text, "Code") ?? "";
  const isHidden = status === 403 && code === HIDDEN;
  if (isHidden) report(HIDDEN_ADVICE);
  if (isHidden || (status === 404 && NO_OBJECT.includes(code))) {
    return { status: 404, headers: {}, setCookies: [], body: new Blob([]).stream() };
  }
  const said = code || xmlText(text, "Message") || "";
  throw unreadable(new Error(`GET ${url} was answered ${status} ${said}`.trimEnd()));
}

function unreadable(cause: unknown): ProxyError {
  return new ProxyError("bad_origin", "The source of the picture cannot be read", { cause });
}

/** One condition: some servers take the time of a change for all, though the tag alone should count. */
function conditionOf(headers: HeadersInit | undefined): Record<string, string> {
  const given = new Headers(headers);
  const name = ["if-none-match", "if-modified-since"].find((name) => given.has(name));
  return name === undefined ? {} : { [name]: given.get(name)! };
}
