/**
 * The layers and the puppet for arm64 on another machine, by qemu-user: Debian's packages qemu-user-static and gcc-aarch64-linux-gnu,
 * of which the second brings the C library to run on. Real Arm processors, and Lambda, have seen none of this.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { manifest } from "../../layer/manifest.ts";
import { emulatorCases, runtimeCases } from "../../src/conformance/cases/catalogue.ts";
import { conformEmulator } from "../../src/conformance/run-emulator.ts";
import { conformRuntime } from "../../src/conformance/run-runtime.ts";
import { emulate } from "../../src/emulator/emulate.ts";
import { buildPuppets } from "../../src/layer/build-puppets.ts";
import { buildRelease } from "../../src/layer/build-release.ts";
import { pagesToAskFor, parsePrefetchList, prefetchListFile } from "../../src/layer/prefetch-list.ts";
import { unpackZip } from "../../src/platform/archive-unpack.ts";
import { readElf } from "../../src/platform/elf.ts";
import { engineFlags } from "../../src/platform/engine-flags.ts";
import { limits } from "../../src/protocol/limits.ts";
import { expected, verdicts } from "../conformance/expected.ts";
import { ourEmulator, ourRuntime } from "../conformance/subjects.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("on arm64");
const root = mkdtempSync(join(tmpdir(), "bootlace-arm64-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

const patient = { timeoutMs: 240_000 };
const qemu = ["/usr/bin/qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"];

/** Every case that must hold takes most of a minute for each engine; unless asked, a few that wait for nothing. */
const must = runtimeCases.filter(({ level }) => level === "must");
const few = [
  "RT-BOOT-001",
  "RT-INV-002",
  "RT-INV-011",
  "RT-CTX-011",
  "RT-ERR-001",
  "RT-ERR-008",
  "RT-INI-006",
  "RT-LOG-001",
];
const cases = process.env.ARM64_FULL === "1" ? must : must.filter(({ id }) => few.includes(id));

/** Says where it runs, in a child too, which takes a true `process.execPath`. */
const handler = `
const { spawnSync } = require("node:child_process");
exports.handler = async ({ name }) => {
  const child = spawnSync("QEMU", ["-L", "/usr/aarch64-linux-gnu", process.execPath, "-p", "process.arch"]);
  const release = process.versions.node.split(".")[0];
  return { arch: process.arch, release, hello: name, child: String(child.stdout).trim() };
};
`;
const task = join(root, "task");
mkdirSync(task);
writeFileSync(join(task, "index.js"), handler.replace("QEMU", qemu[0] ?? ""));

const layers = await buildRelease({ outDir: root, architectures: ["arm64"], level: 1 });

