import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as assert from "uvu/assert";
import { type DefectName, defectKinds } from "../../src/layer/doctor/defect.ts";
import { examine } from "../../src/layer/doctor/examine.ts";
import { patientOf } from "../../src/layer/doctor/patient.ts";
import type { ArchiveEntry } from "../../src/platform/archive.ts";
import { writeZip } from "../../src/platform/archive-write.ts";
import { suite } from "../helpers/suite.ts";
import { craftedZip } from "../platform/archive-crafted.ts";

const test = suite("the doctor");
const root = mkdtempSync(join(tmpdir(), "bootlace-doctor-"));
test.after(() => rmSync(root, { recursive: true, force: true }));

type Files = Readonly<
  Record<
    string,
    string | Buffer | { readonly mode?: number; readonly content?: string | Buffer; readonly link?: string }
  >
>;

interface Complaint {
  readonly defect: DefectName;
  readonly function?: Files;
  readonly layers?: readonly Files[];
  readonly handler?: string;
  readonly runtime?: "managed";
  /** A word that only a finding about the right thing has. */
  readonly about: RegExp;
}

const script = { mode: 0o755, content: "#!/bin/sh\n" };
const program = { mode: 0o755, content: elf({ machine: 62 }) };
const good: Files = { bootstrap: script, "index.mjs": "export const handler = () => 1;" };

/** Each defect has one package that has it and nothing else. */
const complaints: readonly Complaint[] = [
  {
    defect: "folder-packed-whole",
    function: { "fn/index.mjs": "", "fn/bootstrap": script },
    layers: [{ bootstrap: script }],
    about: /fn/,
  },
  {
    defect: "no-bootstrap",
    function: { "Bootstrap.sh": script, "index.mjs": "" },
    about: /"Bootstrap\.sh" is not named/,
  },
  {
    defect: "no-bootstrap",
    function: { "bootstrap/index.mjs": "", "index.mjs": "" },
    about: /"bootstrap" is a folder/,
  },
  {
    defect: "not-executable",
    function: { ...good, bootstrap: { mode: 0o644, content: "#!/bin/sh\n" } },
    about: /0644/,
  },
  {
    defect: "not-executable",
    function: { ...good, bootstrap: { mode: 0o700, content: "#!/bin/sh\n" } },
    about: /0700/,
  },
  {
    defect: "not-executable",
    layers: [{ bootstrap: script, "extensions/mine": { mode: 0o644, content: "#!/bin/sh\n" } }],
    about: /extensions\/mine/,
  },
  {
    defect: "no-program",
    function: { ...good, bootstrap: { mode: 0o755, content: "echo hello\n" } },
    about: /bootstrap/,
  },
  {
    defect: "windows-line-endings",
    function: { ...good, bootstrap: { mode: 0o755, content: "#!/bin/sh\r\n" } },
    about: /bootstrap/,
  },
  {
    defect: "no-interpreter",
    function: { ...good, bootstrap: { mode: 0o755, content: "#!/usr/bin/env node\n" } },
    about: /"node"/,
  },
  {
    defect: "no-interpreter",
    function: { ...good, bootstrap: { mode: 0o755, content: "#!/usr/bin/python3 -u\n" } },
    about: /"\/usr\/bin\/python3"/,
  },
  {
    defect: "wrong-architecture",
    function: { ...good, bootstrap: { mode: 0o755, content: elf({ machine: 183 }) } },
    about: /arm64.*x86_64/,
  },
  { defect: "wrong-architecture", function: { ...good, "addon.node": elf({ machine: 183 }) }, about: /addon\.node/ },
  {
    defect: "missing-library",
    function: { ...good, "addon.node": elf({ machine: 62, needs: ["libvips.so.42"] }) },
    about: /libvips\.so\.42/,
  },
  {
    defect: "unproved-library",
    function: { ...good, "addon.node": elf({ machine: 62, needs: ["libstdc++.so.6"] }) },
    about: /libstdc/,
  },
  {
    defect: "text-for-a-library",
    layers: [{ bootstrap: script, "lib/libx.so": "libx.so.1.2" }],
    about: /"libx\.so\.1\.2"/,
  },
  {
    defect: "dangling-link",
    layers: [{ bootstrap: script, "lib/libx.so": { link: "libx.so.1" } }],
    about: /libx\.so\.1/,
  },
  {
    defect: "unreadable",
    function: { ...good, "config.json": { mode: 0o600, content: "{}" } },
    about: /config\.json.*0600/,
  },
  { defect: "no-handler", function: good, handler: "app.handler", about: /"app\.handler"/ },
  {
    defect: "packages-in-the-wrong-place",
    layers: [{ bootstrap: script, "node_modules/x/index.js": "" }],
    about: /node_modules/,
  },
  {
    defect: "extension-in-a-folder",
    layers: [{ bootstrap: script, "extensions/mine/run": script }],
    about: /extensions\/mine/,
  },
  {
    defect: "too-many-extensions",
    layers: [
      { bootstrap: script, ...Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`extensions/e${n}`, script])) },
    ],
    about: /11/,
  },
  {
    defect: "too-many-layers",
    function: good,
    layers: Array.from({ length: 6 }, (_, n) => ({ [`lib/${n}`]: "" })),
    about: /6/,
  },
  {
    defect: "shadowed",
    function: good,
    layers: [{ "lib/a.txt": "one" }, { "lib/a.txt": "two" }],
    about: /lib\/a\.txt/,
  },
  { defect: "bootstrap-twice", function: good, layers: [{ bootstrap: script, "lib/x": "" }], about: /bootstrap/ },
  {
    defect: "code-of-another-engine",
    function: { "index.cjs": "", "index.cjs.v22.1.0-x64.cache": "" },
    layers: [
      { bootstrap: { mode: 0o755, content: Buffer.concat([elf({ machine: 62 }), Buffer.from("node.js/v24.21.0 ")]) } },
    ],
    about: /v22\.1\.0.*v24\.21\.0/,
  },
];

