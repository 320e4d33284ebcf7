/** Each mistake on a command line: one sentence, and whose it is as an exit code. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import type { Command } from "../../src/cli/command.ts";
import { command as build } from "../../src/cli/commands/build.ts";
import { command as dev } from "../../src/cli/commands/dev.ts";
import { command as doctor } from "../../src/cli/commands/doctor.ts";
import { command as faults } from "../../src/cli/commands/faults.ts";
import { command as invoke } from "../../src/cli/commands/invoke.ts";
import { command as rie } from "../../src/cli/commands/rie.ts";
import { type Failure, failureOf } from "../../src/cli/failure.ts";
import { suite } from "../helpers/suite.ts";
import { craftedZip } from "../platform/archive-crafted.ts";

const test = suite("bootlace");

const folder = mkdtempSync(join(tmpdir(), "bad-input-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);
function put(name: string, content: string | Buffer, mode = 0o644): string {
  mkdirSync(join(at(name), ".."), { recursive: true });
  writeFileSync(at(name), content, { mode });
  return at(name);
}

put("good/bootstrap", "#!/bin/sh\nexit 1\n", 0o755);
put("mode/bootstrap", "#!/bin/sh\n");
put("format/bootstrap", "echo\n", 0o755);
const other = Buffer.from("7f454c4602010100000000000000000002000000", "hex");
other.writeUInt16LE(process.arch === "x64" ? 183 : 62, 18);
put("arch/bootstrap", other, 0o755);
put("broken.json", "{a");
put("empty.json", "{}");
put("latin1.json", Buffer.from([0x22, 0xe4, 0x22]));
put("huge.json", Buffer.alloc(6_291_457, "1"));
put("text.zip", "no zip");
put(
  "climbs.zip",
  craftedZip([
    { name: "bootstrap", content: "x" },
    { name: "../outside", content: "x" },
  ]),
);

const good = at("good");
const mistakes: readonly (readonly [string, Command, readonly string[], RegExp])[] = [
  ["no function", invoke, [], /^Name the function's folder or zip, such as examples\/hello\.$/],
  ["two functions", invoke, [good, good], /^Name one function, not 2\.$/],
  ["a function that is not there", invoke, [at("nowhere")], /^The function ".*nowhere" does not exist\.$/],
  ["a layer that is not there", invoke, [good, "--layer", at("none")], /^The layer ".*none" does not exist\.$/],
  [
    "six layers",
    invoke,
    [good, ...Array(6).fill(["--layer", good]).flat()],
    /^A function has at most 5 layers, and "--layer" names 6\.$/,
  ],
  [
    "five layers beside ours",
    invoke,
    [folder, ...Array(5).fill(["--layer", folder]).flat()],
    /^A function has at most 5 layers, ours that it runs on among them, and "--layer" names 5\.$/,
  ],
  [
    "an unknown option",
    invoke,
    [good, "--wat"],
    /^Unknown option '--wat': "bootlace invoke --help" lists the options\.$/,
  ],
  ["an option without its value", invoke, [good, "--memory"], /^Option '--memory <value>' argument missing: "bootlace/],
  [
    "memory in words",
    invoke,
    [good, "--memory", "much"],
    /^Option "--memory" takes a whole number from 128 to 10240, not "much"\.$/,
  ],
  [
    "too much memory",
    invoke,
    [good, "--memory", "10241"],
    /^Option "--memory" takes a whole number from 128 to 10240, not/,
  ],
  ["no time", invoke, [good, "--timeout", "0"], /^Option "--timeout" takes a whole number from 1 to 900, not "0"\.$/],
  [
    "half a second",
    invoke,
    [good, "--timeout", "0.5"],
    /^Option "--timeout" takes a whole number from 1 to 900, not "0\.5"\.$/,
  ],
  ["a number in another notation", invoke, [good, "--timeout", "1e2"], /^Option "--timeout" takes/],
  [
    "a bad name",
    invoke,
    [good, "--name", "a b"],
    /^Option "--name" takes 1 to 64 letters, digits, hyphens or underscores\.$/,
  ],
  [
    "no handler",
    invoke,
    [good, "--handler", ""],
    /^Option "--handler" takes 1 to 128 characters without blanks, such as index\.handler\.$/,
  ],
  [
    "an option that is misspelt",
    invoke,
    [good, "--memroy", "512"],
    /^Unknown option '--memroy', did you mean "--memory"\? "bootlace invoke --help" lists the options\.$/,
  ],
  [
    "a client context that is no object",
    invoke,
    [good, "--client-context", "[1]"],
    /^Option "--client-context" takes a JSON object such as .*, not "\[1\]"\.$/,
  ],
  [
    "a profile that is none",
    invoke,
    [good, "--profile", "gcp"],
    /^Option "--profile" takes aws, aws-2024, rie, lmi, not "gcp"\.$/,
  ],
  [
    "a log format that is none",
    invoke,
    [good, "--log-format", "xml"],
    /^Option "--log-format" takes Text or JSON, not "xml"\.$/,
  ],
  [
    "a level of a log without levels",
    invoke,
    [good, "--log-level", "warn"],
    /^Option "--log-level" takes a level only when the log format is JSON\.$/,
  ],
  ["an address that is none", rie, ["--runtime-interface-emulator-address", "9000", good], /takes HOST:PORT such as/],
  [
    "a program that is not there",
    rie,
    ["no-such-program"],
    /^There is no program "no-such-program" that can be run\.$/,
  ],
  [
    "a level that is none",
    rie,
    ["--log-level=loud", good],
    /^Option "--log-level" takes trace, .* or panic, not "loud"\.$/,
  ],
  [
    "a debugger without a way to the function",
    dev,
    [good, "--inspect", "--network", "none"],
    /^A debugger reaches the function over this machine's network: leave "--network" out\.$/,
  ],
  ["CORS without a URL", dev, [good, "--cors", "{}"], /^Option "--cors" is about the URL: add "--url"\.$/],
  ["CORS that is no JSON", dev, [good, "--url", "0", "--cors", "{"], /^Option "--cors" takes JSON such as /],
  [
    "CORS that is none",
    dev,
    [good, "--url", "0", "--cors", '{"MaxAge":-1}'],
    /^The CORS settings are not Lambda's: MaxAge/,
  ],
  ["a fault plan that is not there", invoke, [good, "--faults", at("no")], /^The fault plan ".*no" does not exist\.$/],
  [
    "a fault plan that is not JSON",
    invoke,
    [good, "--faults", at("broken.json")],
    /^The fault plan ".*broken\.json" is not JSON: /,
  ],
  ["a fault plan that is none", faults, [at("empty.json")], /^The fault plan is not usable: faults: .*\.$/],
  [
    "a seed out of range",
    faults,
    ["hostile", "--seed", "x"],
    /^Option "--seed" takes a whole number from 0 to 4294967295/,
  ],
  ["no fault plan", faults, [], /^Name one fault plan: a file, or "hostile" for the one that we bring along\.$/],
  ["a variable without a value", invoke, [good, "--env", "X"], /^Option "--env" takes NAME=VALUE, not "X"\.$/],
  [
    "a variable with a bad name",
    invoke,
    [good, "--env", "1X=2"],
    /^Option "--env" or "--variables" takes names of a letter and then one or more .*, unlike "1X"\.$/,
  ],
  [
    "a variable that Lambda keeps for itself",
    invoke,
    [good, "--env", "AWS_REGION=x"],
    /^Option "--env" or "--variables" takes names that Lambda does not keep for itself, as it does "AWS_REGION"\.$/,
  ],
  ["a tenant without a letter", invoke, [good, "--tenant", ""], /^Option "--tenant" takes 1 to 256 .*, not ""\.$/],
  ["a seed of no plan", invoke, [good, "--seed", "1"], /^Option "--seed" is about a fault plan: add "--faults"\.$/],
  [
    "a URL of a function with tenants",
    dev,
    [good, "--url", "0", "--isolate-tenants"],
    /^Options "--url" and "--isolate-tenants" do not go together: /,
  ],
  [
    "variables that are not there",
    invoke,
    [good, "--variables", at("no.env")],
    /^The variables file ".*no\.env" does not exist\.$/,
  ],
  [
    "variables in Node's own way, which would read NODE_OPTIONS of them",
    invoke,
    [good, "--env-file", at("my.env")],
    /^Name the file of variables with "--variables": "--env-file" is an option of Node, /,
  ],
  ["an event that is not there", invoke, [good, "-e", at("no.json")], /^The event file ".*no\.json" does not exist\.$/],
  ["a folder as an event", invoke, [good, "-e", good], /^The event file ".*good" is a folder: name a file\.$/],
  [
    "an event that is not JSON",
    invoke,
    [good, "-e", at("broken.json")],
    /^The event in ".*broken\.json" is not JSON: Expected property name/,
  ],
  [
    "an event that is not UTF-8",
    invoke,
    [good, "-e", at("latin1.json")],
    /^The event in ".*latin1\.json" is not JSON: /,
  ],
  [
    "an event over the limit",
    invoke,
    [good, "-e", at("huge.json")],
    /^The event file has 6291457 bytes, and Lambda takes at most 6291456: /,
  ],
  ["a file that is no zip", invoke, [at("text.zip")], /text\.zip": it is damaged or no zip, pack it again/],
  [
    "a zip that climbs out",
    invoke,
    [at("climbs.zip")],
    /climbs\.zip.*"\.\.\/outside" climbs out with \.\.: pack it again/,
  ],
  [
    "a bootstrap without its mode",
    invoke,
    [at("mode")],
    /^The function cannot start: "\/var\/task\/bootstrap" is not executable: give it mode 0755/,
  ],
  [
    "a bootstrap of another format",
    invoke,
    [at("format")],
    /^The function cannot start: .* is neither a Linux executable nor a script/,
  ],
  [
    "a bootstrap for another processor",
    invoke,
    [at("arch")],
    /^The function cannot start: .* is built for (arm64|x86_64), but this machine is/,
  ],
  ["the same for dev", dev, [at("mode"), "--port", "0"], /^The function cannot start: /],
  [
    "a port out of range",
    dev,
    [good, "--port", "65536"],
    /^Option "--port" takes a whole number from 0 to 65535, not "65536"\.$/,
  ],
  [
    "a negative concurrency",
    dev,
    [good, "--concurrency=-1"],
    /^Option "--concurrency" takes a whole number from 0 to 1000, not "-1"\.$/,
  ],
  ["nothing to look at", doctor, [], /^Name one function, layer or bootstrap, such as function\.zip; layers beside/],
  ["a patient that is not there", doctor, [at("none.zip")], /^There is no ".*none\.zip"\.$/],
  [
    "an unknown kind of package",
    doctor,
    [good, "--as", "image"],
    /^Option "--as" takes function or layer, not "image"\.$/,
  ],
  ["an unknown runtime", doctor, [good, "--runtime", "java"], /^Option "--runtime" takes provided or managed, not/],
  [
    "nothing to build",
    build,
    [],
    /^Say what to build: function, runtime or extension: "bootlace build --help" shows how\.$/,
  ],
  [
    "a function to build that is not there",
    build,
    ["function", at("none")],
    /^The function ".*none" does not exist\.$/,
  ],
  [
    "a folder to build that holds no function",
    build,
    ["function", good, "--out", at("f.zip")],
    /^Cannot find the function in ".*good": add an index\.ts, index\.mjs or index\.js/,
  ],
  [
    "a handler of another file",
    build,
    ["function", good, "--handler", "app.handler"],
    /^Option "--handler" takes index\.EXPORT, since what is built is named index: not "app\.handler"\.$/,
  ],
  ["an unknown format", build, ["function", good, "--format", "amd"], /^Option "--format" takes source, esm or cjs/],
  ["an unknown architecture", build, ["function", good, "--arch", "arm"], /^Option "--arch" takes x86_64 or arm64/],
  [
    "a sample event that is not there",
    build,
    ["function", good, "--event", at("no.json")],
    /^The event file ".*no\.json" does not exist\.$/,
  ],
  [
    "an unknown invoke mode",
    dev,
    [good, "--invoke-mode", "STREAM"],
    /^Option "--invoke-mode" takes BUFFERED or RESPONSE_STREAM, not "STREAM"\.$/,
  ],
];
for (const [what, command, args, expected] of mistakes) {
  test(`${command.name} refuses ${what} in one sentence, with exit code 2`, async () => {
    const { exitCode, message } = await failureIn(command, args);
    assert.match(message, expected);
    assert.is(exitCode, 2);
    assert.is(message.includes("\n"), false);
  });
}

const ports: readonly (readonly [string, Command, (port: string) => readonly string[]])[] = [
  ["port", dev, (port) => [good, "--port", port]],
  ["url", dev, (port) => [good, "--port", "0", "--url", port]],
  [
    "runtime-interface-emulator-address",
    rie,
    (port) => ["--runtime-interface-emulator-address", `127.0.0.1:${port}`, "./bootstrap"],
  ],
];
for (const [option, command, args] of ports)
  test(`${command.name} names a port that is taken, and "--${option}" as what to do about it`, async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const { exitCode, message } = await failureIn(command, args(String(port)));
    server.close();
    assert.is(message, `Port ${port} is taken on 127.0.0.1: name another with "--${option}", or 0 for a free one.`);
    assert.is(exitCode, 2);
  });

test("a bug of ours is called one, with where it happened", () => {
  const { exitCode, message } = failureOf(new Error("Broken invariant: x"));
  assert.is(exitCode, 70);
  assert.match(message, /^This is a bug of Bootlace, please report it: Error: Broken invariant: x\n {4}at /);
});

test("mistakes leave nothing behind", () => {
  assert.equal(
    readdirSync(folder).filter((name) => name.startsWith("bootlace-")),
    [],
  );
});

async function failureIn(command: Command, args: readonly string[]): Promise<Failure> {
  const { TMPDIR } = process.env;
  process.env.TMPDIR = folder;
  try {
    const exitCode = await command.run(args, new AbortController().signal);
    return { exitCode, message: "" };
  } catch (error) {
    return failureOf(error);
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
}

test.run();