for (const name of manifest.engines) {
  const opt = join(root, name);
  const engine = [join(opt, "bin/node"), join(opt, "bootlace/bootstrap.cjs")];

  test(`the layer of ${name} is for arm64 throughout`, async () => {
    const layer = layers.find(({ file }) => file.endsWith(`layer-${name}-arm64.zip`));
    assert.ok(layer);
    await unpackZip(layer.file, opt, { unzippedBytesMax: limits.packageUnzippedBytesMax });
    const programs = layer.entries.filter(({ path, mode }) => mode === 0o755 && !path.endsWith(".txt"));
    assert.ok(programs.length >= 2);
    for (const { path } of programs) assert.is(readElf(readFileSync(join(opt, path))).architecture, "arm64", path);
  });

  test(`the launcher of ${name} asks for every page of its list, then starts the engine`, () => {
    const { stderr } = spawnSync(qemu[0] ?? "", [...qemu.slice(1), "-strace", join(opt, "bootstrap"), "word"], {
      encoding: "utf8",
      maxBuffer: 10_000_000,
    });
    const said = [...stderr.matchAll(/fadvise64\((\d+),(\d+),(\d+),3/g)].map(([, , offset, bytes]) => [offset, bytes]);
    const list = parsePrefetchList(readFileSync(prefetchListFile(name, "arm64"), "utf8"));
    const wanted = pagesToAskFor(list, readFileSync(engine[0] ?? ""));
    assert.ok(wanted.length > 300);
    assert.equal(
      said.slice(-wanted.length),
      wanted.map(({ first, count }) => [`${first * 4_096}`, `${count * 4_096}`]),
    );
    // Without help of the kernel, qemu cannot start a second program; what it was asked to start is what counts.
    const words = [engine[0], ...engineFlags, engine[1]].map((word) => `"${word}"`).join(",");
    assert.ok(stderr.includes(`execve("${engine[0]}",{${words},"word",NULL})`), stderr.slice(-600));
  });

  test(
    `${name} serves invocations on our emulator`,
    async () => {
      const launcher = join(opt, "bootstrap");
      renameSync(launcher, join(opt, "launcher"));
      writeFileSync(
        launcher,
        `#!/bin/sh\nexec ${qemu.join(" ")} "\${0%/*}/bin/node" "\${0%/*}/bootlace/bootstrap.cjs" "$@"\n`,
      );
      chmodSync(launcher, 0o755);
      await using lambda = await emulate({ task, layers: [opt], handler: "index.handler", timeoutMs: 60_000 });
      const greeted = await lambda.invoke({ name: "Ada" });
      assert.equal(greeted.json(), { arch: "arm64", release: name.replace("node", ""), hello: "Ada", child: "arm64" });
      const failed = await lambda.invoke(null);
      assert.is(failed.functionError, "Unhandled");
      assert.match(JSON.stringify(failed.json()), /"errorType":"TypeError"/);
    },
    patient,
  );

  test(
    `${name} passes ${cases.length} cases of what must hold of a runtime`,
    async () => {
      assert.ok(cases.length >= few.length);
      const subject = { ...ourRuntime(), command: [...qemu, ...engine] };
      const results = await conformRuntime({ subject, cases, jobs: 4, timeScale: 12, declared: ["streaming"] });
      assert.equal(verdicts(results), expected(cases, undefined));
    },
    patient,
  );
}

/** So few, since each starts an emulator: a runtime, extensions, telemetry, signals, chunks. */
const puppetCases = ["SRV-RT-001", "SRV-RT-015", "SRV-EXT-009", "SRV-EXT-019", "SRV-TEL-001", "SRV-FE-009"];

test(
  "the puppet plays functions and extensions",
  async () => {
    await buildPuppets(root, ["arm64"]);
    const puppet = join(root, "puppet-arm64");
    assert.is(readElf(readFileSync(puppet)).architecture, "arm64");
    const emulator = ourEmulator();
    assert.ok(emulator.type === "command");
    const subject = { type: "command", command: ["/bin/bash", throughQemu(), ...emulator.command], puppet } as const;
    const cases = emulatorCases.filter(({ id }) => puppetCases.includes(id));
    const results = await conformEmulator({ subject, cases, timeScale: 4 });
    assert.equal(verdicts(results), expected(cases));
    assert.is(results.length, puppetCases.length);
  },
  patient,
);

/** A script that puts qemu in front of what it finds in the folders of its command, then becomes the command. */
function throughQemu(): string {
  const script = join(root, "through-qemu.sh");
  writeFileSync(
    script,
    `wrap() {
  [ -f "$1" ] || return 0
  mv "$1" "$2/\${1##*/}.arm64"
  printf '#!/bin/sh\\nexec ${qemu.join(" ")} "\${0%%/*}/%s"\\n' "$3\${1##*/}.arm64" > "$1"
  chmod 755 "$1"
}
for folder in "$@"; do
  [ -d "$folder" ] || continue
  wrap "$folder/bootstrap" "$folder" ""
  for file in "$folder"/extensions/*; do wrap "$file" "$folder" "../"; done
done
exec "$@"
`,
  );
  return script;
}

test.run();
