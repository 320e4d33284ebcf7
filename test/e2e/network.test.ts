/** What a function reaches, and who reaches its API, in each kind of network: limits.md 3.2 rows 10 and 14, and the table of docs/ISOLATION.md. */
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { networkInterfaces } from "node:os";
import * as assert from "uvu/assert";
import { networkLine } from "../../src/emulator/supervisor/enforcement.ts";
import { isolationOfThisMachine } from "../../src/emulator/supervisor/isolation.ts";
import { natProblem } from "../../src/emulator/supervisor/network.ts";
import { type RealFunction, realFunction } from "../emulator/real-function.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("a function in the network");
const isolation = isolationOfThisMachine();
const patient = { timeoutMs: 60_000 };

/** An address of this machine that is not the loopback one; a machine without a network has none. */
const outer = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

interface Reaches {
  /** A service on this machine's loopback address. */
  readonly loopback: "connected" | "refused";
  /** This machine by another of its addresses, where nothing listens: it says no, or there is no way to it. */
  readonly outer: "ECONNREFUSED" | "ENETUNREACH";
  /** Whether this machine, and another environment of the same kind, reach its API. */
  readonly api: "connected" | "refused";
  readonly line: RegExp;
}

const modes: Readonly<Record<"host" | "none" | "nat", Reaches>> = {
  host: { loopback: "connected", outer: "ECONNREFUSED", api: "connected", line: /can reach the environment's API/ },
  none: {
    loopback: "refused",
    outer: "ENETUNREACH",
    api: "refused",
    line: /nothing in it but its API, which nobody else/,
  },
  nat: { loopback: "refused", outer: "ECONNREFUSED", api: "refused", line: /it cannot reach this machine's loopback/ },
};

for (const [network, expected] of Object.entries(modes) as (readonly [keyof typeof modes, Reaches])[]) {
  test(
    `"${network}" reaches what the table says, is reached by whom it says, and is printed so`,
    async () => {
      const problem = problemOf(network);
      if (problem !== undefined) return console.log(`skipped: ${problem}`);
      await using real = await realFunction("attacks", { network });
      await using other = await realFunction("attacks", { network });
      await other.ask("echo", { value: 1 });
      const service = await listening();
      assert.is(await tried(real, "127.0.0.1", portOf(service)), expected.loopback);
      if (outer !== undefined)
        assert.is(await real.ask("reach", { host: outer, port: portOf(service) }), expected.outer);
      service.close();
      const [host, port] = await apiOf(other);
      assert.is(await fromHere(host, port), expected.api, "this machine");
      // By chance another's port may be one's own in a network of one's own.
      if (port !== (await apiOf(real))[1])
        assert.is(await tried(real, host, port), expected.api, "another environment");
      if (network === "nat") assert.is(await tried(real, "10.0.2.2", port), "refused", "the way out is no way in");
      assert.match(networkLine(network), expected.line);
    },
    patient,
  );
}

for (const network of ["none", "nat"] as const) {
  test(
    `"${network}" keeps its API from this machine under a fault plan as well`,
    async () => {
      const problem = problemOf(network);
      if (problem !== undefined) return console.log(`skipped: ${problem}`);
      const before = listenersOfThisProcess();
      const faults = { faults: [{ type: "delay", answer: { event: 1 }, ms: 1 } as const] };
      await using real = await realFunction("attacks", { network, faults });
      assert.is(await real.ask("echo", { value: 1 }), 1);
      assert.equal(listenersOfThisProcess(), before);
      const [host, port] = await apiOf(real);
      assert.is(await fromHere(host, port), "refused");
    },
    patient,
  );
}

/** Ports on which it listens in this machine's network. */
function listenersOfThisProcess(): readonly string[] {
  const own = readdirSync("/proc/self/fd").map((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      return "";
    }
  });
  const rows = readFileSync("/proc/self/net/tcp", "utf8").trim().split("\n").slice(1);
  const listening = rows.map((row) => row.trim().split(/\s+/)).filter(([, , , state]) => state === "0A");
  return listening.filter((row) => own.includes(`socket:[${row[9]}]`)).map(([, address = ""]) => address);
}

function problemOf(network: keyof typeof modes): string | undefined {
  if (network === "host") return undefined;
  if (isolation.kind === "none") return isolation.reason;
  return network === "nat" ? natProblem() : undefined;
}

async function tried(real: RealFunction, host: string, port: number): Promise<"connected" | "refused"> {
  return (await real.ask("reach", { host, port })) === "connected" ? "connected" : "refused";
}

async function apiOf(real: RealFunction): Promise<readonly [host: string, port: number]> {
  if ((await real.emulated.environments()).length === 0) await real.ask("echo", { value: 1 });
  const [host = "", port = ""] = ((await real.emulated.environments())[0]?.api ?? "").split(":");
  return [host, Number(port)];
}

async function listening(): Promise<Server> {
  const server = createServer((socket) => socket.on("error", () => {})).listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function portOf(server: Server): number {
  // as: it listens on TCP
  return (server.address() as AddressInfo).port;
}

function fromHere(host: string, port: number): Promise<"connected" | "refused"> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once("connect", () => resolve("connected")).once("error", () => resolve("refused"));
    socket.once("connect", () => socket.destroy());
  });
}

test.run();
