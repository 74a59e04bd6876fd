// Builds styles, scripts and fonts into the static folder of the `ui` app.
import { cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const final = join(here, "../src/hienluong/ui/static/ui/dist");
const out = `${final}.new`;
const WEIGHTS = [400, 600];
const SUBSETS = ["vietnamese", "latin"];

await rm(out, { recursive: true, force: true });
await mkdir(join(out, "fonts"), { recursive: true });

async function styles(entry, name) {
  const { css } = sass.compile(join(here, "scss", entry), {
    loadPaths: [here, join(here, "node_modules")],
    quietDeps: true,
  });
  const { code } = await esbuild.transform(css, { loader: "css", minify: true, target: ["safari15", "chrome100", "firefox100"] });
  await writeFile(join(out, name), code);
}

async function scripts() {
  await esbuild.build({
    entryPoints: [join(here, "js/main.js")],
    outfile: join(out, "hienluong.js"),
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2020",
    legalComments: "none",
    charset: "utf8",
  });
}

async function fonts() {
  for (const weight of WEIGHTS) {
    for (const subset of SUBSETS) {
      const file = `be-vietnam-pro-${subset}-${weight}-normal.woff2`;
      await cp(join(here, "node_modules/@fontsource/be-vietnam-pro/files", file), join(out, "fonts", file));
    }
  }
}

await Promise.all([styles("main.scss", "hienluong.css"), styles("print.scss", "print.css"), scripts(), fonts()]);
await rm(final, { recursive: true, force: true });
await rename(out, final);
