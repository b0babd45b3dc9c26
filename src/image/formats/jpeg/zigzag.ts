// The order of coefficients in JPEG files (T.81 figure A.6).

const diagonal = (place: number) => (place >> 3) + (place & 7);
const along = (place: number) => diagonal(place) % 2 === 0 ? place & 7 : place >> 3;

/** The place of each coefficient of the file in a block of rows of 8. */
export const ZIGZAG: readonly number[] = Array.from({ length: 64 }, (_, place) => place)
  .sort((a, b) => diagonal(a) - diagonal(b) || along(a) - along(b));

/** The offset of each coefficient of the file in a block of 16-bit numbers, column by column. */
export const COLUMN_OFFSETS: readonly number[] = ZIGZAG.map((place) =>
  ((place & 7) << 3 | place >> 3) * 2
);
