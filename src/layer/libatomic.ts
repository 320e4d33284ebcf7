import { elfNeeds } from "../platform/elf-needs.ts";
import { compiled } from "./compiler.ts";
import type { Architecture } from "./engine.ts";

/** The name under which the loader looks for it. */
export const libatomicName = "libatomic.so.1";

const versions = "LIBATOMIC_1.0 { global: __atomic_compare_exchange; local: *; };\n";

const flags = [
  ...["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror"],
  ...["-ffreestanding", "-fPIC", "-fno-asynchronous-unwind-tables", "-fno-ident", "-shared", "-nostdlib", "-s"],
  ...[
    "-Wl,--build-id=none",
    "-Wl,-z,noseparate-code",
    `-Wl,-soname,${libatomicName}`,
    "-Wl,--version-script=versions.map",
  ],
];

/** Of arm64 alone: without it the compiler calls functions of a library that this one does without. */
const archFlags: Readonly<Record<Architecture, readonly string[]>> = {
  x86_64: [],
  arm64: ["-mno-outline-atomics"],
};

/** Whether an engine has to have the library to start. Node 26 has, Node 24 has not. */
export function needsLibatomic(engine: Buffer): boolean {
  return elfNeeds(engine).libraries.includes(libatomicName);
}

/** A library with the one function of libatomic that an engine calls, for a machine that has not the real one. */
export function compileLibatomic(options: {
  readonly arch: Architecture;
  readonly cacheDirectory: string;
}): Promise<Buffer> {
  return compiled({
    ...options,
    source: "native/libatomic.c",
    flags: [...flags, ...archFlags[options.arch]],
    headers: { "versions.map": versions },
  });
}
