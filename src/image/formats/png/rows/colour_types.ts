// The numbers by which a PNG says what its samples are (W3C PNG 3rd edition, section 11.2.1).

/** Grey, colours, an index into a palette, grey with alpha, colours with alpha. */
export type ColourType = 0 | 2 | 3 | 4 | 6;

/** Samples of a pixel as stored. */
export const SAMPLES: Readonly<Record<ColourType, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** The colour type of so many channels. */
export const COLOUR_TYPES = { 1: 0, 2: 4, 3: 2, 4: 6 } as const;
