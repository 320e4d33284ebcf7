import { readFile, readlink, stat } from "node:fs/promises";
import { release } from "node:os";

/**
 * Tells what nobody outside AWS knows of a cold start: what the disk under the layer is, how far the kernel reads ahead,
 * what the start has read and waited for. Invoke it on new environments, with a layer as released and with one that was
 * built with `--shape single`, and compare. Everything it reads is in /proc and /sys.
 */
export async function handler() {
  const first = environments === 0;
  environments += 1;
  return {
    first,
    initialised: atLoad,
    uptimeMs: Math.round(process.uptime() * 1_000),
    node: process.version,
    architecture: process.arch,
    kernel: release(),
    cpu: await match("/proc/cpuinfo", /^(?:model name|CPU part)\s*: (.*)$/m),
    memoryMb: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    initialisation: process.env.AWS_LAMBDA_INITIALIZATION_TYPE,
    engine: await readlink("/proc/self/exe"),
    libraries: await librariesInUse(),
    mounts: (await text("/proc/mounts"))?.split("\n").filter((line) => / (\/|\/opt|\/var\/task|\/tmp) /.test(line)),
    opt: await diskOf("/opt/bootstrap"),
    task: await diskOf(process.env.LAMBDA_TASK_ROOT ?? "/var/task"),
  };
}

let environments = 0;

/** At the end of Init, before the first invocation could read anything more. */
const atLoad = await costs();

/** Page faults that waited for a disk, and bytes that were read for this process. https://docs.kernel.org/filesystems/proc.html */
async function costs() {
  const fields = (await text("/proc/self/stat"))?.split(") ").at(-1)?.split(" ") ?? [];
  return {
    majorFaults: Number(fields[9]),
    minorFaults: Number(fields[7]),
    readBytes: Number(await match("/proc/self/io", /^read_bytes: (\d+)$/m)),
    requestedBytes: Number(await match("/proc/self/io", /^rchar: (\d+)$/m)),
    residentKb: Number(await match("/proc/self/status", /^VmRSS:\s+(\d+)/m)),
    fileKb: Number(await match("/proc/self/status", /^RssFile:\s+(\d+)/m)),
    sinceBootMs: Math.round(Number((await text("/proc/uptime"))?.split(" ")[0]) * 1_000),
    pagesReadByMachineKb: Number(await match("/proc/vmstat", /^pgpgin (\d+)$/m)),
  };
}

/** The device under a file, and what the kernel does with it. */
async function diskOf(path: string) {
  const { dev } = await stat(path);
  const device = `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`;
  const queue = async (name: string) =>
    (await text(`/sys/dev/block/${device}/queue/${name}`)) ?? (await text(`/sys/dev/block/${device}/../queue/${name}`));
  return {
    device,
    readAheadKb:
      (await queue("read_ahead_kb"))?.trim() ?? (await text(`/sys/class/bdi/${device}/read_ahead_kb`))?.trim(),
    scheduler: (await queue("scheduler"))?.trim(),
    requests: (await queue("nr_requests"))?.trim(),
    rotational: (await queue("rotational"))?.trim(),
  };
}

/** Which of the image's libraries the engine found: docs/RUNTIME.md says which of them no source promises. */
async function librariesInUse() {
  const lines = (await text("/proc/self/maps"))?.match(/\S+\.so(\.\d+)*$/gm) ?? [];
  return [...new Set(lines)];
}

async function match(file: string, pattern: RegExp): Promise<string | undefined> {
  return pattern.exec((await text(file)) ?? "")?.[1];
}

/** Undefined where the environment does not show it, which is an answer too. */
async function text(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}
