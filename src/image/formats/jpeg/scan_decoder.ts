// Our own decoder for the JPEGs that decode_jpeg.ts is not for: those that come in scans, and those that are damaged,
// of which it shows what browsers show. The engine gives many of these up, and others it shows with other overflows.
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { ownEighths } from "./jpeg_size.ts";
import { makeUp } from "./estimates.ts";
import { createFinisher, type FinishKernel } from "./finish_rows.ts";
import { SCAN_KERNEL } from "./kernels/scan_kernel.ts";
import {
  BLOCK,
  COMPONENT,
  type Layout,
  layOutFile,
  type Plane,
  writeCodeTable,
} from "./scan_layout.ts";
import { createScanFile, type Frame, type Scan, type ScanFile } from "./scan_file.ts";

export interface ScanDecoder {
  /**
   * The picture at no less than so many eighths of its size, RGB or grey, valid until the next call, from so many
   * scans at most. Undefined for what is coded in another way, and for what no program shows.
   */
  decode(
    bytes: Uint8Array,
    wanted: { eighths: number; maxScans: number },
  ): DecodedScans | undefined;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
}

export interface DecodedScans {
  pixels: PixelBuffer;
  /** Whether something is missing or may be wrong. */
  isDamaged: boolean;
}

/** What scan_kernel.as.ts exports. */
// deno-fmt-ignore
interface Kernel extends FinishKernel {
  memory: WebAssembly.Memory;
  startScan(first: number, last: number, kind: number, from: number, to: number, low: number, restartInterval: number): void;
  isDamaged(): number;
  scanEnd(): number;
  readRow(count: number, components: number, behind: number): number;
  samplesOfRow(blocks: number, count: number, quantities: number, target: number, stride: number, side: number, work: number): void;
}

/** A decoder with a kernel and memory of its own, which grows with the pictures. */
export function createScanDecoder(): ScanDecoder {
  const module = Uint8Array.from(atob(SCAN_KERNEL), (char) => char.charCodeAt(0));
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(module))
    .exports as unknown as Kernel;

  return {
    decode(bytes, { eighths, maxScans }) {
      const file = createScanFile(bytes);
      const first = file.next(2);
      const frame = file.frame();
      if (!first || !frame || !hasQuantities(first, { frame, file })) return undefined;
      const side = ownEighths(eighths);
      const layout = layOutFile(kernel.memory, { bytes, frame, first, side });
      const { isDamaged, lastRow } = readScans(kernel, layout, { file, first, maxScans });
      if (!layout.isSingle) {
        if (frame.isProgressive) makeUp(layout, lastRow);
        for (const plane of layout.planes) makeSamples(kernel, layout, plane);
      }
      return { pixels: createFinisher(kernel, layout)(file.samples()), isDamaged };
    },
    memoryUsed: () => kernel.memory.buffer.byteLength,
  };
}

/** Reads scan after scan, as far as they go. */
function readScans(
  kernel: Kernel,
  layout: Layout,
  { file, first, maxScans }: { file: ScanFile; first: Scan; maxScans: number },
): {
  /** Whether something was wrong. */ isDamaged:
    boolean; /** Of MCUs, that the last scan reached. */
  lastRow: number;
} {
  const { frame, planes, data } = layout;
  let isDamaged = false;
  let lastRow = 0;
  let scan: Scan | undefined = first;
  for (let scans = 1; scan; scans++) {
    for (const { index } of scan.components) latchQuantities(layout, planes[index]!, file);
    const dataAt = data + scan.dataAt - first.dataAt;
    lastRow = readScan(kernel, layout, { scan, dataAt, isFirst: scans === 1 });
    isDamaged ||= kernel.isDamaged() !== 0;
    // Of a file of one scan nobody reads more.
    if (layout.isSingle) return { isDamaged, lastRow };
    scan = file.next(kernel.scanEnd() - data + first.dataAt);
    isDamaged ||= file.isBroken();
    if (scan && (scans >= maxScans || !hasQuantities(scan, { frame, file }))) {
      return { isDamaged: true, lastRow };
    }
  }
  return { isDamaged: isDamaged || planes.some(({ known }) => known[0]! < 0), lastRow };
}

