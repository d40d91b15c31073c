// The shop that the browser tests use: written to disk, so that the binary reads it as an author's folder.
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { deflateSync } from "node:zlib";

/** Sentences that stand in exactly one sealed lesson each. No public byte may hold them. */
export const PAID = {
  moving: "Ownership walks away with the value, and the old name is left with nothing.",
  after: "The second half of this lesson begins behind the gate of payment.",
  zh: "付款之后，这句话才会在读者面前展开成完整的一页。",
};

export const PRODUCTS = { ownership: 40001, luanma: 40002 };
export const STORE = 10001;

/** Every construction that a lesson can hold. */
const BODY = `
# Moving

${PAID.moving} What *moves* can not be **used** again, see [the lesson before](02-copies.md#copies).

## A heading of the sealed part

\`\`\`rust
fn main() {
    let a = String::from("moved"); // the <owner> & its "value"
    let b = a;
    println!("{b}");
}
\`\`\`

| type | moves |
|---|---|
| String | yes |
| u32 | no |

- [x] read
- [ ] understood

> [!NOTE]
> A note with a footnote.[^1]

![One red square, described](red.png)

The exercises: [all of them](exercises.zip).

<details><summary>Raw HTML</summary><p>stays <b>as it is</b></p></details>

[^1]: The footnote's own text.
`;

const filler = Array.from({ length: 40 }, (_, i) => `Public paragraph number ${i + 1}, so that there is something to scroll through.`).join("\n\n");

/**
 * @param {string} dir
 * @param {{ url: string, endpoint: string | null, access?: "free", epoch?: number, more?: Record<string, string | Buffer> }} of `access: "free"`: the same text, nothing for sale
 */
export async function writeSite(dir, { url, endpoint, access, epoch = 1, more = {} }) {
  const kind = (/** @type {string} */ normal) => access ?? normal;
  /** @type {Record<string, string | Buffer>} */
  const files = {
    // one wording for everybody, so that opened text can be held against the text of a free twin
    "bookplate.yaml": `marks: off\nsite:\n  id: browser-shop\n  title: Browser shop\n  url: "${url}"\n  language: en\n`
      + (endpoint ? `keys:\n  endpoint: "${endpoint}"\n` : "") + `payments:\n  lemon_squeezy:\n    store: ${STORE}\n`,
    "content/index.md": "# Two courses\n\nWelcome.\n",
    "content/ownership/index.md": course("Ownership", "ownership", "49 USD", epoch, kind("premium")),
    "content/ownership/01-values.md": lesson("values", "free", "Values", "Every value has one owner."),
    "content/ownership/02-copies.md": lesson("copies", kind("preview"), "Copies", `## Copies\n\n${filler}\n\n${access ? "" : "<!-- paywall -->"}\n\n${PAID.after}\n\nAnd it goes on.`),
    "content/ownership/03-moving.md": lesson("moving", kind("premium"), "Moving", BODY),
    "content/ownership/red.png": png([200, 30, 30]),
    "content/ownership/exercises.zip": Buffer.from("PK\u0005\u0006" + "\0".repeat(18) + "the exercises"),
    "content/luanma/index.md": course("乱码", "luanma", "39 USD", 1, kind("premium"), "zh"),
    "content/luanma/01-start.md": lesson("start", "free", "开始", "文字先是字节。"),
    "content/luanma/02-open.md": lesson("open", kind("premium"), "打开", `${PAID.zh}\n\n## 小标题\n\n再写一段。`),
    ...more,
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), content);
  }
}

/** @param {string} title @param {string} id @param {string} price @param {number} epoch @param {string} access @param {string} [language] */
const course = (title, id, price, epoch, access, language = "en") => `---
id: ${id}
title: ${title}
summary: ${language === "zh" ? "一门短课。" : "A short course."}
language: ${language}
price: ${price}
checkout: https://checkout.example/buy/${id}
products: { lemon_squeezy: [${PRODUCTS[/** @type {keyof typeof PRODUCTS} */ (id)]}] }
access: ${access}
epoch: ${epoch}
---
About the course.
`;

/** @param {string} id @param {string} access @param {string} title @param {string} text */
const lesson = (id, access, title, text) => `---\nid: ${id}\ntitle: ${title}\naccess: ${access}\n---\n${text}\n`;

/** A picture of one colour, 8 by 8. @param {number[]} rgb */
export function png(rgb) {
  const row = Buffer.from([0, ...Array.from({ length: 8 }, () => rgb).flat()]);
  const chunk = (/** @type {string} */ type, /** @type {Buffer} */ data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.from([0, 0, 0, 8, 0, 0, 0, 8, 8, 2, 0, 0, 0]);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), chunk("IHDR", head),
    chunk("IDAT", deflateSync(Buffer.concat(Array.from({ length: 8 }, () => row)))), chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** @param {Buffer} bytes */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
