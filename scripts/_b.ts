import * as engine from "@imagemagick/magick-wasm";
import { engineModule } from "../src/image/engine_module.js";
import { createTransformer } from "../src/image/transform.ts";
import { parseOptions } from "../src/options/parse.ts";
await engine.initializeImageMagick(engineModule);
const t=createTransformer(engine);
const limits = { maxPixels: 1e8, maxFrames: 100, maxTotalPixels: 2e8, maxOutputPixels: 1e8 };
const w=4000,h=3000; const raw=new Uint8Array(w*h*3); for(let i=0;i<raw.length;i++) raw[i]=((i*7919)>>9)&255;
const s=new engine.MagickReadSettings({format:"RGB" as any,width:w,height:h,depth:8});
const jpg=engine.ImageMagick.read(raw,s,m=>m.write("JPEG" as any,b=>b.slice()));
for (const o of ["q95","blur:0.1","blur:2.9","blur:1000","blur:1000,dpr:8","sharpen:2.9","pixelate:2","normalize","rotate:45","radius:10000","border:1000:ff000080","tint:red","pad,10000x10000,bg:red","normalize,brightness:1,contrast:1,gamma:2,saturation:1,hue:3,gray,sepia,tint:red,invert,sharpen:2.9,blur:2.9,pixelate:2,bg:red,border:9,radius:9,rotate:44"]) {
 const st=performance.now(); const r=await t.transform({bytes:jpg,options:parseOptions(o) as any,scaleUp:false,limits});
 console.log(o.slice(0,60),r.width,r.height,Math.round(performance.now()-st),JSON.stringify(r.timings,(k,v)=>typeof v==="number"?Math.round(v):v),"mem",Math.round(t.memory()/1e6));
}
