import { type FaultPlan, parseFaultPlan } from "./fault.ts";

/**
 * A service that is correct and has bad days: everything here is legal HTTP or an accident of networks, and a runtime
 * that is well made answers every event all the same, or ends in a way that its service understands.
 */
export function hostilePlan(seed = 1): FaultPlan {
  return parseFaultPlan({
    seed,
    faults: [
      { type: "odd-case", answer: "each", chance: 0.3 },
      {
        type: "set-header",
        answer: "each",
        chance: 0.3,
        name: "Lambda-Runtime-Not-Known-Yet",
        value: "anything; at=all",
      },
      { type: "split", answer: "each", chance: 0.1, bytes: 7 },
      { type: "chunked", answer: { event: "each" }, chance: 0.2, bytes: 3 },
      { type: "trickle", answer: { event: "each" }, chance: 0.1, pieces: 5, gapMs: 20 },
      { type: "delay", answer: { call: "response", nth: "each" }, chance: 0.1, ms: 150 },
      { type: "close", answer: "each", chance: 0.15 },
      { type: "close", answer: { call: "response", nth: "each" }, chance: 0.1, silent: true },
      { type: "clock-skew", answer: { event: "each" }, chance: 0.05, ms: -60_000 },
      {
        type: "status",
        answer: { call: "response", nth: "each" },
        chance: 0.05,
        status: 413,
        errorType: "RequestEntityTooLarge",
      },
      { type: "refuse-early", answer: { call: "response", nth: "each" }, chance: 0.02, status: 413 },
      { type: "status", answer: { call: "response", nth: "each" }, chance: 0.02, status: 500 },
      { type: "reset", answer: { event: "each" }, chance: 0.02, afterBytes: 40 },
    ],
  });
}
