/** The commands as processes of their own: output, exit codes, and what is left when they are stopped at any point. */
import { once } from "node:events";
import { globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { suite } from "../helpers/suite.ts";
import { type Ran, RunningCommand } from "./running-command.ts";

const test = suite("the command bootlace");

const home = mkdtempSync(join(tmpdir(), "commands-"));
const temporary = join(home, "tmp");
const code = join(home, "code");
mkdirSync(temporary);
mkdirSync(code);
writeFileSync(
  join(code, "index.mjs"),
  `import { existsSync } from "node:fs";
console.log("loaded");
export const echo = async (event) => { console.log("called"); return event; };
export const hang = () => { console.log("called"); return new Promise(() => setInterval(() => {}, 1000)); };
export const colour = async () => process.env.COLOUR;
export const streams = awslambda.streamifyResponse(async (event, stream) => {
  stream.write("first ");
  while (!existsSync(process.env.LAMBDA_TASK_ROOT + "/go")) await new Promise((resolve) => setTimeout(resolve, 10));
  stream.end("second");
});
export const nothing = async () => null;
export const fails = async () => { throw new TypeError("mine"); };
export const slow = await new Promise((resolve) => process.env.SLOW ? setTimeout(resolve, 60_000) : resolve());`,
);
test.after(() => rmSync(home, { recursive: true, force: true }));

function run(args: readonly string[], input = ""): Promise<Ran> {
  return started(args, input).ended();
}

function started(args: readonly string[], input?: string): RunningCommand {
  return new RunningCommand(args, { home, temporary, input });
}

const long = { timeoutMs: 60_000 };
const invoke = (handler: string, ...rest: readonly string[]) => [
  "invoke",
  code,
  "--handler",
  `index.${handler}`,
  ...rest,
];

test(
  "prints the response on standard output and the log on standard error",
  async () => {
    const ran = await run(invoke("echo", "-e", "-"), '{"a":"ä"}');
    assert.equal([ran.code, ran.stdout], [0, '{"a":"ä"}\n']);
    assert.match(ran.stderr, /^Network: this machine's\. /);
    assert.match(ran.stderr, /\nloaded\n|\tloaded\n/);
    assert.match(ran.stderr, /\nEND RequestId: /);
    nothingLeft();
  },
  long,
);

test(
  "loses nothing of a response of six megabytes",
  async () => {
    const event = `"${"a".repeat(6_000_000)}"`;
    const ran = await run(invoke("echo", "-e", "-"), event);
    assert.is(ran.stdout.length, 6_000_003);
  },
  long,
);

test(
  "prints a response that is streamed as it comes",
  async () => {
    const go = join(code, "go");
    const running = started(invoke("streams", "--timeout", "20"), "");
    await running.wrote("first");
    writeFileSync(go, "");
    const ran = await running.ended();
    rmSync(go);
    assert.equal([ran.code, ran.stdout], [0, "first second\n"]);
    nothingLeft();
  },
  long,
);

test(
  "takes variables from a file, and shows which faults fired",
  async () => {
    writeFileSync(join(home, "my.env"), 'COLOUR="blue"\n');
    const plan = join(home, "plan.json");
    writeFileSync(plan, '{"faults":[{"type":"split","answer":{"call":"next","nth":1},"bytes":9}]}');
    const journal = join(home, "a.journal");
    const args = ["--variables", "my.env", "--faults", plan, "--journal", journal];
    const ran = await run(invoke("colour", ...args));
    assert.is(ran.stdout, '"blue"\n');
    assert.match(
      ran.stderr,
      /^FAULT 1 \(split\) in the answer to GET \/2018-06-01\/runtime\/invocation\/next, number 1$/m,
    );
    assert.match((await run(["replay", journal])).stdout, / wire +FAULT 1 \(split\)/);
  },
  long,
);

test(
  "has a null as null in its document",
  async () => {
    const ran = await run(invoke("nothing", "--json"));
    const { response, network } = JSON.parse(ran.stdout);
    assert.equal([response, network, ran.stderr], [null, "host", ""]);
  },
  long,
);

test(
  "ends with 1 where the function failed, with 2 where its handler is not there",
  async () => {
    const failed = await run(invoke("fails"));
    assert.equal([failed.code, JSON.parse(failed.stdout).errorType], [1, "TypeError"]);
    for (const handler of [
      ["--handler", "index.absent"],
      ["--handler", "absent.handler"],
      ["--handler", "index"],
    ]) {
      const absent = await run(["invoke", code, ...handler]);
      assert.is(absent.code, 2);
      assert.match(
        absent.stderr.trim().split("\n").at(-1) ?? "",
        /^bootlace: The function has no handler ".*name another with "--handler"\.$/,
      );
    }
    nothingLeft();
  },
  long,
);

test(
  "ends with 2 and one sentence for what it does not know",
  async () => {
    for (const args of [["wat"], ["invoke"], ["dev", "--port", "x", code]]) {
      const ran = await run(args);
      assert.equal([ran.code, ran.stdout, ran.stderr.split("\n").length], [2, "", 2]);
      assert.match(ran.stderr, /^bootlace: [A-Z].*\.\n$/);
    }
  },
  long,
);

const moments = [
  ["while it waits for its event", invoke("echo", "-e", "-"), undefined],
  ["in the Init phase", [...invoke("slow", "--timeout", "60"), "--env", "SLOW=1"], "loaded"],
  ["in the Invoke phase", invoke("hang", "--timeout", "60"), "called"],
  ["while dev serves", ["dev", code, "--port", "0", "--handler", "index.echo"], "Ctrl-C shuts it down"],
  ["while dev serves, by SIGTERM", ["dev", code, "--port", "0"], "Ctrl-C shuts it down"],
] as const;
for (const [when, args, text] of moments) {
  test(
    `stops at Ctrl-C ${when}, twice in a row, and leaves nothing behind`,
    async () => {
      const signal = when.endsWith("SIGTERM") ? "SIGTERM" : "SIGINT";
      for (let times = 0; times < 2; times++) {
        const running = started(args, text === undefined ? undefined : "");
        if (text === undefined) await reads(running);
        else await running.wrote(text);
        running.interrupt(signal);
        const { code: exitCode, stderr, stdout } = await running.ended();
        assert.is(exitCode, signal === "SIGINT" ? 130 : 143);
        assert.not.match(stderr, /bug of Bootlace|bootlace:/);
        assert.not.match(stdout, /Sandbox/);
        nothingLeft();
      }
    },
    long,
  );
}

test(
  "stops at Ctrl-C at any moment of the first run, and leaves nothing behind",
  async () => {
    for (const afterMs of [150, 400, 800, 1_200]) {
      const running = started(["demo"], "");
      await Promise.race([once(running.child, "close"), new Promise((resolve) => setTimeout(resolve, afterMs))]);
      if (running.child.exitCode === null) running.interrupt();
      const { code: exitCode, stderr } = await running.ended();
      assert.ok(exitCode === 130 || exitCode === 0 || exitCode === "SIGINT", `${exitCode} ${stderr}`);
      assert.not.match(stderr, /bug of Bootlace/);
      nothingLeft();
    }
  },
  long,
);

test(
  "runs several times at once",
  async () => {
    const all = await Promise.all([1, 2, 3, 4].map((n) => run(invoke("echo", "-e", "-"), String(n))));
    assert.equal(
      all.map(({ code: exitCode, stdout }) => [exitCode, stdout]),
      [1, 2, 3, 4].map((n) => [0, `${n}\n`]),
    );
    nothingLeft();
  },
  long,
);

test("dev gives the function a URL that streams", async () => {
  writeFileSync(
    join(code, "streams.mjs"),
    `export const handler = awslambda.streamifyResponse(async (event, stream) => {
      const metadata = { statusCode: 201, headers: { "x-path": event.rawPath } };
      const response = awslambda.HttpResponseStream.from(stream, metadata);
      response.write("one ");
      response.end("two");
    });`,
  );
  const running = started(
    ["dev", code, "--port", "0", "--url", "0", "--invoke-mode", "RESPONSE_STREAM", "--handler", "streams.handler"],
    undefined,
  );
  await running.wrote("Ctrl-C");
  const url = /Function URL: (\S+)/.exec(running.stdout)?.[1] ?? "";
  const response = await fetch(`${url}a/b`);
  assert.is(response.status, 201);
  assert.is(response.headers.get("x-path"), "/a/b");
  assert.is(await response.text(), "one two");
  running.child.kill("SIGINT");
  await once(running.child, "close");
});

for (const args of [["demo"], invoke("echo"), ["dev", code, "--port", "0"], ["--help"]]) {
  test(
    `stops quietly when nobody reads what "${args[0]}" prints`,
    async () => {
      const running = started(args, "");
      running.child.stdout?.destroy();
      const { stderr } = await running.ended();
      assert.not.match(stderr, /bug of Bootlace|EPIPE/);
      nothingLeft();
    },
    long,
  );
}

/** Resolves when it has read the beginning of a long event, more than a pipe holds. */
async function reads({ child }: RunningCommand): Promise<void> {
  await new Promise((resolve) => child.stdin?.write(`"${"a".repeat(4_000_000)}`, resolve));
}

function nothingLeft(): void {
  assert.equal(readdirSync(temporary), []);
  assert.equal(processesWith(`TMPDIR=${temporary}`), []);
  assert.equal(processesWith(`HOME=${home}`), []);
}

function processesWith(variable: string): readonly string[] {
  return globSync("/proc/[0-9]*/environ").flatMap((path) => {
    try {
      const has = readFileSync(path, "utf8").split("\0").includes(variable);
      return has ? [readFileSync(path.replace("environ", "cmdline"), "utf8").replaceAll("\0", " ")] : [];
    } catch {
      return [];
    }
  });
}

test.run();
