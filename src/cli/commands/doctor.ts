import { existsSync } from "node:fs";
import { defectKinds, type Finding } from "../../layer/doctor/defect.ts";
import { examine } from "../../layer/doctor/examine.ts";
import { type Patient, patientOf } from "../../layer/doctor/patient.ts";
import { type Architecture, architectures } from "../../layer/engine.ts";
import { type Command, parseCommand } from "../command.ts";
import { exitCodes, UsageError } from "../failure.ts";
import { type DescribedOptions, optionsHelp } from "../options-help.ts";

const options = {
  layer: {
    type: "string",
    multiple: true,
    takes: "DIR|ZIP",
    says: "a layer beside it, repeatable, in the order of the configuration",
  },
  as: { type: "string", takes: "KIND", says: "function or layer", normally: "what it looks like" },
  arch: {
    type: "string",
    takes: "ARCH",
    says: "x86_64 or arm64: what the function is set to",
    normally: "not looked at",
  },
  runtime: {
    type: "string",
    takes: "KIND",
    says: "provided, or managed, which needs no bootstrap",
    default: "provided",
  },
  handler: { type: "string", takes: "NAME", says: "looked for in the function, such as index.handler" },
  json: { type: "boolean", default: false, says: "one JSON document instead of the page" },
} as const satisfies DescribedOptions;

const help = `bootlace doctor FILE|DIR [options]

Says what Lambda would do with a function's zip or folder, a layer, or a bootstrap: where things lie, their modes and
links, processors and libraries, sizes, and files of one layer that another one covers. Nothing is run. Each defect
comes with Lambda's answer, the cure, and where that is written. Exit code 1 when something is certain to fail.

${optionsHelp(options)}

  bootlace doctor dist/layer-node24-x86_64.zip --arch x86_64
  bootlace doctor function.zip --layer dist/layer-node24-x86_64.zip --handler index.handler`;

export const command: Command = {
  name: "doctor",
  summary: "what Lambda would do with a function zip, a layer or a bootstrap",
  help,
  async run(args) {
    const { values, positionals } = parseCommand("doctor", args, options);
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0)
      throw new UsageError(
        'Name one function, layer or bootstrap, such as function.zip; layers beside it with "--layer"',
      );
    const layers = values.layer ?? [];
    for (const name of [path, ...layers]) if (!existsSync(name)) throw new UsageError(`There is no "${name}"`);
    const as = oneOf("as", values.as, ["function", "layer"] as const);
    const arch: Architecture | undefined = oneOf("arch", values.arch, architectures);
    // as: it has a default.
    const runtime = oneOf("runtime", values.runtime, ["provided", "managed"] as const) ?? "provided";
    const patients = [
      await patientOf(path, as),
      ...(await Promise.all(layers.map((layer) => patientOf(layer, "layer")))),
    ];
    const findings = examine(patients, { arch, runtime, handler: values.handler });
    if (values.json)
      console.log(JSON.stringify({ patients: patients.map(about), findings: findings.map(whole) }, undefined, 2));
    else for (const line of page(patients, findings)) console.log(line);
    return findings.some(({ defect }) => defectKinds[defect].weight === "fails")
      ? exitCodes.function
      : exitCodes.success;
  },
};

function oneOf<T extends string>(option: string, value: string | undefined, known: readonly T[]): T | undefined {
  if (value === undefined) return undefined;
  const found = known.find((candidate) => candidate === value);
  if (found === undefined) throw new UsageError(`Option "--${option}" takes ${known.join(" or ")}, not "${value}"`);
  return found;
}

function about({ name, kind, entries, zippedBytes }: Patient) {
  const unzippedBytes = entries.reduce((sum, entry) => sum + (entry.type === "file" ? entry.content.length : 0), 0);
  return { name, kind, entries: entries.length, unzippedBytes, ...(zippedBytes === undefined ? {} : { zippedBytes }) };
}

function whole(finding: Finding) {
  return { ...finding, ...defectKinds[finding.defect] };
}

const words = { fails: "FAILS", "may-fail": "may fail", remark: "remark" } as const;

function page(patients: readonly Patient[], findings: readonly Finding[]): readonly string[] {
  return [
    ...patients
      .map(about)
      .map(
        ({ name, kind, entries, unzippedBytes, zippedBytes }) =>
          `${name}: taken for a ${kind}, ${entries} entries, ${unzippedBytes} bytes${zippedBytes === undefined ? "" : `, ${zippedBytes} zipped`}`,
      ),
    ...findings
      .map(whole)
      .flatMap(({ weight, path, in: name, detail, answer, cure, source, defect }) => [
        "",
        `${words[weight]}  ${defect}: ${path === undefined ? name : `${path} in ${name}`}${detail ? `, ${detail}` : ""}`,
        `  On Lambda ${answer}`,
        `  Cure: ${cure}  [${source}]`,
      ]),
    "",
    verdict(findings),
  ];
}

function verdict(findings: readonly Finding[]): string {
  const fails = findings.filter(({ defect }) => defectKinds[defect].weight === "fails").length;
  if (fails > 0) return `${fails} of ${findings.length} findings are certain to fail`;
  return findings.length === 0 ? "Nothing found" : `${findings.length} findings, none of which is certain to fail`;
}
