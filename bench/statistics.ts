/** What is said of a set of samples. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly p99: number;
  readonly samples: number;
}

export function summary(samples: readonly number[]): Summary {
  return { median: median(samples), min: Math.min(...samples), p99: quantile(samples, 0.99), samples: samples.length };
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}

/** Between two samples it takes the share of both: with 50 samples, the 99th percentile is close to the largest. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** How one subject stands to another. */
export interface Ratio {
  readonly median: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
}

/** Divides round by round, so that whatever slowed a whole round down divides itself away. */
export function pairedRatio(rounds: readonly number[], baseline: readonly number[]): Ratio {
  if (rounds.length !== baseline.length) throw new Error("Cannot pair rounds: one subject has more of them");
  const ratios = rounds.map((value, round) => value / (baseline[round] ?? Number.NaN));
  return { median: median(ratios), lowerQuartile: quantile(ratios, 0.25), upperQuartile: quantile(ratios, 0.75) };
}

/** How far rounds lie apart: the distance of the quartiles as a share of the median. */
export function spread(rounds: readonly number[]): number {
  return (quantile(rounds, 0.75) - quantile(rounds, 0.25)) / median(rounds);
}
