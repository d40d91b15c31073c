// The edge function as bundlers make it: one module of src/web/edge/netlify.js and all that it needs, put together by esbuild without what
// nobody calls, and minified by terser. Not in it: the author's catalog, and the client of the store, which is the host's.
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

import { build } from "esbuild";
import { minify } from "terser";

const ENTRY = fileURLToPath(new URL("../../src/web/edge/netlify.js", import.meta.url));

/**
 * Most bytes of gzip of the function without the protocol, which the reader has, too; and of all of it. The aim was 10,240 for all of it;
 * what authors and buyers need has outgrown that, and these two are held instead, so that it grows no further unseen.
 */
export const SIZE_MAX = { own: 10_500, all: 10_900 };

/** @param {string[]} [external] modules that stay outside */
async function made(external = []) {
  const { outputFiles: [{ text }] } = await build({ entryPoints: [ENTRY], bundle: true, format: "esm", target: "es2023", write: false, external });
  const { code = "" } = await minify(text, { module: true, ecma: 2020, compress: { passes: 3 } });
  return { code, size: gzipSync(code, { level: 9 }).length };
}

/** Its code, and the bytes of it as gzip at level 9: all of them, and without the protocol's. */
export async function bundle() {
  const [{ code, size: all }, { size: own }] = await Promise.all([made(), made(["*/protocol.js"])]);
  return { code, all, own };
}

/** Writes it into a folder of its own, to be imported. @returns {Promise<{ folder: string, url: string }>} */
export async function written() {
  const folder = mkdtempSync(join(tmpdir(), "bookplate-bundle-"));
  const file = join(folder, "netlify.mjs");
  writeFileSync(file, (await bundle()).code);
  return { folder, url: pathToFileURL(file).href };
}
