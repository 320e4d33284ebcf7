import { posix } from "node:path";
import { manifest } from "../../layer/manifest.ts";
import { engineFlags, heapRules, readableFlag } from "../platform/engine-flags.ts";
import { compiled } from "./compiler.ts";
import type { Architecture } from "./engine.ts";
import { type PageRun, pageBytes } from "./prefetch-list.ts";

/** Static, without a C library, and as few pages as it can be: it is read from a cold disk itself. */
const flags = [
  ...["-std=c11", "-Os", "-Wall", "-Wextra", "-Werror"],
  ...["-ffreestanding", "-fno-stack-protector", "-fno-asynchronous-unwind-tables", "-fno-pie", "-fno-ident"],
  ...["-static", "-nostdlib", "-no-pie", "-s"],
  ...["-Wl,--build-id=none", "-Wl,-z,norelro", "-Wl,-z,noseparate-code", "-Wl,-z,max-page-size=4096"],
];

/** The program that Lambda starts: asks for the pages, then becomes the engine with the program. */
export function compileLauncher(options: {
  readonly arch: Architecture;
  readonly pages: readonly PageRun[];
  /** What else of the layer every start reads, and reads whole. */
  readonly files: readonly { readonly path: string; readonly content: Uint8Array }[];
  readonly cacheDirectory: string;
}): Promise<Buffer> {
  const { engine, program } = manifest.places;
  const { old, young } = heapRules;
  const header = [
    `#define ENGINE "${engine}"`,
    `#define PROGRAM "${program}"`,
    `#define PROGRAM_FOLDER "${posix.dirname(program)}/"`,
    `#define READABLE "${readableFlag}"`,
    `#define FLAGS ${engineFlags.map((flag) => `"${flag}",`).join("")}`,
    `#define OLD_SPACE "${old.flag}"`,
    `#define OLD_WITHOUT_SHARE ${old.withoutShare}`,
    `#define YOUNG_SPACE "${young.flag}"`,
    `#define YOUNG_SHARE ${young.share}`,
    `#define YOUNG_OF_V8 ${young.ofV8}`,
    `#define PAGES ${options.pages.map(({ first, count }) => `{${first},${count}},`).join("")}`,
    `#define FILES ${options.files.map((file) => `{"${file.path}",${pagesIn(file.content)}},`).join("")}`,
    "",
  ].join("\n");
  const { arch, cacheDirectory } = options;
  return compiled({ arch, source: "native/launcher.c", flags, headers: { "pages.h": header }, cacheDirectory });
}

function pagesIn(content: Uint8Array): number {
  return Math.ceil(content.byteLength / pageBytes);
}
