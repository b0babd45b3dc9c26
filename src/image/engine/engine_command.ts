// The word that makes the program the engine's process; a command that no help shows.
export const ENGINE_COMMAND = "engine";
