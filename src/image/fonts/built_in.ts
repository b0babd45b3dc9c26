// The names of the fonts that come with the program, the usual one first.
export const BUILT_IN_FONTS = ["DejaVuSans", "NotoSansHebrew", "NotoNaskhArabic"] as const;
