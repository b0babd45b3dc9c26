// Whether a job may have what it will need: the estimates of all that it makes, its overlays among it, together.
import { ProxyError } from "../errors.ts";
import { countPaints } from "./finish.ts";
import { encodingOf, formatOf } from "./formats/table.ts";
import type { PlannedOverlay } from "./overlays.ts";
import { memoryOf, NeedsGrant } from "./plan/cost.ts";
import type { TransformJob } from "./plan/job.ts";
import type { Planned } from "./plan/plan_decode.ts";
import { workTime } from "./plan/work_time.ts";

/** Throws NeedsGrant where the job was not granted what it needs, and "too_large" where it cannot end in time. */
export function checkGrant(
  job: TransformJob,
  planned: Planned,
  overlays: readonly PlannedOverlay[],
): void {
  const { grant, limits: { transformTimeout = Infinity } } = job;
  const all = [{ job, planned }, ...overlays];
  const times = all.map(({ job, planned }) =>
    workTime(planned, { ...job, paints: countPaints(job.options) })
  );
  const least = sum(times.map((time) => time.least));
  if (least > transformTimeout) {
    const [takes, limit] = [least, transformTimeout].map((time) => Math.round(time / 1000));
    throw new ProxyError(
      "too_large",
      `The image would take some ${takes} s to make, where ${limit} s is the limit. ` +
        "Ask for a smaller size or another format",
    );
  }
  // What lies over a picture is there until it lies on the last frame.
  const cost = {
    bytes: sum(
      all.map(({ job, planned }) =>
        memoryOf(planned.plan, { ...planned, fileBytes: job.bytes.length }) +
        comparedBytes(job, planned) + textBytes(job, planned)
      ),
    ),
    milliseconds: Math.min(
      sum(times.map((time) => time.most)) + sum(all.map(timeBesides)),
      transformTimeout,
    ),
  };
  if (grant && (cost.bytes > grant.bytes || cost.milliseconds > grant.milliseconds)) {
    throw new NeedsGrant(cost);
  }
}

/** What decoding may take that no header tells of. */
function timeBesides({ job, planned: { plan } }: Pick<PlannedOverlay, "job" | "planned">): number {
  const { mayTake } = formatOf(plan.header.format).decoding ?? {};
  return mayTake?.(job.bytes, plan.drawnSize ?? plan.header) ?? 0;
}

/** What it takes to compare a result with what was written of it: both as brightness, and the latter as samples. */
function comparedBytes({ options }: TransformJob, { result, format }: Planned): number {
  const isCompared = typeof options.quality === "object" && encodingOf(format).quality;
  return isCompared ? result.width * result.height * COMPARED_BYTES : 0;
}

const COMPARED_BYTES = 12;

/** What text takes that covers the whole picture: what draws has it, as it was multiplied by alpha, and as samples. */
function textBytes({ options }: TransformJob, { result }: Planned): number {
  return options.text ? result.width * result.height * TEXT_BYTES : 0;
}

const TEXT_BYTES = 16;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
