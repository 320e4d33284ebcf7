import { type Architecture, hostArchitecture } from "./engine.ts";

/** Debian's places for the programs and libraries of the other architecture. */
const emulators: Readonly<Record<Architecture, readonly string[]>> = {
  x86_64: ["qemu-x86_64-static", "-L", "/usr/x86_64-linux-gnu"],
  arm64: ["qemu-aarch64-static", "-L", "/usr/aarch64-linux-gnu"],
};

/** What has to precede the command of an engine that is not for this machine: QEMU, where that is installed. */
export function emulatorOf(arch: Architecture): readonly string[] {
  return arch === hostArchitecture ? [] : emulators[arch];
}
