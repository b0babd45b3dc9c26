// The passes in which the pixels of a PNG lie: one of all rows, or the seven of Adam7 (W3C PNG 3rd edition,
// section 8.1).

/** From where on and every how many pixels of the picture a pass has one, and for which block that stands. */
export interface Pass {
  x: number;
  y: number;
  dx: number;
  dy: number;
  blockWidth: number;
  blockHeight: number;
}

/** A pass of one picture. */
export interface SizedPass extends Pass {
  columns: number;
  rows: number;
  /** Of a row without its filter's number. */
  rowBytes: number;
  /** Where its first row begins behind the rows of all passes before. */
  at: number;
}

const WHOLE: readonly Pass[] = [{ x: 0, y: 0, dx: 1, dy: 1, blockWidth: 1, blockHeight: 1 }];

const ADAM7: readonly Pass[] = [
  { x: 0, y: 0, dx: 8, dy: 8, blockWidth: 8, blockHeight: 8 },
  { x: 4, y: 0, dx: 8, dy: 8, blockWidth: 4, blockHeight: 8 },
  { x: 0, y: 4, dx: 4, dy: 8, blockWidth: 4, blockHeight: 4 },
  { x: 2, y: 0, dx: 4, dy: 4, blockWidth: 2, blockHeight: 4 },
  { x: 0, y: 2, dx: 2, dy: 4, blockWidth: 2, blockHeight: 2 },
  { x: 1, y: 0, dx: 2, dy: 2, blockWidth: 1, blockHeight: 2 },
  { x: 0, y: 1, dx: 1, dy: 2, blockWidth: 1, blockHeight: 1 },
];

export interface Layout {
  width: number;
  height: number;
  /** Bits of a pixel as stored. */
  pixelBits: number;
  isInterlaced: boolean;
}

/** The passes that have pixels, and how many bytes they are together. */
export function passesOf(
  { width, height, pixelBits, isInterlaced }: Layout,
): { passes: SizedPass[]; length: number } {
  let length = 0;
  const passes: SizedPass[] = [];
  for (const pass of isInterlaced ? ADAM7 : WHOLE) {
    const columns = Math.ceil((width - pass.x) / pass.dx);
    const rows = Math.ceil((height - pass.y) / pass.dy);
    if (columns <= 0 || rows <= 0) continue;
    const rowBytes = Math.ceil(columns * pixelBits / 8);
    passes.push({ ...pass, columns, rows, rowBytes, at: length });
    length += rows * (rowBytes + 1);
  }
  return { passes, length };
}
