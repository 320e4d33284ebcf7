import { posix } from "node:path";
import { limits } from "../../protocol/limits.ts";
import type { Finding } from "./defect.ts";
import { bufferOf, entryAt, type Patient } from "./patient.ts";
import { programsOf } from "./program-checks.ts";

/** How a function is set up, as far as it decides what is found. */
export interface Setup {
  /** `provided` needs a bootstrap, `managed` has one of its own. */
  readonly runtime: "provided" | "managed";
  /** Looked for where it is named. */
  readonly handler: string | undefined;
}

/** What is wrong with where things lie in one package. */
export function layoutFindings(patient: Patient): readonly Finding[] {
  const { name, kind, entries } = patient;
  const found = (defect: Finding["defect"], path: string, detail?: string): Finding => ({
    defect,
    in: name,
    path,
    ...(detail === undefined ? {} : { detail }),
  });
  const programs = programsOf(patient);
  return [
    ...wholeFolder(patient).map((folder) => found("folder-packed-whole", folder)),
    ...entries
      .filter((entry) => entry.type === "link" && leadsNowhere(patient, entry.path, entry.target))
      .map((entry) => found("dangling-link", entry.path, entry.type === "link" ? `it leads to "${entry.target}"` : "")),
    ...entries
      .filter((entry) => entry.type !== "link" && !programs.includes(entry.path) && !isReadable(entry.type, entry.mode))
      .map((entry) =>
        found("unreadable", entry.path, entry.type === "link" ? "" : `its mode is 0${entry.mode.toString(8)}`),
      ),
    ...(kind === "layer" && entries.some(({ path }) => path.startsWith("node_modules/"))
      ? [found("packages-in-the-wrong-place", "node_modules")]
      : []),
    ...(kind === "layer"
      ? foldersIn(patient, "extensions").map((folder) => found("extension-in-a-folder", folder))
      : []),
  ];
}

/** What is wrong with packages as they lie together. Later layers cover earlier ones. */
export function togetherFindings(patients: readonly Patient[], setup: Setup): readonly Finding[] {
  const layers = patients.filter(({ kind }) => kind === "layer");
  const task = patients.find(({ kind }) => kind === "function");
  return [
    ...sizeFindings(patients),
    ...(layers.length > limits.layersMax
      ? [{ defect: "too-many-layers" as const, in: layers.at(-1)?.name ?? "", detail: `there are ${layers.length}` }]
      : []),
    ...extensionCount(layers),
    ...shadowedFindings(layers),
    ...(task === undefined ? [] : functionFindings(task, layers, setup)),
  ];
}

function sizeFindings(patients: readonly Patient[]): readonly Finding[] {
  const bytes = patients
    .flatMap(({ entries }) => entries)
    .reduce((sum, entry) => sum + (entry.type === "file" ? entry.content.length : 0), 0);
  return [
    ...patients
      .filter(({ zippedBytes = 0 }) => zippedBytes > limits.packageZipBytesMax)
      .map(({ name, zippedBytes }) => ({
        defect: "zip-too-large" as const,
        in: name,
        detail: `it has ${zippedBytes} bytes`,
      })),
    ...(bytes > limits.packageUnzippedBytesMax
      ? [
          {
            defect: "unzipped-too-large" as const,
            in: patients.map(({ name }) => name).join(" and "),
            detail: `it is ${bytes} bytes`,
          },
        ]
      : []),
  ];
}

function extensionCount(layers: readonly Patient[]): readonly Finding[] {
  const names = new Set(layers.flatMap((layer) => programsOf(layer).filter((path) => path.startsWith("extensions/"))));
  if (names.size <= limits.extensionsMax) return [];
  return [
    {
      defect: "too-many-extensions",
      in: layers.map(({ name }) => name).join(" and "),
      detail: `there are ${names.size}`,
    },
  ];
}

function shadowedFindings(layers: readonly Patient[]): readonly Finding[] {
  return layers.flatMap(({ name, entries }, index) =>
    layers.slice(index + 1).flatMap((later) =>
      entries.flatMap((entry): readonly Finding[] => {
        const other = entryAt(later.entries, entry.path);
        if (entry.type !== "file" || other === undefined || other.type === "directory") return [];
        // Equal bytes, so nobody can tell which layer they are of.
        if (other.type === "file" && bufferOf(entry.content).equals(bufferOf(other.content))) return [];
        return [{ defect: "shadowed", in: name, path: entry.path, detail: `${later.name} has another one` }];
      }),
    ),
  );
}

