import type { Architecture } from "../engine.ts";
import type { Finding } from "./defect.ts";
import { layoutFindings, type Setup, togetherFindings } from "./layout-checks.ts";
import type { Patient } from "./patient.ts";
import { binaryFindings, programFindings } from "./program-checks.ts";

/** What would go wrong on Lambda with these packages, of which layers come in the order of the function's configuration. */
export function examine(
  patients: readonly Patient[],
  setup: Setup & { readonly arch: Architecture | undefined },
): readonly Finding[] {
  const damaged = patients.flatMap(({ name, damage }) => (damage === undefined ? [] : [{ in: name, ...damage }]));
  const whole = patients.filter(({ damage }) => damage === undefined);
  return [
    ...damaged,
    ...whole.flatMap((patient) => [
      ...layoutFindings(patient),
      ...programFindings(patient, whole, setup.arch),
      ...binaryFindings(patient, whole, setup.arch),
    ]),
    // Who cannot be unpacked says nothing about what is missing.
    ...(damaged.length > 0 ? [] : togetherFindings(whole, setup)),
  ];
}
