// The edge functions as bundlers make them: one module for the counter and one for the desk, with all that each needs, put together by
// esbuild without what nobody calls, and minified by terser. Not in them: the author's catalog, and the client of the store, which is the host's.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";
import { minify } from "terser";

const EDGE = fileURLToPath(new URL("../../src/web/edge/", import.meta.url));

/** The functions that `deploy netlify` writes, and the routes of each. */
export const FUNCTIONS = { counter: "COUNTER", desk: "DESK" };
/** Most bytes of gzip of a function, the protocol inside. */
export const SIZE_MAX = 10 * 1024;

/** The code of a function, and the bytes of it as gzip at level 9. @param {"counter" | "desk"} name */
export async function bundle(name) {
  const stdin = { contents: `export { netlify } from "./netlify.js"; export { ${FUNCTIONS[name]} } from "./${name}.js";`, resolveDir: EDGE };
  const { outputFiles: [{ text }], metafile } = await build({ stdin, bundle: true, format: "esm", target: "es2023", write: false, metafile: true });
  const { code = "" } = await minify(text, { module: true, ecma: 2020, compress: { passes: 3 } });
  const modules = Object.entries(Object.values(metafile.outputs)[0].inputs).filter(([, { bytesInOutput }]) => bytesInOutput).map(([path]) => path.replace(/.*src\/web\//, ""));
  return { code, size: gzipSync(code, { level: 9 }).length, modules };
}

/** Writes both into a folder of their own, to be imported. @returns {Promise<{ folder: string, urls: Record<string, string> }>} */
export async function written() {
  const folder = mkdtempSync(join(tmpdir(), "bookplate-bundle-"));
  const urls = {};
  for (const name of Object.keys(FUNCTIONS)) {
    const file = join(folder, `${name}.mjs`);
    writeFileSync(file, (await bundle(name)).code);
    urls[name] = pathToFileURL(file).href;
  }
  return { folder, urls };
}