function functionFindings(task: Patient, layers: readonly Patient[], { runtime, handler }: Setup): readonly Finding[] {
  const own = hasBootstrap(task);
  const brought = layers.filter(hasBootstrap);
  return [
    ...(runtime === "provided" && !own && brought.length === 0 && wholeFolder(task).length === 0
      ? [{ defect: "no-bootstrap" as const, in: task.name, ...similarName(task) }]
      : []),
    ...(own && brought[0] !== undefined
      ? [{ defect: "bootstrap-twice" as const, in: brought[0].name, path: "bootstrap" }]
      : []),
    ...(handler !== undefined && !hasHandler(task, handler)
      ? [{ defect: "no-handler" as const, in: task.name, detail: `the handler is "${handler}"` }]
      : []),
    ...strangeCode(task, brought),
  ];
}

const handlerSuffixes = ["", ".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"];

function hasHandler({ entries }: Patient, handler: string): boolean {
  const base = posix.basename(handler);
  const module = posix.join(posix.dirname(handler), base.split(".")[0] ?? "");
  const places = [...handlerSuffixes.map((suffix) => module + suffix), `node_modules/${module}/package.json`];
  return places.some((path) => entryAt(entries, path)?.type !== "directory" && entryAt(entries, path) !== undefined);
}

/** Compiled code is named for an engine, whose version the layer's manifest or licence folder does not say: the program does. */
function strangeCode(task: Patient, layers: readonly Patient[]): readonly Finding[] {
  const engines = layers.flatMap(({ entries }) => {
    const bootstrap = entries.find(({ path }) => path === "bin/node" || path === "bootstrap");
    const content = bootstrap?.type === "file" ? bufferOf(bootstrap.content) : Buffer.alloc(0);
    const at = content.indexOf("node.js/v");
    return at < 0 ? [] : [/^v[\d.]+/.exec(content.toString("latin1", at + 8, at + 24))?.[0] ?? ""];
  });
  if (engines.length === 0) return [];
  return task.entries.flatMap(({ path }): readonly Finding[] => {
    const version = /\.(v\d+\.\d+\.\d+)-(?:x64|arm64)\.cache$/.exec(path)?.[1];
    if (version === undefined || engines.includes(version)) return [];
    return [{ defect: "code-of-another-engine", in: task.name, path, detail: `the layer has Node ${engines[0]}` }];
  });
}

/** A folder of that name is passed over. */
function hasBootstrap({ entries }: Patient): boolean {
  return (entryAt(entries, "bootstrap")?.type ?? "directory") !== "directory";
}

function similarName({ entries }: Patient): { readonly detail?: string } {
  if (entries.some(({ path }) => path.startsWith("bootstrap/"))) return { detail: '"bootstrap" is a folder' };
  const similar = entries.find(({ path }) => /^bootstrap\b/i.test(posix.basename(path)));
  return similar === undefined ? {} : { detail: `"${similar.path}" is not named as it must be` };
}

/** The one folder that holds everything, when what Lambda looks for lies in it. */
function wholeFolder({ kind, entries }: Patient): readonly string[] {
  const tops = new Set(entries.map(({ path }) => path.split("/")[0] ?? ""));
  const [top = ""] = tops;
  if (tops.size !== 1 || entryAt(entries, top)?.type === "file") return [];
  const wanted =
    kind === "layer"
      ? ["bootstrap", "extensions", "nodejs", "lib", "bin"]
      : ["bootstrap", "index.mjs", "index.js", "index.cjs", "index.ts"];
  const isMeant = kind === "layer" && wanted.includes(top);
  const holds = entries.some(({ path }) => wanted.includes(path.split("/")[1] ?? ""));
  return holds && !isMeant ? [top] : [];
}

function foldersIn({ entries }: Patient, folder: string): readonly string[] {
  const inner = entries.filter(({ path }) => path.startsWith(`${folder}/`)).map(({ path }) => path.split("/"));
  const names = inner.filter((parts) => parts.length > 2).map(([, name = ""]) => `${folder}/${name}`);
  // A folder beside a program of its name, or of any program, is what belongs to it.
  const hasPrograms = entries.some(({ path, type }) => type !== "directory" && /^extensions\/[^/]+$/.test(path));
  return hasPrograms ? [] : [...new Set(names)];
}

function leadsNowhere(patient: Patient, path: string, target: string): boolean {
  const root = patient.kind === "layer" ? "/opt/" : "/var/task/";
  // What lies elsewhere in the image is not known here.
  if (target.startsWith("/") && !target.startsWith(root))
    return target.startsWith("/opt/") || target.startsWith("/var/task/");
  const place = target.startsWith(root)
    ? posix.normalize(target.slice(root.length))
    : posix.normalize(posix.join(posix.dirname(path), target));
  const isThere = patient.entries.some((entry) => entry.path === place || entry.path.startsWith(`${place}/`));
  return !isThere && place !== ".";
}

function isReadable(type: "file" | "directory", mode: number): boolean {
  return type === "file" ? (mode & 0o004) !== 0 : (mode & 0o005) === 0o005;
}
