// Builds styles, scripts and fonts into the static folder of the `ui` app.
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const final = join(here, "../src/hienluong/ui/static/ui/dist");
const out = `${final}.new`;
const WEIGHTS = [400, 600];
const SUBSETS = ["vietnamese", "latin"];
const EDITOR = ["commands", "history", "keymap", "model", "schema-list", "state", "tables", "transform", "view"].map((name) => `prosemirror-${name}`).concat("orderedmap", "rope-sequence", "w3c-keyname");
const SHIPPED = ["govuk-frontend", "@ministryofjustice/frontend", "htmx.org", "@fontsource/be-vietnam-pro", ...EDITOR];

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

async function script(entry, name, target) {
  await esbuild.build({
    entryPoints: [join(here, "js", entry)],
    outfile: join(out, name),
    bundle: true,
    minify: true,
    format: "esm",
    target,
    legalComments: "none",
    charset: "utf8",
  });
}

// Only what the stylesheet names; their crests and crowns stay out.
async function images() {
  const css = await readFile(join(out, "hienluong.css"), "utf8");
  await mkdir(join(out, "images"), { recursive: true });
  const theirs = join(here, "node_modules/@ministryofjustice/frontend/moj/assets/images");
  for (const name of new Set([...css.matchAll(/url\("?images\/([\w.-]+)"?\)/g)].map((found) => found[1]))) {
    const ours = join(here, "assets", name);
    await cp(existsSync(ours) ? ours : join(theirs, name), join(out, "images", name));
  }
}

async function notices() {
  const parts = [];
  for (const name of SHIPPED) {
    const folder = join(here, "node_modules", name);
    const about = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const author = typeof about.author === "object" ? about.author.name : (about.author ?? "");
    const text = await readFile(join(folder, "LICENSE"), "utf8").catch(() => `${author} ${about.repository.url}`);
    parts.push(`${name} ${about.version}: ${about.license}\n\n${text}`.trim());
  }
  await writeFile(join(out, "THIRD-PARTY.txt"), `${parts.join(`\n\n${"-".repeat(72)}\n\n`)}\n`);
}

async function fonts() {
  for (const weight of WEIGHTS) {
    for (const subset of SUBSETS) {
      const file = `be-vietnam-pro-${subset}-${weight}-normal.woff2`;
      await cp(join(here, "node_modules/@fontsource/be-vietnam-pro/files", file), join(out, "fonts", file));
    }
  }
}

await styles("main.scss", "hienluong.css");
await Promise.all([styles("print.scss", "print.css"), script("main.js", "hienluong.js", "es2020"), script("form.js", "form.js", "es2022"), script("place.js", "place.js", "es2022"), script("editor.js", "editor.js", "es2022"), script("assessments.js", "assessments.js", "es2022"), script("assessments_worker.js", "assessments-worker.js", "es2022"), fonts(), images(), notices()]);
await rm(final, { recursive: true, force: true });
await rename(out, final);
