// Says how often it has run, which is how often it was to run.

let runs = 0;

export const handler = async ({ op }) => {
  runs += 1;
  if (op === "throw") throw new RangeError(`run ${runs}`);
  return { runs, padding: op === "large" ? "x".repeat(6_291_556) : "" };
};
