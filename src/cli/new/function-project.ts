import { gitignore, manifestOf, type Project } from "./project.ts";

/** A function in TypeScript, with a test that runs it in an execution environment. */
export function functionProject(name: string, dependency: string): Project {
  const scripts = {
    start: "npm run build && bootlace invoke dist/function.zip --event event.json",
    dev: "bootlace dev .",
    test: "npm run build && node --test",
    build: "bootlace build function . --out dist/function.zip",
  };
  return {
    files: {
      "package.json": manifestOf({ name, dependency, scripts }),
      ".gitignore": gitignore,
      "index.ts": handler,
      "event.json": event,
      "index.test.ts": test,
      "README.md": readme(name),
    },
    next: ["npm start", "npm test", "npm run build"],
    nextWithoutNpm: ["invoke . --event event.json", "dev .", "build function . --out dist/function.zip"],
  };
}

const handler = `import type { Context } from "bootlace";

interface Greeting {
  readonly name?: string;
}

export async function handler({ name = "world" }: Greeting, context: Context) {
  console.log(\`\${context.getRemainingTimeInMillis()} ms left\`);
  return { message: \`Hello, \${name}!\`, requestId: context.awsRequestId };
}
`;

const event = `{ "name": "Ada" }
`;

const test = `import assert from "node:assert/strict";
import { after, test } from "node:test";
import { emulate } from "bootlace/emulator";
import { openLocalLayer } from "bootlace/layer";

const runtime = await openLocalLayer();
after(() => runtime.remove());

test("greets whoever calls", async () => {
  await using lambda = await emulate({ task: "dist/function.zip", layers: [runtime.folder] });
  const result = await lambda.invoke({ name: "Grace" });
  assert.equal(result.functionError, undefined);
  assert.match(JSON.stringify(result.json()), /Hello, Grace!/);
});
`;

const readme = (name: string) => `# ${name}

A function for AWS Lambda, for Node.js on \`provided.al2023\` with the Bootlace layer.

| command | what it does |
|---|---|
| \`npm start\` | builds it and runs it once with event.json, in an execution environment on this machine |
| \`npm run dev\` | keeps it running behind the Invoke API, and takes changes over |
| \`npm test\` | builds it and tests it |
| \`npm run build\` | dist/function.zip, with compiled code that makes it start sooner |
`;
