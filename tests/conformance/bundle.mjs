// The edge function as a host's bundler makes it: one minified module of src/web/edge/netlify.js and all that it needs, the protocol too.
// Not in it: the author's catalog, and the client of the store, which is the host's.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";

const ENTRY = fileURLToPath(new URL("../../src/web/edge/netlify.js", import.meta.url));
/** Most bytes of gzip of all of it. */
export const SIZE_MAX = 11_600;

/** Its bytes; their number as gzip at level 9; and by module, longest first, how many bytes of it are a module's. */
export async function bundle() {
  const { outputFiles: [{ contents }], metafile } = await build({ entryPoints: [ENTRY], bundle: true, minify: true, format: "esm", target: "es2023", write: false, metafile: true });
  const modules = Object.entries(Object.values(metafile.outputs)[0].inputs).map(([path, { bytesInOutput }]) => [path.replace(/.*src\/web\//, ""), bytesInOutput]);
  return { contents, size: gzipSync(contents, { level: 9 }).length, modules: modules.sort(([, a], [, b]) => b - a) };
}

/** Writes it into a folder of its own, to be imported. @returns {Promise<{ folder: string, url: string }>} */
export async function written() {
  const folder = mkdtempSync(join(tmpdir(), "bookplate-bundle-"));
  const file = join(folder, "netlify.mjs");
  writeFileSync(file, (await bundle()).contents);
  return { folder, url: pathToFileURL(file).href };
}
