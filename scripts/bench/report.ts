// The tables of docs/performance.md, from what was measured.
import type { Contender } from "./contenders.ts";
import type {
  HitRates,
  MemoryUse,
  Row,
  StartTimes,
  Throughput,
  TransformTimes,
} from "./measure.ts";
import { HOW_RESTED, type RestUse } from "./rest.ts";

export interface Results {
  transforms?: { one: TransformTimes[]; two: TransformTimes[] };
  throughput?: { one: Throughput; two: Throughput };
  hits?: HitRates[];
  starts?: StartTimes;
  memory?: MemoryUse;
  rest?: RestUse[];
}

type Names = readonly Contender["name"][];

/** The tables in Markdown; what was not measured is left out. */
export function formatResults(
  { transforms, throughput, hits, starts, memory, rest }: Results,
  names: Names,
): string {
  const parts: string[] = [];
  if (transforms) {
    parts.push(
      heading(
        "Milliseconds per transform",
        "One request at a time, by turns, fetching the original from a local origin included: the fastest of many, and the one in the middle (others use this machine too); ratios are of the fastest. The last columns are the results' kilobytes, and how much they look like the original at their size (SSIM of the brightness where there is something to see; 1 is the same), in the order of the contenders.",
      ),
    );
    for (
      const [cores, times] of [["One core", transforms.one], ["Two cores", transforms.two]] as const
    ) {
      parts.push(transformTable(cores, { times, names }));
    }
  }
  if (throughput) {
    parts.push(
      heading(
        "Pictures per second",
        "8 requests in flight, each for another width: the photo to 200 to 790 pixels, and a mix as the web has it (of twenty requests twelve for a JPEG, four for a PNG, three for a WebP, one for a GIF or an AVIF).",
      ),
    );
    const rows = ([["One core", throughput.one], ["Two cores", throughput.two]] as const)
      .flatMap(([label, { photos, mixed }]) =>
        [[`${label}, photos`, photos], [
          `${label}, mixed`,
          mixed,
        ]] as const
      );
    parts.push(table(
      ["", ...names, ...others(names).map((name) => `ours / ${name}`)],
      rows.map(([label, row]) => [
        label,
        ...numbers(row, names, 1),
        ...others(names).map((name) => ratio(row, name)),
      ]),
    ));
  }
  if (hits) {
    parts.push(
      heading(
        "Cached hits",
        "Requests per second on one core, beside a Deno.serve that answers every request with the same bytes, and the milliseconds within which 99 of 100 are answered.",
      ),
    );
    parts.push(table(
      ["KB", "connections", "imageproxy", "bare Deno.serve", "ours / bare", "99 %", "99 % of bare"],
      hits.map(({ kilobytes, connections, perSecond, bare, slow, bareSlow }) => [
        kilobytes.toFixed(0),
        connections.toFixed(0),
        perSecond.toFixed(0),
        bare.toFixed(0),
        (perSecond / bare).toFixed(2),
        slow.toFixed(1),
        bareSlow.toFixed(1),
      ]),
    ));
  }
  if (starts) {
    parts.push(
      heading(
        "Start",
        "Milliseconds on two cores, the median of five starts; the first transform is asked for one second after the first answer.",
      ),
    );
    parts.push(table(["", ...names], [
      ["To the first answer", ...numbers(starts.start, names, 0)],
      ["First transform (JPEG → 720)", ...numbers(starts.first, names, 0)],
      ["The same in the long run", ...numbers(starts.steady, names, 0)],
      [
        "First / long run",
        ...names.map((name) => quotient(starts.first[name], starts.steady[name])),
      ],
    ]));
  }
  if (memory) {
    parts.push(
      heading(
        "Memory",
        "Megabytes of all processes together (proportional set size) on two cores, 8 mixed transforms in flight.",
      ),
    );
    const row = (label: string, values: Row) => [
      label,
      ...names.map((name) => values[name] === undefined ? "–" : (values[name] / 1e6).toFixed(0)),
    ];
    parts.push(table(["", ...names], [
      row("At rest", memory.rest),
      row("At most, under load", memory.load),
      row("After 200 transforms", memory.after200),
      row("After 2,000 transforms", memory.after2000),
      [
        "2,000 / 200",
        ...names.map((name) => quotient(memory.after2000[name], memory.after200[name])),
      ],
    ]));
  }
  if (rest) parts.push(heading("At rest", HOW_RESTED), restTable(rest));
  return parts.join("\n\n") + "\n";
}

function restTable(rest: readonly RestUse[]): string {
  const workers = Object.keys(rest[0]?.byWorkers ?? {}).map(Number);
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
  const row = (label: string, read: (use: RestUse) => string) => [label, ...rest.map(read)];
  return table(["", ...rest.map(({ edition }) => edition)], [
    ...workers.map((count) =>
      row(
        count === 1 ? "1 worker" : `${count} workers`,
        ({ byWorkers }) => megabytes(byWorkers[count]!),
      )
    ),
    row("Before a load", ({ before }) => megabytes(before)),
    row("At most, under load", ({ load }) => megabytes(load)),
    row("After it", ({ after }) => megabytes(after)),
    row("After / before", ({ before, after }) => quotient(after, before)),
  ]);
}

function transformTable(
  label: string,
  { times, names }: { times: readonly TransformTimes[]; names: Names },
): string {
  return table(
    [label, ...names, ...others(names).map((name) => `ours / ${name}`), "target", "KB", "SSIM"],
    times.map(({ wish, ms, medians, kilobytes, likeness }) => [
      wish.name,
      ...names.map((name) => `${numbers(ms, [name], 1)} (${numbers(medians, [name], 1)})`),
      ...others(names).map((name) => ratio(ms, name)),
      wish.target ? `${wish.target.atMost} of ${wish.target.of}` : "",
      numbers(kilobytes, names, 0).join(" / "),
      numbers(likeness, names, 3).join(" / "),
    ]),
  );
}

function heading(title: string, text: string): string {
  return `## ${title}\n\n${text}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map((_, column) => column === 0 ? "---" : "--:"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function others(names: Names): Names {
  return names.filter((name) => name !== "imageproxy");
}

function numbers(row: Row, names: Names, digits: number): string[] {
  return names.map((name) => row[name]?.toFixed(digits) ?? "–");
}

function ratio(row: Row, other: Contender["name"]): string {
  return quotient(row.imageproxy, row[other]);
}

function quotient(above: number | undefined, below: number | undefined): string {
  return above === undefined || below === undefined ? "–" : (above / below).toFixed(2);
}

/** Tables with some measured anew, each of which says so; those that were not there come last. */
export function withSections(written: string, anew: string, how: string): string {
  const sections = sectionsOf(written);
  for (const [title, text] of sectionsOf(anew)) {
    if (title !== "") sections.set(title, `${text.trimEnd()}\n\nMeasured by itself. ${how}`);
  }
  return [...sections.values()].map((text) => text.trim()).join("\n\n") + "\n";
}

/** A document's parts by their titles; what stands before the first has none. */
function sectionsOf(text: string): Map<string, string> {
  const parts = text.split(/^(?=## )/m);
  return new Map(parts.map((part) => [/^## (.*)/.exec(part)?.[1] ?? "", part]));
}
