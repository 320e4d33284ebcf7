import { Spec, Validation } from "@cyclonedx/cyclonedx-library";

/** It compiles the schema at its first use, which takes a second. */
const validator = new Validation.JsonStrictValidator(Spec.Version.v1dot6);

/** What is wrong with a bill of materials by the schema of CycloneDX 1.6; nothing, or a text. */
export async function flawsOfBill(text: string): Promise<string | undefined> {
  const flaws = await validator.validate(text);
  return flaws === null ? undefined : JSON.stringify(flaws).slice(0, 1_000);
}
