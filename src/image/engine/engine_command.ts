// The word that makes the program the engine's process; a command that no help shows.
export const ENGINE_COMMAND = "engine";

/**
 * How V8 runs the engine. What a worker's code leaves behind fills twice so many megabytes before it is
 * collected, and a worker keeps that: at V8's own choice one takes some 10 MB more, and is no faster.
 */
export const V8_FLAGS = "--max-semi-space-size=1";
