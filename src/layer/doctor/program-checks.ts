import { posix } from "node:path";
import type { ArchiveEntry } from "../../platform/archive.ts";
import { ElfError, isElf, readElf } from "../../platform/elf.ts";
import type { Architecture } from "../engine.ts";
import { hostNeeds, needInWords } from "../host-needs.ts";
import type { Finding } from "./defect.ts";
import { bufferOf, contentAt, entryAt, isProgram, type Patient } from "./patient.ts";

type File = Extract<ArchiveEntry, { type: "file" }>;

/** Interpreters that the documentation's own examples use in the image. DG/runtimes-walkthrough.html */
const interpreters = ["/bin/sh", "/bin/bash", "/usr/bin/sh", "/usr/bin/bash"];

/** What Lambda would start: the bootstrap, and every file in extensions/ of a layer. */
export function programsOf({ kind, entries }: Patient): readonly string[] {
  const paths = entries.filter(({ type }) => type !== "directory").map(({ path }) => path);
  return paths.filter((path) => path === "bootstrap" || (kind === "layer" && /^extensions\/[^/]+$/.test(path)));
}

/** Whether what is to be started can be. `all` are the packages that lie beside it. */
export function programFindings(
  patient: Patient,
  all: readonly Patient[],
  arch: Architecture | undefined,
): readonly Finding[] {
  return programsOf(patient).flatMap((path) => programFinding(patient, path, all, arch));
}

function programFinding(
  patient: Patient,
  path: string,
  all: readonly Patient[],
  arch: Architecture | undefined,
): readonly Finding[] {
  const found = (defect: Finding["defect"], detail?: string): readonly Finding[] => [
    { defect, in: patient.name, path, ...(detail === undefined ? {} : { detail }) },
  ];
  const entry = entryAt(patient.entries, path);
  const content = contentAt(patient, path);
  // A link that leads nowhere is a finding of its own.
  if (entry === undefined || content === undefined) return [];
  if (entry.type === "file" && (entry.mode & 0o005) !== 0o005)
    return found("not-executable", `its mode is ${octal(entry.mode)}`);
  if (!isProgram(content)) return found("no-program");
  if (isElf(content)) return arch === undefined ? [] : architectureFinding(patient.name, path, content, arch);
  const line = content.toString("latin1", 2, 256).split("\n")[0] ?? "";
  if (line.endsWith("\r")) return found("windows-line-endings");
  const [interpreter = "", ...args] = line.trim().split(/\s+/);
  const wanted = interpreter === "/usr/bin/env" ? (args.find((word) => !word.startsWith("-")) ?? "") : interpreter;
  const isThere = interpreters.includes(wanted) || wanted === "sh" || wanted === "bash" || bringsProgram(all, wanted);
  return isThere ? [] : found("no-interpreter", `it wants "${wanted}"`);
}

/** PATH has /opt/bin, so a layer may bring what `env` looks for. DG/configuration-envvars.html */
function bringsProgram(all: readonly Patient[], wanted: string): boolean {
  return all.some((patient) => {
    const root = patient.kind === "layer" ? "/opt/" : "/var/task/";
    const path = wanted.startsWith(root) ? wanted.slice(root.length) : `bin/${wanted}`;
    return entryAt(patient.entries, path) !== undefined;
  });
}

/** Libraries and addons too: a library of the other architecture is not loaded. */
export function binaryFindings(
  patient: Patient,
  all: readonly Patient[],
  arch: Architecture | undefined,
): readonly Finding[] {
  const files = patient.entries.filter((entry): entry is File => entry.type === "file");
  const binaries = files.filter(({ content }) => isElf(bufferOf(content)));
  const programs = programsOf(patient);
  return [
    ...binaries
      .filter(({ path }) => arch !== undefined && !programs.includes(path))
      .flatMap(({ path, content }) =>
        arch === undefined ? [] : architectureFinding(patient.name, path, bufferOf(content), arch),
      ),
    ...libraryFindings(patient, binaries, all),
    ...files.filter(isTextForLibrary).map(({ path, content }) => ({
      defect: "text-for-a-library" as const,
      in: patient.name,
      path,
      detail: `it reads "${bufferOf(content).toString("latin1")}"`,
    })),
  ];
}

function architectureFinding(name: string, path: string, content: Buffer, arch: Architecture): readonly Finding[] {
  try {
    const { architecture } = readElf(content);
    if (architecture === arch) return [];
    const detail = `it is built for ${architecture ?? "another processor"}, and the function is ${arch}`;
    return [{ defect: "wrong-architecture", in: name, path, detail }];
  } catch (error) {
    if (!(error instanceof ElfError)) throw error;
    return [{ defect: "no-program", in: name, path, detail: error.message }];
  }
}

/** Libraries that any of the packages brings in lib/ are found through LD_LIBRARY_PATH. */
function libraryFindings(patient: Patient, binaries: readonly File[], all: readonly Patient[]): readonly Finding[] {
  const brought = all.flatMap(({ entries }) => entries.filter(({ path }) => path.startsWith("lib/")));
  const names = new Set(brought.map(({ path }) => posix.basename(path)));
  return binaries.flatMap((binary) => {
    const beside = patient.entries.filter(({ path }) => posix.dirname(path) === posix.dirname(binary.path));
    const found = new Set([...names, ...beside.map(({ path }) => posix.basename(path))]);
    return needsOf(binary)
      .filter(({ from, library }) => (from === "nowhere" || from === "unproved") && !found.has(library))
      .map((need) => ({
        defect: need.from === "nowhere" ? ("missing-library" as const) : ("unproved-library" as const),
        in: patient.name,
        path: binary.path,
        detail: `it needs ${needInWords(need)}`,
      }));
  });
}

function needsOf(binary: File) {
  try {
    return hostNeeds([binary]);
  } catch (error) {
    // A damaged program is a finding of its own.
    if (error instanceof ElfError) return [];
    throw error;
  }
}

/** zip without --symlinks follows links; archivers of other systems write the target's name into a file. */
function isTextForLibrary({ path, content }: File): boolean {
  const isLibrary = /\.so(?:\.\d+)*$/.test(path);
  return isLibrary && content.length < 256 && /^[\w./+-]+$/.test(bufferOf(content).toString("latin1"));
}

function octal(mode: number): string {
  return `0${mode.toString(8)}`;
}