function hasQuantities(scan: Scan, { frame, file }: { frame: Frame; file: ScanFile }): boolean {
  return scan.components.every(({ index }) => file.quantities(frame.components[index]!));
}

/** The first scan of a component finds what its coefficients are multiplied by; later tables are not for it. */
function latchQuantities(
  { heap }: Layout,
  { component, quantities, known }: Plane,
  file: ScanFile,
) {
  if (known.some((low) => low >= 0)) return;
  new Uint16Array(heap.buffer, quantities, 64).set(file.quantities(component)!);
}

/** Returns the last row of MCUs, of all components together, that its data reached. */
function readScan(
  kernel: Kernel,
  layout: Layout,
  { scan, dataAt, isFirst }: { scan: Scan; dataAt: number; isFirst: boolean },
): number {
  const { frame, planes, heap, components, dataEnd, isSingle } = layout;
  // As libjpeg has it: where a second scan follows, all is known of what the first did not reach.
  if (!isFirst) {
    for (const { knownBefore } of planes) if (knownBefore[0] === -1) knownBefore.fill(0);
  }
  const { from, to, low, restartInterval } = scan;
  const isAlone = scan.components.length === 1;
  const own = scan.components.map(({ index, dc, ac }, nth) => {
    const plane = planes[index]!;
    if (!isFirst) plane.knownBefore.set(plane.known);
    plane.known.fill(low, from, to + 1);
    if (dc) writeCodeTable(heap.buffer, dc, plane.dc);
    if (ac) writeCodeTable(heap.buffer, ac, plane.ac);
    // The blocks of a component that comes alone are those that the picture has (T.81 A.2.2).
    const { across, down } = isAlone ? { across: 1, down: 1 } : plane.component;
    const rowBytes = plane.blocksAcross * BLOCK;
    const fields = new Int32Array(heap.buffer, components + nth * COMPONENT, 7);
    fields.set([0, rowBytes, across, down, plane.dc, plane.ac, 0]);
    return { plane, fields, down, rowBytes };
  });
  const [{ plane: alone }] = own as [typeof own[0]];
  const count = isAlone ? alone.ownAcross : alone.blocksAcross / alone.component.across;
  const rows = isAlone ? alone.ownDown : Math.ceil(frame.height / (8 * frame.down));
  kernel.startScan(dataAt, dataEnd, kindOf(scan, frame), from, to, low, restartInterval);
  const rowsPerMcu = isAlone ? alone.component.down : 1;
  let lastRow = 0;
  for (let row = 0; row < rows; row++) {
    for (const { plane, fields, down, rowBytes } of own) {
      const { coefficients, coefficientBytes } = plane;
      if (isSingle) heap.fill(0, coefficients, coefficients + coefficientBytes);
      fields[0] = coefficients + (isSingle ? 0 : row * down * rowBytes);
    }
    const hadBits = kernel.readRow(count, components, components + own.length * COMPONENT);
    if (hadBits) lastRow = Math.floor(row / rowsPerMcu);
    if (!isSingle) continue;
    for (const { plane, down } of own) {
      makeSamples(kernel, layout, plane, { from: row * down, to: (row + 1) * down });
    }
  }
  return lastRow;
}

/** As the kernel numbers them. */
function kindOf({ from, high }: Scan, { isProgressive }: Frame): number {
  if (!isProgressive) return 0;
  return (from === 0 ? 1 : 3) + (high === 0 ? 0 : 1);
}

/** Makes samples of some rows of blocks, whose coefficients are the first ones that are kept, or of all. */
function makeSamples(
  kernel: Kernel,
  { side, work }: Layout,
  { coefficients, blocksAcross, ownAcross, ownDown, quantities, samples, stride }: Plane,
  rows: { from: number; to: number } = { from: 0, to: ownDown },
): void {
  for (let row = rows.from; row < Math.min(rows.to, ownDown); row++) {
    const blocks = coefficients + (row - rows.from) * blocksAcross * BLOCK;
    const target = samples + row * side * stride;
    kernel.samplesOfRow(blocks, ownAcross, quantities, target, stride, side, work);
  }
}
