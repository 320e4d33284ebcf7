import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { type ColdSubject, librariesOf } from "./layers.ts";

/** One start, from the call that starts the process until its first `next` has arrived. */
export interface Start {
  readonly ms: number;
  /** Pages for which the process had to wait until a disk had them. */
  readonly majorFaults: number;
  /** Read from disks by the process, for itself or ahead. */
  readonly readBytes: number;
}

const taskRoot = join(import.meta.dirname, "../functions");

/** Starts a subject once and ends it. Rejects when it ends by itself. */
export async function start(subject: ColdSubject, server: Server): Promise<Start> {
  const connected = once(server, "connection");
  const startedAtMs = performance.now();
  const child = spawn(join(subject.folder, "bootstrap"), [], {
    env: {
      PATH: "/usr/bin:/bin",
      LANG: "en_US.UTF-8",
      TZ: ":UTC",
      LD_LIBRARY_PATH: librariesOf(subject),
      AWS_REGION: "us-east-1",
      AWS_LAMBDA_FUNCTION_NAME: "bench",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1769",
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${portOf(server)}`,
      LAMBDA_TASK_ROOT: taskRoot,
      _HANDLER: "hello.handler",
    },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const ended = once(child, "exit");
  const failed = ended.then(([code]) =>
    Promise.reject(new Error(`"${subject.name}" ended with ${code} before it asked`)),
  );
  try {
    // as: what the server's event carries.
    const [socket] = (await Promise.race([connected, failed])) as [Socket];
    socket.on("error", () => {});
    await Promise.race([once(socket, "data"), failed]);
    const ms = performance.now() - startedAtMs;
    return { ms, ...costs(child.pid) };
  } finally {
    failed.catch(() => {});
    child.kill("SIGKILL");
    await ended;
  }
}

export async function listening(): Promise<Server> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** The launcher and the engine are one process to the kernel. https://docs.kernel.org/filesystems/proc.html */
function costs(pid: number | undefined): Pick<Start, "majorFaults" | "readBytes"> {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const [, ...fields] = stat.slice(stat.lastIndexOf(")")).split(" ");
  const read = /^read_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "latin1"))?.[1];
  return { majorFaults: Number(fields[9]), readBytes: Number(read) };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The server has no port");
  return address.port;
}