for (const complaint of complaints)
  for (const form of ["folder", "zip"] as const)
    test(`finds ${complaint.defect} in a ${form}, and nothing else: ${complaint.about.source}`, async () => {
      const findings = await examined(complaint, form);
      assert.equal([...new Set(findings.map(({ defect }) => defect))], [complaint.defect]);
      assert.match(findings.map(({ path, detail }) => `${path}: ${detail}`).join("\n"), complaint.about);
    });

const healthy: readonly (readonly [string, Omit<Complaint, "defect" | "about">])[] = [
  ["a function with a bootstrap", { function: good, handler: "index.handler" }],
  [
    "a function on a layer",
    { function: { "src/app.mjs": "" }, layers: [{ bootstrap: program }], handler: "src/app.a.handler" },
  ],
  ["a function on a managed runtime", { function: { "index.mjs": "" }, runtime: "managed" }],
  ["a layer of extensions", { layers: [{ "extensions/mine": script, "mine/data": "" }] }],
  ["a layer of packages", { function: good, layers: [{ "nodejs/node_modules/x/index.js": "" }] }],
  [
    "a library that a layer brings",
    {
      function: { ...good, "a.node": elf({ machine: 62, needs: ["libx.so.1"] }) },
      layers: [{ "lib/libx.so.1": elf({ machine: 62 }) }],
    },
  ],
  [
    "links inside a package",
    { layers: [{ bootstrap: script, "lib/libx.so": { link: "libx.so.1" }, "lib/libx.so.1": elf({ machine: 62 }) }] },
  ],
  [
    "an interpreter that the layer brings",
    { layers: [{ bootstrap: { mode: 0o755, content: "#!/opt/bin/node\n" }, "bin/node": program }] },
  ],
  [
    "one that env finds in it",
    { layers: [{ bootstrap: { mode: 0o755, content: "#!/usr/bin/env node\n" }, "bin/node": program }] },
  ],
  ["the same file in two layers", { function: good, layers: [{ "lib/a.txt": "one" }, { "lib/a.txt": "one" }] }],
  [
    "compiled code for the layer's engine",
    {
      function: { "index.cjs": "", "index.cjs.v24.21.0-x64.cache": "" },
      layers: [
        {
          bootstrap: { mode: 0o755, content: Buffer.concat([elf({ machine: 62 }), Buffer.from("node.js/v24.21.0 ")]) },
        },
      ],
    },
  ],
];
for (const [what, packages] of healthy)
  test(`finds nothing in ${what}`, async () => assert.equal(await examined(packages, "folder"), []));

const twice = [
  { name: "bootstrap", content: "x" },
  { name: "bootstrap", content: "y" },
];
for (const [what, defect, bytes] of [
  ["cut short", "zip-damaged", Buffer.from("PK\x03\x04 and no more")],
  ["one that climbs out", "zip-unsafe", craftedZip([{ name: "../bootstrap", content: "x" }])],
  ["one with two of a name", "zip-unsafe", craftedZip(twice)],
] as const)
  test(`calls a zip ${defect} that is ${what}`, async () => {
    const file = join(root, "damaged.zip");
    writeFileSync(file, bytes);
    const findings = examine([await patientOf(file, undefined)], {
      arch: "x86_64",
      runtime: "provided",
      handler: undefined,
    });
    assert.equal(
      findings.map((finding) => finding.defect),
      [defect],
    );
  });

