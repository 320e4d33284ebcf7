#!/usr/bin/env node
/**
 * An `aws` that asks nobody: it holds the arguments against AWS's own model of its API, which the SDK brings, and against the
 * real AWS CLI where there is one (AWS_REAL). It prints an ARN, so that a script can go on.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";

const lambda = createRequire(import.meta.url)("@aws-sdk/client-lambda");

const [service, command = "", ...args] = process.argv.slice(2);
if (service !== "lambda") refuse(`"aws ${service}" is not checked here`);

/** Of the AWS CLI itself, for every command; and the members that its --zip-file stands for. */
const general = ["--query", "--output", "--cli-binary-format", "--region"];
const zipMembers = ["Content", "Code", "ZipFile"];

if (command === "wait") checkWaiter(args[0] ?? "");
else checkCommand(command, args);
askTheRealOne();
console.log("arn:aws:lambda:eu-central-1:123456789012:layer:example:1");

function checkWaiter(name) {
  const waiter = `waitUntil${pascal(name)}`;
  if (!(waiter in lambda)) refuse(`Lambda has no waiter "${name}"`);
}

function checkCommand(name, options) {
  if (!(`${pascal(name)}Command` in lambda)) refuse(`Lambda has no operation "${name}"`);
  // Of a structure's schema the fifth part is its members, of which the first so many are required.
  const [, , , , members, , required = 0] = lambda[`${pascal(name)}Request$`] ?? lambda.InvocationRequest$;
  const given = new Set();
  for (const [option, values] of optionsIn(options)) {
    if (general.includes(option)) continue;
    const member = option === "--zip-file" ? zipMembers.find((one) => members.includes(one)) : pascal(option.slice(2));
    if (!members.includes(member)) refuse(`"${name}" takes no ${option}`);
    given.add(member);
    for (const value of values) checkValue(option, value);
  }
  const absent = members.slice(0, required).filter((member) => !given.has(member));
  if (absent.length > 0) refuse(`"${name}" needs ${absent}`);
}

function checkValue(option, value) {
  const file = /^fileb?:\/\/(.*)/.exec(value)?.[1];
  if (file !== undefined && !existsSync(file)) refuse(`${option} names "${file}", which is not there`);
  const known = { "--runtime": lambda.Runtime, "--compatible-runtimes": lambda.Runtime }[option];
  if (known !== undefined && !Object.values(known).includes(value)) refuse(`Lambda has no runtime "${value}"`);
  const architectures = option === "--architectures" || option === "--compatible-architectures";
  if (architectures && !Object.values(lambda.Architecture).includes(value)) refuse(`no architecture is "${value}"`);
}

function optionsIn(words) {
  const options = new Map();
  let values = [];
  for (const word of words) {
    if (!word.startsWith("--")) values.push(word);
    else {
      values = [];
      options.set(word, values);
    }
  }
  return options;
}

/** It checks its arguments before it connects, and nobody listens there. */
function askTheRealOne() {
  const program = process.env.AWS_REAL;
  if (program === undefined) return;
  // Only its second version knows this one.
  const words = process.argv.slice(2).filter((word) => word !== "--cli-binary-format" && word !== "raw-in-base64-out");
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: "http://127.0.0.1:1",
    AWS_MAX_ATTEMPTS: "1",
    AWS_DEFAULT_REGION: "eu-central-1",
  };
  const secrets = { AWS_ACCESS_KEY_ID: "none", AWS_SECRET_ACCESS_KEY: "none" };
  const { stdout, stderr } = spawnSync(program, words, { env: { ...env, ...secrets }, encoding: "utf8" });
  if (!stderr.includes("Could not connect to the endpoint URL")) refuse(`The AWS CLI says: ${stdout}${stderr}`);
}

function pascal(name) {
  return name.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase());
}

function refuse(why) {
  console.error(`aws: ${why}`);
  process.exit(252);
}
