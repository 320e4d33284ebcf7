import { of } from "../mutant.ts";

export const environmentModelMutants = of("environment/model.ts", [
  ["time goes backwards", "return at + durationMs;", "return at - durationMs;"],
]);
