// The inside of a worker: it holds no permissions, loads the engine from the module it is given, and
// answers one job after another. Nothing an image does here can reach a file, a socket or a variable.
/// <reference lib="deno.worker" />
import * as engine from "@imagemagick/magick-wasm";
import { ProxyError } from "../../errors.ts";
import { NeedsGrant } from "../plan/cost.ts";
import { prepareDrawing } from "./wasm/drawing_wasm.ts";
import { enginePolicy } from "./engine_policy.ts";
import {
  buffersIn,
  type Errand,
  type ErrandResult,
  type PricedErrand,
  type ResultOf,
} from "../errands.ts";
import type { TransformJob } from "../plan/job.ts";
import type { ThreadReply, ThreadRequest, WarmUp } from "./messages.ts";
import { createTransformer, type Transformer } from "../transform.ts";
import { warmUp } from "./warm_up.ts";
import { prepareWebpWriter } from "./wasm/webp_wasm.ts";

let transformer: Transformer | undefined;
let hasWorked = false;

reply({ kind: "loaded" });

self.onmessage = async ({ data }: MessageEvent<ThreadRequest>) => {
  if (data.kind === "start") return await start(data);
  if (data.kind === "helped") return answers.get(data.key)?.(data.result);
  hasWorked = true;
  try {
    if (data.kind === "errand") await run(data);
    else await transform(data);
  } catch (error) {
    reply(failure(data.id, error));
  }
};

async function transform(
  { id, job, helpers }: Extract<ThreadRequest, { kind: "transform" }>,
): Promise<void> {
  try {
    const image = await transformer!.transform(job, {
      helpers,
      ask: (errands) => ask(errands, job),
    });
    const memory = transformer!.memory(), spent = job.bytes.buffer;
    reply({ kind: "done", id, image, memory, spent }, [image.bytes.buffer, spent]);
  } finally {
    answers.clear();
  }
}

async function run({ id, errand, job }: Extract<ThreadRequest, { kind: "errand" }>): Promise<void> {
  const result = await transformer!.run(errand, job);
  reply({ kind: "errand done", id, result, memory: transformer!.memory() }, buffersIn(result));
}

/** Who waits for the errands of the job in work, by their keys. */
const answers = new Map<number, (result: ErrandResult | undefined) => void>();
let lastKey = 0;

function ask<E extends Errand>(
  errands: readonly PricedErrand<E>[],
  job: TransformJob,
): Promise<ResultOf<E> | undefined>[] {
  const keyed = errands.map((priced) => ({ ...priced, key: ++lastKey }));
  const results = keyed.map(({ key }) => {
    const { promise, resolve } = Promise.withResolvers<ErrandResult | undefined>();
    answers.set(key, resolve);
    return promise;
  });
  const isAboutOriginal = errands.some(({ errand }) => errand.kind === "shape");
  reply({ kind: "help", errands: keyed, job: isAboutOriginal ? job : undefined });
  // The answer to an errand is of the errand's kind.
  return results as Promise<ResultOf<E> | undefined>[];
}

async function start(
  { engine: module, drawing, webp, memoryCeiling, limits, warmUp: extent }: Extract<
    ThreadRequest,
    { kind: "start" }
  >,
): Promise<void> {
  try {
    engine.ConfigurationFiles.default.policy.data = enginePolicy(limits);
    await engine.initializeImageMagick(module);
    transformer = createTransformer(engine, {
      drawing: () => prepareDrawing(drawing, memoryCeiling),
      webpWriter: () => prepareWebpWriter(webp, memoryCeiling),
    });
    await transformer.ready();
    reply({ kind: "started", engineVersion: engine.Magick.imageMagickVersion });
  } catch (error) {
    return reply({ kind: "lost", cause: String(error) });
  }
  // What is wrong with the engine, the first job will tell its caller.
  if (extent !== "none") await exercise(transformer, extent).catch(() => {});
  reply({ kind: "warm" });
}

/** Milliseconds that are left to the server for its own start before workers take up the cores. */
const HEAD_START = 100;

/** Warms up until a job comes: jobs warm as well, and must not wait. */
async function exercise(
  transformer: Transformer,
  extent: Exclude<WarmUp, "none">,
): Promise<void> {
  // Messages are heard only between the turns of the event loop.
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await pause(HEAD_START);
  if (hasWorked) return;
  for (const step of warmUp(engine, { transformer, extent })) {
    await step;
    await pause(0);
    if (hasWorked) return;
  }
}

function reply(message: ThreadReply, transfer: Transferable[] = []): void {
  self.postMessage(message, transfer);
}

/** The public sentence of a failure, and the private reason beside it. */
function failure(id: number, error: unknown): ThreadReply {
  if (error instanceof NeedsGrant) {
    return { kind: "deferred", id, cost: error.cost, memory: transformer!.memory() };
  }
  const cause = error instanceof ProxyError ? error.cause : error;
  const broken = cause !== undefined && !(cause instanceof engine.MagickError);
  const known = error instanceof ProxyError
    ? error
    : new ProxyError("internal", "The image cannot be transformed", { cause: error });
  return {
    kind: "failed",
    id,
    code: known.code,
    message: known.message,
    ...(cause === undefined ? {} : { cause: wordsOf(cause) }),
    broken,
    memory: broken ? 0 : transformer!.memory(),
  };
}

/** Of what was thrown, for the log: exceptions of C++ are objects without words of their own. */
function wordsOf(cause: unknown): string {
  const words = String(cause);
  return words === "[object Object]"
    ? `An exception of the engine: ${JSON.stringify(cause)}`
    : words;
}
