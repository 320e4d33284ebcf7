import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ParityCase } from "./life.ts";

const source = readFileSync(join(import.meta.dirname, "functions/index.mjs"), "utf8");
const names = [...source.matchAll(/^export const (\w+)/gm)].map((match) => match[1] ?? "");

const brokenSyntax = join(import.meta.dirname, "../fixtures/broken-syntax");
const json = { AWS_LAMBDA_LOG_FORMAT: "JSON" };

/** Every function of index.mjs, and what else a function can be or be given. */
export const cases: readonly ParityCase[] = [
  ...names.map((name) => ({ name, handler: `index.${name}` })),
  ...names
    .filter((name) => /^(logs|throws(Error|Own|Cause|Circle|Text|Null|Aggregate)$|crashes|rejectsUnheard)/.test(name))
    .map((name) => ({ name: `${name} in JSON`, handler: `index.${name}`, env: json })),
  { name: "levels in JSON", handler: "index.logs", env: { ...json, AWS_LAMBDA_LOG_LEVEL: "WARN" } },
  { name: "an event of text", handler: "index.echo", event: '"\\u0000 \u00e4"' },
  { name: "an event of null", handler: "index.echo", event: "null" },
  { name: "an event with a prototype", handler: "index.echo", event: '{"__proto__":{"a":1}}' },
  { name: "an event with a large number", handler: "index.echo", event: "12345678901234567890" },
  {
    name: "an event with everything",
    handler: "index.context",
    headers: {
      "Lambda-Runtime-Client-Context": '{"client":{"app_title":"t"},"custom":{"a":"b"}}',
      "Lambda-Runtime-Cognito-Identity": '{"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}',
      "Lambda-Runtime-Aws-Tenant-Id": "tenant",
      "Lambda-Runtime-Invocation-Id": "attempt-1",
    },
  },
  { name: "a module that throws", handler: "broken.handler" },
  { name: "a module that cannot be parsed", handler: "syntax.handler", env: { LAMBDA_TASK_ROOT: brokenSyntax } },
  { name: "a module that imports nowhere", handler: "imports.handler" },
  { name: "a module that is not there", handler: "absent.handler" },
  { name: "an export that is not there", handler: "index.absent" },
  { name: "a handler without an export", handler: "index" },
  { name: "a handler that climbs", handler: "../index.echo" },
  { name: "CommonJS", handler: "common.handler" },
  { name: "a nested export", handler: "common.nested.deep.handler" },
  { name: "an export that is no function", handler: "common.value" },
  { name: "no main module", handler: "common.main" },
  { name: "top-level await", handler: "awaits.handler" },
  {
    name: "an ES module as hooks see it",
    handler: "awaits.handler",
    env: { NODE_OPTIONS: `--import ${join(import.meta.dirname, "functions/hook.mjs")}` },
  },
];
