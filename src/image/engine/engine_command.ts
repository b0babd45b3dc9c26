// The word that makes the program the engine's process; a command that no help shows.
export const ENGINE_COMMAND = "engine";

/**
 * How V8 runs the engine. What a worker's code leaves behind fills twice so many megabytes before it is
 * collected, and a worker keeps that: at V8's own choice one takes some 10 MB more, and is no faster. Its compiler of
 * the middle (Maglev) makes code that the best one soon replaces, and works in memory that a worker keeps too: 4 MB
 * of each, for no time that could be measured, at the start or later.
 */
export const V8_FLAGS = "--max-semi-space-size=1,--no-maglev";
