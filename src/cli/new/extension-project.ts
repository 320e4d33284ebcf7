import { gitignore, manifestOf, type Project } from "./project.ts";

/** An extension that collects the telemetry of any function, to be changed into one that passes it on somewhere. */
export function extensionProject(name: string, dependency: string): Project {
  const scripts = {
    start: `npm run build && bootlace invoke function --layer dist/${name}.zip --event event.json`,
    test: `npm run build && bootlace conformance run extension --layer dist/${name}.zip --declare telemetry --level may`,
    build: `bootlace build extension extension.ts --name ${name}`,
    "build:standalone": `bootlace build extension extension.ts --name ${name} --standalone --arch all`,
  };
  return {
    files: {
      "package.json": manifestOf({ name, dependency, scripts }),
      ".gitignore": gitignore,
      "extension.ts": extension(name),
      "function/index.mjs": handler,
      "event.json": '{ "name": "Ada" }\n',
      "README.md": readme(name),
    },
    next: ["npm start", "npm test", "npm run build:standalone"],
    nextWithoutNpm: [
      `build extension extension.ts --name ${name}`,
      `invoke function --layer dist/${name}.zip --event event.json`,
      `conformance run extension --layer dist/${name}.zip --declare telemetry --level may`,
    ],
  };
}

const extension = (name: string) => `import { InvocationLedger, telemetryExtension } from "bootlace/extension";

const invocations = new InvocationLedger();

/** Prints one line for each invocation. A real one would send the records somewhere. */
export const extension = telemetryExtension({
  types: ["platform", "function"],
  flush: "invocation",
  async deliver({ records }) {
    for (const record of records) {
      const complete = invocations.add(record);
      if (complete?.report === undefined) continue;
      const { durationMs, maxMemoryUsedMB } = complete.report.record.metrics;
      console.log(\`[${name}] \${complete.requestId}: \${durationMs} ms, \${maxMemoryUsedMB} MB, \${complete.lines.length} lines\`);
    }
  },
});
`;

const handler = `export const handler = async ({ name }) => {
  console.log(\`greeting \${name}\`);
  return { message: \`Hello, \${name}!\` };
};
`;

const readme = (name: string) => `# ${name}

An extension for AWS Lambda that hears what happens to its function.

| command | what it does |
|---|---|
| \`npm start\` | builds the layer and runs function/index.mjs with it, in an execution environment on this machine |
| \`npm test\` | the verdict of the conformance suite |
| \`npm run build\` | dist/${name}.zip: a few kilobytes that run on the Node of the Bootlace runtime layer |
| \`npm run build:standalone\` | dist/${name}-ARCH.zip: layers with a Node of their own, beside functions in any language |
`;
