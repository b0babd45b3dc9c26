// One set of rules, and what keeps to them: a reload puts the next generation in this one's place.
import type { Removal } from "../cache/removal.ts";
import { parseMounts } from "../dialects/mounts.ts";
import { isImageAtRoot } from "../dialects/read.ts";
import type { ObserverOptions } from "../ops/observe.ts";
import { createPage } from "../page/page.ts";
import { createClientAddress } from "../request/client_address.ts";
import { createImageServer, requestParser, type Rules } from "../serving/image_server.ts";
import type { ImageServer } from "../serving/serve_image.ts";
import type { Config } from "../settings/table.ts";
import { createApp, createOperatorApp, type OperatorPages, refuse, targetOf } from "./app.ts";
import { createDoor, refuseHeaders } from "./door.ts";
import { createHandler } from "./handler.ts";
import { pacedResponse } from "./paced_response.ts";
import type { Handler } from "./listen.ts";
import { createPageAnswers } from "./page_answers.ts";
import { createPurgeHandler } from "./purge.ts";
import type { Resources } from "./resources.ts";
import type { WaitingReaders } from "./waiting_readers.ts";

export interface GenerationOptions {
  cache: Resources["cache"];
  /** Clients that have stopped reading, whatever the rules. */
  waiting: WaitingReaders;
  /** What stays of an observer, whatever the rules. */
  observed: Pick<ObserverOptions, "metrics" | "log" | "telemetry" | "requestId">;
  pages: OperatorPages;
  /** Removes a picture from the caches of all servers of the process. */
  purge(url: string): Promise<Removal>;
  onBreak: ImageServer["onBreak"];
  onFallbackFailure: ImageServer["onFallbackFailure"];
  now(): number;
  /** What this server calls itself towards origins. */
  cdnId: string;
  /** Whether the operator's pages, and removals, are nothing for the public. */
  hidesOperatorPages: boolean;
}

export interface Generation {
  readonly config: Config;
  /** Answers the public. */
  readonly handle: Handler;
  /** Answers at the operator's own address. */
  readonly handleOperator: Handler;
}

/** Throws where the rules cannot be read. */
export function createGeneration(
  rules: Rules,
  options: GenerationOptions,
): Generation {
  const { config } = rules;
  const { cache, observed, pages, purge, onBreak, onFallbackFailure, now } = options;
  const { hidesOperatorPages } = options;
  const purgeHandler = config.purgeToken
    ? createPurgeHandler({ token: config.purgeToken, read: requestParser(rules), purge })
    : undefined;
  const server = createImageServer(rules, { cache, now, onBreak, onFallbackFailure });
  const mounts = parseMounts(config.dialect);
  const app = createApp({
    server,
    isImageAtRoot: (target) => isImageAtRoot(target, mounts),
    timeoutMs: config.timeout,
    pages: hidesOperatorPages ? undefined : pages,
    purge: hidesOperatorPages ? undefined : purgeHandler,
    page: config.page ? { ...createPage(), answers: createPageAnswers(rules) } : undefined,
    cacheableErrors: config.cacheableErrors,
    clientAddress: createClientAddress(config.trustedProxies),
  });
  const pace = {
    timeoutMs: config.sendTimeout,
    waiting: options.waiting,
    maxWaitingBytes: config.maxBytesInFlight,
    onLetGo(error: Error) {
      observed.metrics.clientLetGo();
      onBreak(error);
    },
  };
  const door = createDoor({
    pathPrefix: config.pathPrefix,
    bearerToken: config.bearerToken,
    purges: purgeHandler !== undefined && !hidesOperatorPages,
    maxHeaderBytes: config.maxHeaderBytes,
    heededHeaders: server.heededHeaders,
    cdnId: options.cdnId,
  });
  const operator = createOperatorApp(pages, { purge: purgeHandler });
  const { verbose, serverTiming, xCache } = config;
  const answer = createHandler({ app, server, door }, {
    ...observed,
    ...{ verbose, serverTiming, xCache },
    foreignPaths: mounts.filter(({ dialect }) => dialect.sign).map(({ path }) => path),
  });
  return {
    config,
    handle(request, peer) {
      const response = answer(request, peer);
      return response instanceof Promise
        ? response.then((it) => pacedResponse(it, { request, pace }))
        : pacedResponse(response, { request, pace });
    },
    handleOperator(request, peer) {
      const state = { target: targetOf(request), peer };
      const refusal = refuseHeaders(request.headers, config);
      return refusal ? refuse(request, { state, refusal }) : operator.fetch(request, state);
    },
  };
}
