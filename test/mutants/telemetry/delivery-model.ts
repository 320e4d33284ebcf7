import { of } from "../mutant.ts";

export const telemetryDeliveryModelMutants = of("telemetry/delivery-model.ts", [
  [
    "what was lost before the beginning is not told of",
    'sending: { at: "nothing" }, lost, totals }',
    'sending: { at: "nothing" }, lost: nothing, totals }',
  ],
  ["what is under way is not held", '...(sending.at === "nothing" ? [] : [sending.batch]), ', ""],
]);
