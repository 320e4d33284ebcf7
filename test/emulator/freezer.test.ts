import { spawn } from "node:child_process";
import { once } from "node:events";
import * as assert from "uvu/assert";
import { Freezer } from "../../src/emulator/supervisor/freezer.ts";
import { suite } from "../helpers/suite.ts";

const test = suite("a freezer");

test("goes on with a child that stops itself when it has been thawed, as nsenter may", async () => {
  const child = spawn("cat", { detached: true, stdio: ["pipe", "ignore", "inherit"] });
  const ended = once(child, "exit");
  const freezer = new Freezer({
    group: undefined,
    now: () => performance.now(),
    processes: () => [],
    groups: () => (child.exitCode === null ? [child] : []),
    api: () => "127.0.0.1:1",
    found: () => assert.unreachable(),
  });
  test.after(() => child.kill("SIGKILL"));
  freezer.freeze();
  await freezer.settled();
  freezer.thaw();
  child.kill("SIGSTOP");
  child.stdin.end();
  assert.equal(await ended, [0, null]);
});

test.run();
