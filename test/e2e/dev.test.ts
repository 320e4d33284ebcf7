/** "bootlace dev" while its function is edited and debugged. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { RunningCommand } from "./running-command.ts";

const test = suite("bootlace dev");
const long = { timeoutMs: 60_000 };

const home = mkdtempSync(join(tmpdir(), "dev-"));
const temporary = join(home, "tmp");
const code = join(home, "code");
for (const path of [temporary, code]) mkdirSync(path);
test.after(() => rmSync(home, { recursive: true, force: true }));

const source = (text: string) =>
  writeFileSync(join(code, "index.ts"), `const text: string = ${text};\nexport const handler = async () => text;\n`);

test(
  "takes each change over, keeps the version before one that does not build, and leaves nothing behind",
  async () => {
    source('"one"');
    const dev = new RunningCommand(["dev", code, "--port", "0", "--json"], { home, temporary });
    try {
      const { url } = await ready(dev);
      assert.is(await invoked(url), '"one"');
      source('"two"');
      await dev.wrote('"type":"reloaded"');
      assert.is(await invoked(url), '"two"');
      source("");
      await dev.wrote('"type":"reload-failed"');
      assert.match(dev.stdout, `"files":["${join(code, "index.ts")}"],"message":"Cannot bundle`);
      assert.is(await invoked(url), '"two"');
    } finally {
      dev.interrupt();
    }
    assert.is((await dev.ended()).code, 130);
    assert.equal(readdirSync(temporary), []);
  },
  long,
);

test(
  "takes over what changes in a layer, in the variables and in sources from elsewhere, and leaves nothing of what is being made at the end",
  async () => {
    const [shared, layer] = [join(home, "shared"), join(home, "layer")];
    for (const path of [shared, layer, join(layer, "lib")]) mkdirSync(path);
    const parts = [join(shared, "word.ts"), join(home, "variables"), join(layer, "lib/word")] as const;
    const write = {
      shared: (text: string) => writeFileSync(parts[0], `export const word = "${text}";\n`),
      variables: (text: string) => writeFileSync(parts[1], `COLOUR=${text}\n`),
      layer: (text: string) => writeFileSync(parts[2], text),
    };
    writeFileSync(join(code, "index.ts"), wordy);
    for (const each of Object.values(write)) each("one");
    const args = ["dev", code, "--port", "0", "--json", "--layer", layer, "--variables", parts[1]];
    const dev = new RunningCommand(args, { home, temporary });
    try {
      const { url, announced } = await ready(dev);
      assert.equal(announced.watched.paths, [code, layer, parts[1]]);
      assert.is(await invoked(url), '"one one one"');
      const expected = ["one", "one", "one"];
      for (const [index, change] of [write.shared, write.variables, write.layer].entries()) {
        change("two");
        await dev.wrote(`"type":"reloaded","files":["${parts[index]}"]`);
        expected[index] = "two";
        assert.is(await invoked(url), `"${expected.join(" ")}"`);
      }
      write.shared("three");
    } finally {
      dev.interrupt();
    }
    assert.is((await dev.ended()).code, 130);
    assert.equal(readdirSync(temporary), []);
  },
  long,
);

/** The last of the folders for libraries is the layer's own, wherever that lies. */
const wordy = `
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { word } from "../shared/word.ts";
const folder = process.env.LD_LIBRARY_PATH?.split(":").at(-1) ?? "";
export const handler = async () => [word, process.env.COLOUR, readFileSync(join(folder, "word"), "utf8")].join(" ");
`;

test(
  "lets a debugger attach, and waits for it",
  async () => {
    source('"debugged"');
    const port = await freePort();
    const args = ["dev", code, "--port", "0", "--json", `--inspect-brk=${port}`, "--timeout", "1"];
    const dev = new RunningCommand(args, { home, temporary });
    try {
      const { url, announced } = await ready(dev);
      assert.is(announced.debugger, `127.0.0.1:${port}`);
      const answer = invoked(url);
      await dev.wrote("Debugger listening on ws://");
      const [, socket = ""] = /(ws:\/\/[\d.]+:\d+\/[\w-]+)/.exec(dev.stdout) ?? [];
      const debug = new WebSocket(socket);
      await new Promise((resolve) => debug.addEventListener("open", resolve));
      debug.send('{"id":1,"method":"Runtime.runIfWaitingForDebugger"}');
      assert.is(await answer, '"debugged"');
      debug.close();
    } finally {
      dev.interrupt();
    }
    assert.is((await dev.ended()).code, 130);
  },
  long,
);

test(
  "has a stand-in for the official emulator, with its command line and its variables",
  async () => {
    const program = join(code, "runtime.mjs");
    writeFileSync(program, runtime);
    const port = await freePort();
    const args = [
      "rie",
      "--runtime-interface-emulator-address",
      `127.0.0.1:${port}`,
      process.execPath,
      program,
      "app.main",
    ];
    const variables = { COLOUR: "blue", AWS_LAMBDA_FUNCTION_TIMEOUT: "1" };
    const emulator = new RunningCommand(args, { home, temporary, variables });
    const url = `http://127.0.0.1:${port}/2015-03-31/functions/function/invocations`;
    try {
      await emulator.wrote(`curl -d '{}' ${url}`);
      assert.is(await invoked(url), `"app.main blue ${home}"`);
      assert.is(await invoked(url, '"hang"'), "Task timed out after 1.00 seconds");
      assert.is(await invoked(url), `"app.main blue ${home}"`);
    } finally {
      emulator.interrupt();
    }
    assert.is((await emulator.ended()).code, 130);
    assert.equal(readdirSync(temporary), []);
  },
  long,
);

const runtime = `
const api = "http://" + process.env.AWS_LAMBDA_RUNTIME_API + "/2018-06-01/runtime/invocation/";
while (true) {
  const next = await fetch(api + "next");
  const id = next.headers.get("lambda-runtime-aws-request-id");
  if ((await next.text()) === '"hang"') continue;
  const body = JSON.stringify([process.env._HANDLER, process.env.COLOUR, process.cwd()].join(" "));
  await fetch(api + id + "/response", { method: "POST", body });
}`;

async function ready(dev: RunningCommand) {
  await dev.wrote('"type":"ready"');
  await dev.wrote("\n");
  const announced = JSON.parse(dev.stdout.split("\n")[0] ?? "");
  assert.match(
    announced.curl,
    /^curl -d '\{\}' http:\/\/127\.0\.0\.1:\d+\/2015-03-31\/functions\/function\/invocations$/,
  );
  return { announced, url: `http://${announced.address}/2015-03-31/functions/function/invocations` };
}

async function invoked(url: string, body = "{}"): Promise<string> {
  return (await fetch(url, { method: "POST", body })).text();
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("A TCP server that listens has a port");
  return address.port;
}

test.run();