test("adds up sizes, zipped for each package and unzipped for all", () => {
  const content = Buffer.alloc(140_000_000);
  const big = (name: string, zippedBytes: number) => ({
    name,
    kind: "layer" as const,
    zippedBytes,
    entries: [{ type: "file" as const, path: name, mode: 0o644, content }],
  });
  const setup = { arch: undefined, runtime: "managed", handler: undefined } as const;
  assert.equal(examine([big("a", 52_428_800)], setup), []);
  assert.equal(
    examine([big("a", 52_428_801), big("b", 1)], setup).map(({ defect, in: name }) => [defect, name]),
    [
      ["zip-too-large", "a"],
      ["unzipped-too-large", "a and b"],
    ],
  );
});

test("a program alone is a bootstrap", async () => {
  const file = join(root, "bootstrap");
  writeFileSync(file, elf({ machine: 183 }), { mode: 0o755 });
  const patient = await patientOf(file, undefined);
  const findings = examine([patient], { arch: "x86_64", runtime: "provided", handler: undefined });
  assert.equal(
    findings.map(({ defect }) => defect),
    ["wrong-architecture"],
  );
});

test("every defect has a package that has it", () => {
  const elsewhere: readonly string[] = ["zip-damaged", "zip-unsafe", "zip-too-large", "unzipped-too-large"];
  const known = new Set<string>([...complaints.map(({ defect }) => defect), ...elsewhere]);
  assert.equal(
    Object.keys(defectKinds).filter((defect) => !known.has(defect)),
    [],
  );
});

test.run();

async function examined(
  { function: task, layers = [], handler, runtime = "provided" as never }: Omit<Complaint, "defect" | "about">,
  form: "folder" | "zip",
) {
  const patients = [
    ...(task === undefined ? [] : [await patientOf(await written(task, form), "function")]),
    ...(await Promise.all(layers.map(async (layer) => patientOf(await written(layer, form), "layer")))),
  ];
  return examine(patients, { arch: "x86_64", runtime, handler });
}

async function written(files: Files, form: "folder" | "zip"): Promise<string> {
  const folder = mkdtempSync(join(root, "package-"));
  const entries = Object.entries(files).map(([path, file]): ArchiveEntry => {
    if (typeof file === "string" || Buffer.isBuffer(file))
      return { type: "file", path, mode: 0o644, content: Buffer.from(file) };
    if (file.link !== undefined) return { type: "link", path, target: file.link };
    return { type: "file", path, mode: file.mode ?? 0o644, content: Buffer.from(file.content ?? "") };
  });
  if (form === "zip") {
    writeFileSync(`${folder}.zip`, await writeZip(entries, { level: 1 }));
    return `${folder}.zip`;
  }
  for (const entry of entries) {
    const place = join(folder, entry.path);
    mkdirSync(dirname(place), { recursive: true });
    if (entry.type === "link") symlinkSync(entry.target, place);
    if (entry.type === "file") writeFileSync(place, entry.content, { mode: entry.mode });
  }
  return folder;
}

/** The least that a reader of executables takes for one: a header, a dynamic segment, and its names. */
function elf({ machine, needs = [] }: { readonly machine: number; readonly needs?: readonly string[] }): Buffer {
  const names = Buffer.from(`\0${needs.map((name) => `${name}\0`).join("")}`);
  const dynamicAt = 64 + 2 * 56;
  const dynamic = Buffer.alloc((needs.length + 2) * 16);
  const namesAt = dynamicAt + dynamic.length;
  let at = 1;
  for (const [index, name] of needs.entries()) {
    dynamic.writeBigUInt64LE(1n, index * 16);
    dynamic.writeBigUInt64LE(BigInt(at), index * 16 + 8);
    at += name.length + 1;
  }
  dynamic.writeBigUInt64LE(5n, needs.length * 16);
  dynamic.writeBigUInt64LE(BigInt(namesAt), needs.length * 16 + 8);
  const head = Buffer.alloc(dynamicAt);
  Buffer.from("7f454c4602010100", "hex").copy(head);
  head.writeUInt16LE(3, 16);
  head.writeUInt16LE(machine, 18);
  head.writeUInt32LE(1, 20);
  head.writeBigUInt64LE(64n, 32);
  head.writeUInt16LE(64, 52);
  head.writeUInt16LE(56, 54);
  head.writeUInt16LE(2, 56);
  head.writeUInt16LE(64, 58);
  segment(head, 64, 1, 0, namesAt + names.length);
  segment(head, 120, 2, dynamicAt, dynamic.length);
  return Buffer.concat([head, dynamic, names]);
}

function segment(head: Buffer, at: number, type: number, offset: number, bytes: number): void {
  head.writeUInt32LE(type, at);
  head.writeUInt32LE(4, at + 4);
  for (const place of [8, 16, 24]) head.writeBigUInt64LE(BigInt(offset), at + place);
  for (const place of [32, 40]) head.writeBigUInt64LE(BigInt(bytes), at + place);
}
