// @ts-self-types="./engine_module.d.ts"
import source engineModule from "@imagemagick/magick-wasm/magick.wasm";
export { engineModule };
