export const engineModule: WebAssembly.Module;
