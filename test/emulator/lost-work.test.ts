/** What is found of a process's sockets, and what need not be looked for again. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import * as assert from "uvu/assert";
import { findLostWork } from "../../src/emulator/supervisor/lost-work.ts";
import { socketsOf } from "../../src/emulator/supervisor/process-table.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("lost work");

/** Connects to each port that it is told. */
const program = `
process.stdin.on("data", (port) => require("node:net").connect(Number(port), "127.0.0.1", () => console.log("connected")));`;

test("is a connection that is opened beside plain sockets, and plain sockets are looked up once", async () => {
  if (process.platform !== "linux") return console.log("skipped: this machine has no /proc");
  const [api, other] = [createServer(), createServer()];
  for (const server of [api, other]) await once(server.listen(0, "127.0.0.1"), "listening");
  const child = spawn(process.execPath, ["-e", program], { stdio: ["pipe", "pipe", "inherit"] });
  try {
    const { pid = 0 } = child;
    const connected = createInterface(child.stdout)[Symbol.asyncIterator]();
    const connect = async (port: number) => {
      child.stdin.write(`${port}\n`);
      assert.is((await connected.next()).value, "connected");
    };
    const facts = { api: `127.0.0.1:${portOf(api.address())}`, known: new Set<string>(), at: 0 };
    const look = (plain: ReadonlySet<string>) => findLostWork([{ pid, owner: "The function" }], { ...facts, plain });
    await connect(portOf(api.address()));
    const first = look(new Set());
    assert.equal(first.connections.size, 0);
    const sockets = socketsOf(pid);
    assert.ok(sockets.length >= 3, "its input, its output, and the connection to the API");
    assert.ok(sockets.every(({ inode }) => first.plain.has(inode)));
    assert.equal(look(first.plain).plain, first.plain);
    await connect(portOf(other.address()));
    const second = look(first.plain);
    assert.is(second.connections.size, 1);
    assert.match(
      second.lost.map(({ text }) => text).join(),
      `The function had a connection to 127.0.0.1:${portOf(other.address())} open`,
    );
    assert.is(look(second.plain).connections.size, 1, "it is found again");
  } finally {
    child.kill("SIGKILL");
    for (const server of [api, other]) server.close();
  }
});

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}

test.run();
