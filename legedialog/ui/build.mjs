// Builds what the browser gets: one CSS file, one script, one font, and the icons for the `icon` template tag.
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const modules = here("../../node_modules/");
const out = here("static/build/");

await mkdir(out, { recursive: true });

await build({
  entryPoints: { legedialog: here("assets/legedialog.js") },
  outdir: out, bundle: true, minify: true, format: "iife", target: "es2022", legalComments: "eof",
});
// Only the pages of video and of the office ask for these.
await build({
  entryPoints: {
    room: here("../video/assets/room.js"), devices: here("../video/assets/devices.js"),
    office: here("../workspace/assets/office.js"),
  },
  outdir: out, bundle: true, minify: true, format: "iife", target: "es2022",
});
await build({
  entryPoints: { video: here("../video/assets/video.css"), office: here("../workspace/assets/office.css") },
  outdir: out, bundle: true, minify: true, target: ["chrome120", "firefox121", "safari17.4"],
});
/** Paper is white: the theme's dark colours are for screens only, also for those who chose them. */
const lightOnPaper = {
  name: "light-on-paper",
  setup({ onLoad }) {
    onLoad({ filter: /designsystemet-theme.*\.css$/ }, async ({ path }) => {
      const css = await readFile(path, "utf8");
      const start = css.indexOf("{", css.indexOf("@layer ds.theme.color-scheme.dark")) + 1;
      let end = start;
      for (let depth = 1; depth > 0; end += 1) depth += { "{": 1, "}": -1 }[css[end]] ?? 0;
      const dark = css.slice(start, end - 1);
      if (!dark.includes('[data-color-scheme="dark"]')) throw new Error("The theme's dark colours have moved.");
      return { contents: `${css.slice(0, start)}@media screen {${dark}}${css.slice(end - 1)}`, loader: "css" };
    });
  },
};
await build({
  entryPoints: { legedialog: here("assets/legedialog.css") }, plugins: [lightOnPaper],
  outdir: out, bundle: true, minify: true, target: ["chrome120", "firefox121", "safari17.4"], legalComments: "eof",
  external: ["./inter.woff2"],
});
await copyFile(`${modules}@fontsource-variable/inter/files/inter-latin-wght-normal.woff2`, `${out}inter.woff2`);

// Every icon becomes one path: our name -> the `d` of the design's icon.
const names = JSON.parse(await readFile(here("assets/icons.json"), "utf8"));
const icons = {};
for (const [name, source] of Object.entries(names)) {
  const svg = await readFile(`${modules}@navikt/aksel-icons/dist/svg/${source}.svg`, "utf8");
  icons[name] = [...svg.matchAll(/<path[^>]* d="([^"]+)"/g)].map((match) => match[1]).join(" ");
  if (!icons[name] || /<(?!\/|svg|path)/.test(svg)) throw new Error(`${source}.svg is not made of paths alone.`);
}
await writeFile(`${out}icons.json`, JSON.stringify(icons));

const LIMIT = 105; // KB compressed: with its HTML the first page stays under 130 (operations/hot.py).
let total = 0;
for (const file of ["legedialog.css", "legedialog.js", "inter.woff2"]) {
  const bytes = await readFile(out + file);
  const sent = file.endsWith("woff2") ? bytes.length : brotliCompressSync(bytes).length;
  total += sent;
  console.log(`${file.padEnd(16)} ${(bytes.length / 1024).toFixed(1).padStart(6)} KB, sent as ${(sent / 1024).toFixed(1)} KB`);
}
console.log(`First visit      ${(total / 1024).toFixed(1).padStart(6)} KB without HTML (limit ${LIMIT})`);
if (total > LIMIT * 1024) throw new Error("The first visit sends too much.");
