/** A network of an environment's own: who is let in, and whether there is a way out. docs/ISOLATION.md */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import type { Server } from "node:net";
import { ownPath, toolAt } from "./isolation.ts";

/** Listens where it is started and hands the listener to whoever started it, who has to say that it has arrived. */
const listenInside = `
const server = require("node:net").createServer();
server.listen(0, "127.0.0.1", () => process.send("listening", server));
process.once("message", () => process.exit(0));
process.once("disconnect", () => process.exit(0));`;

/**
 * A listener inside a network namespace belongs to that network wherever it is accepted from. `entrance` comes before a
 * command that is to run there.
 */
export async function listenerInside(entrance: readonly string[]): Promise<Server> {
  const [command = "", ...args] = [...entrance, process.execPath, "-e", listenInside];
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe", "ipc"], env: { PATH: ownPath } });
  let complaint = "";
  child.stderr?.on("data", (chunk) => (complaint += chunk));
  const ended = once(child, "exit");
  const listener = await new Promise<Server>((resolve, reject) => {
    child.once("message", (_message, handle) => resolve(handle as Server)); // as: that program sends nothing else.
    const fail = () => reject(new Error(`Cannot listen in the environment's network: ${complaint.trim()}`));
    child.once("error", fail);
    child.once("exit", fail);
  });
  child.send("arrived");
  await ended;
  return listener;
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
