/** An environment whose runtime somebody looks at with a debugger. */
import * as assert from "uvu/assert";
import { emulate } from "../../src/emulator/emulate.ts";
import { rejects, suite } from "../helpers/suite.ts";
import { inProcess } from "./in-process-runtime.ts";

const test = suite("debugging:");

test("the runtime listens for the debugger, nothing times out, and nothing is frozen", async () => {
  const heard: string[] = [];
  await using lambda = await emulate({
    task: import.meta.dirname,
    timeoutMs: 1_000,
    environment: { NODE_OPTIONS: "--enable-source-maps" },
    debugging: { address: "127.0.0.1:9229", waits: true },
    supervise: (events) => {
      const supervisor = inProcess(({ event }) => event)(events);
      const start = supervisor.start.bind(supervisor);
      supervisor.start = (spec) => {
        heard.push(spec.env.NODE_OPTIONS ?? "");
        start(spec);
      };
      supervisor.freeze = () => heard.push("freeze");
      return supervisor;
    },
  });
  await (await lambda.invoke({})).logTail;
  assert.equal(heard, ["--enable-source-maps --inspect-brk=127.0.0.1:9229"]);
  const [environment] = await lambda.environments();
  assert.is(environment?.state.settings.timeoutMs, 86_400_000);
  assert.is(environment?.state.settings.initTimeoutMs, 86_400_000);
});

for (const network of ["none", "nat"] as const) {
  test(`does not go with the network "${network}", which is said before anything is made`, async () => {
    const debugging = { address: "127.0.0.1:9229", waits: false };
    await rejects(
      emulate({ task: import.meta.dirname, network, debugging }),
      new RegExp(`^Cannot debug in the network "${network}", which no debugger reaches: use "host"$`),
    );
  });
}

test.run();
