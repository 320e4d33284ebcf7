/** The manual, typed by nobody: every command of its pages, from the top to the end, each page in a folder of its own. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { stepsOf } from "../helpers/manual-page.ts";
import { ManualShell } from "../helpers/manual-shell.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("the manual:");
const source = join(import.meta.dirname, "../..");
const root = mkdtempSync(join(tmpdir(), "bootlace-manual-"));
// Hundreds of megabytes in thousands of files: nobody waits for that.
test.after(() => spawn("rm", ["-rf", root], { detached: true, stdio: "ignore" }).unref());

/** Those that take longest first, two at a time. MANUAL_PAGE names one of them. */
const pages = [
  "docs/manual/write-an-extension.md",
  "docs/manual/write-a-function.md",
  "docs/manual/attach-the-layer.md",
  "docs/manual/test-with-the-emulator.md",
  "docs/manual/write-a-runtime.md",
  "docs/manual/judge-a-runtime.md",
  "README.md",
  "docs/npm-package.md",
].filter((page) => (process.env.MANUAL_PAGE ?? page) === page);

const checkout = join(root, "checkout");
const own = join(root, "my-lambda");
const env = environment();
copyCheckout();
const index = follow("docs/manual/README.md", root);
const lanes = inLanes(2);

test("docs/manual/README.md", () => index, { timeoutMs: 120_000 });
for (const page of pages) test(page, () => lanes.get(page), { timeoutMs: 400_000 });
test.run();

function inLanes(width: number): ReadonlyMap<string, Promise<void>> {
  const ended = new Map(pages.map((page) => [page, Promise.withResolvers<void>()] as const));
  const queue = ended.entries();
  const lane = async () => {
    await index;
    for (const [page, { resolve, reject }] of queue) {
      const folder = join(root, basename(page, ".md"));
      // As if everybody had followed the index.
      execFileSync("cp", ["-al", own, folder]);
      await follow(page, folder).then(resolve, reject);
    }
  };
  for (let count = 0; count < width; count += 1)
    lane().catch((error) => {
      for (const { reject } of ended.values()) reject(error);
    });
  for (const { promise } of ended.values()) promise.catch(() => {});
  return new Map([...ended].map(([page, { promise }]) => [page, promise]));
}

async function follow(file: string, folder: string): Promise<void> {
  const began = performance.now();
  const memory = join(root, `memory-${file.replaceAll("/", "-")}`);
  try {
    await using shell = new ManualShell({ folder, checkout, memory, env });
    await shell.follow(stepsOf(await withFreePorts(readFileSync(join(source, file), "utf8"))));
  } catch (error) {
    throw new Error(`${file}, ${error instanceof Error ? error.message : error}`);
  } finally {
    console.log(`TOOK ${file} ${Math.round((performance.now() - began) / 1000)} s`);
  }
}

/** A reader's: the Node that the lockfile pins, an `aws` that asks nobody, and nothing of whoever runs this test. */
function environment(): NodeJS.ProcessEnv {
  const { PATH = "", NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const programs = join(root, "programs");
  mkdirSync(programs);
  writeFileSync(
    join(programs, "aws"),
    `#!/bin/sh\nexec "${process.execPath}" "${join(source, "test/helpers/aws.mjs")}" "$@"\n`,
  );
  chmodSync(join(programs, "aws"), 0o755);
  const path = [programs, dirname(process.execPath), ...PATH.split(delimiter)].filter(
    (part) => !part.includes("node_modules/.bin"),
  );
  const real = path
    .slice(1)
    .map((folder) => join(folder, "aws"))
    .find(isProgram);
  return {
    // What "npm run" says of this project would be taken for a setting of the reader's.
    ...Object.fromEntries(Object.entries(inherited).filter(([name]) => !name.startsWith("npm_"))),
    PATH: path.join(delimiter),
    TMPDIR: root,
    NO_COLOR: "1",
    npm_config_prefer_offline: "true",
    npm_config_loglevel: "error",
    ...(real === undefined ? {} : { AWS_REAL: real }),
  };
}

/** A port that somebody else has on this machine is another one here. */
async function withFreePorts(page: string): Promise<string> {
  let text = page;
  for (const port of new Set([...page.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, digits]) => Number(digits))))
    if ((await freePort(port)) === undefined) text = text.replaceAll(`${port}`, `${await freePort(0)}`);
  return text;
}

async function freePort(wanted: number): Promise<number | undefined> {
  const server = createServer().listen(wanted, "127.0.0.1");
  try {
    await once(server, "listening");
    const address = server.address();
    return typeof address === "object" ? address?.port : undefined;
  } catch {
    return undefined;
  } finally {
    server.close();
  }
}

function isProgram(file: string): boolean {
  try {
    execFileSync(file, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** What git knows of this checkout, as it is now, with the packages that are installed here. */
function copyCheckout(): void {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: source });
  for (const file of listed
    .toString()
    .split("\0")
    .filter((name) => name !== "" && existsSync(join(source, name))))
    cpSync(join(source, file), join(checkout, file));
  symlinkSync(join(source, "node_modules"), join(checkout, "node_modules"));
}
