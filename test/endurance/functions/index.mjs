import { setTimeout as sleep } from "node:timers/promises";

export const echo = async (event) => event;

export const handler = async ({ op }, context) => {
  if (op === "slow") {
    console.log("working");
    await sleep(300);
  }
  return { remaining: context.getRemainingTimeInMillis(), at: Date.now() };
};
