/** A network of an environment's own: who is let in, and whether there is a way out. docs/ISOLATION.md */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect, type Server, type Socket } from "node:net";
import { ownPath, toolAt } from "./isolation.ts";

/**
 * Runs inside: hands a listener to whoever started it, and takes connections from outside, by a socket in the file
 * system, to the port that their first line names.
 */
const doorkeeper = `
const net = require("node:net");
const door = net.createServer({ allowHalfOpen: true }, (outside) => {
  outside.on("error", () => {});
  outside.once("readable", function first() {
    const head = outside.read();
    if (head === null) return outside.destroy();
    const end = head.indexOf(10);
    outside.unshift(head.subarray(end + 1));
    const inside = net.connect({ port: Number(head.subarray(0, end)), host: "127.0.0.1", allowHalfOpen: true });
    for (const [one, other] of [[outside, inside], [inside, outside]]) {
      one.on("close", () => other.destroy()).on("error", () => other.destroy());
      one.pipe(other);
    }
  });
});
const listener = net.createServer();
door.listen(process.argv[1], () => listener.listen(0, "127.0.0.1", () => process.send("listening", listener)));
process.once("message", () => listener.close());
process.once("disconnect", () => process.exit(0));`;

/** Bytes of a socket's path (man 7 unix), and of them what comes behind the folder for temporary files. */
const socketPath = { bytesMax: 107, ownBytes: 40 };

/** Why no door can be made in this folder for temporary files; undefined when one can. */
export function doorProblem(folder: string): string | undefined {
  const bytesMax = socketPath.bytesMax - socketPath.ownBytes;
  return Buffer.byteLength(folder) <= bytesMax
    ? undefined
    : `the folder for temporary files, "${folder}", has a path of more than ${bytesMax} bytes: set TMPDIR to a shorter one`;
}

/** The way into a network of an environment's own. */
export class Door {
  readonly #child: ChildProcess;
  readonly #path: string;
  /** A listener inside a network namespace belongs to that network wherever its connections are taken. */
  readonly listener: Server;

  private constructor(child: ChildProcess, path: string, listener: Server) {
    this.#child = child;
    this.#path = path;
    this.listener = listener;
  }

  /** `entrance` comes before a command that is to run inside; `path` is a socket to be made. */
  static async open(entrance: readonly string[], path: string): Promise<Door> {
    const [command = "", ...args] = [...entrance, process.execPath, "-e", doorkeeper, path];
    const child = spawn(command, args, {
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: { PATH: ownPath },
      detached: true,
    });
    let complaint = "";
    child.stderr?.on("data", (chunk) => (complaint += chunk));
    const listener = await new Promise<Server>((resolve, reject) => {
      child.once("message", (_message, handle) => resolve(handle as Server)); // as: that program sends nothing else.
      const fail = () => reject(new Error(`Cannot listen in the environment's network: ${complaint.trim()}`));
      child.once("error", fail);
      child.once("exit", fail);
    });
    child.send("arrived");
    return new Door(child, path, listener);
  }

  /** A connection to a port of the environment's loopback address. */
  dial(port: number): Socket {
    const socket = connect({ path: this.#path });
    socket.write(`${port}\n`);
    return socket;
  }

  close(): void {
    this.#child.kill("SIGKILL");
  }

  async closed(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
  }
}

/** Where slirp4netns answers questions for the names of hosts. man 1 slirp4netns */
export const natNameServer = "10.0.2.3";

/** Why there is no way out of a network of one's own here; undefined where there is one. */
export function natProblem(): string | undefined {
  if (toolAt("slirp4netns") === undefined) return '"slirp4netns" is not installed';
  return existsSync("/dev/net/tun") ? undefined : "there is no /dev/net/tun";
}

/**
 * A way out of the network of process `pid`: outgoing connections are made by this machine, none comes in, and this
 * machine's loopback address cannot be reached. It closes with its pipe to us.
 */
export async function openNat(pid: number, as: "root" | "user"): Promise<ChildProcess> {
  const user = as === "user" ? [`--userns-path=/proc/${pid}/ns/user`] : [];
  const ends = ["--ready-fd=3", "--exit-fd=4"];
  const args = ["--configure", "--mtu=65520", "--disable-host-loopback", ...user, ...ends, String(pid), "tap0"];
  const child = spawn("slirp4netns", args, {
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
    env: { PATH: ownPath },
    detached: true,
  });
  let complaint = "";
  child.stderr?.on("data", (chunk) => (complaint += chunk));
  await new Promise<void>((resolve, reject) => {
    child.stdio[3]?.once("data", () => resolve());
    child.once("error", reject);
    child.once("exit", () =>
      reject(new Error(`Cannot open a way out of the environment's network: ${complaint.trim()}`)),
    );
  });
  return child;
}
