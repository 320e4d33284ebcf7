import { baseline, loops } from "./peers.ts";
import type { MedianOf } from "./rounds.ts";
import { median, pairedRatio, type Ratio } from "./statistics.ts";

/** What a figure of ours is meant to be at most: itself, in the unit of its measure, or divided by somebody else's. */
export interface Goal {
  readonly measure: string;
  readonly subject: string;
  readonly against?: string;
  readonly atMost: number;
}

/** A goal and what came of it; both sides of the middle half where it is a ratio. */
export type GoalFigure = Goal & { readonly figure: number; readonly middleHalf?: Ratio };

const oneWrite = "one write";

export const goals: readonly Goal[] = [
  ours("first-next", "script", 1),
  ours("first-next", baseline, 0.8),
  ...["sdk", "powertools", "graphql"].map((name) => ours(`first-answer-${name}`, baseline, 0.7)),
  ours("warm-100B", baseline, 0.6),
  { ...ours("warm-100B", baseline, 0.33), subject: oneWrite },
  ours("warm-100B", loops.twoWrites, 1.4),
  { ...ours("warm-100B", loops.oneWrite, 1.4), subject: oneWrite },
  { ...ours("warm-100B", "aws-lambda-go", 1), subject: oneWrite },
  { ...ours("warm-100B", "lambda_runtime", 1), subject: oneWrite },
  ours("warm-10KB", baseline, 0.6),
  ours("warm-1MB", baseline, 0.8),
  ours("warm-6MB", baseline, 0.8),
  { measure: "calls", subject: "bootstrap", atMost: 7.2 },
  { measure: "calls", subject: oneWrite, atMost: 3.6 },
  ours("memory-idle", baseline, 1),
  { measure: "memory-growth", subject: "bootstrap", atMost: 1.05 },
];

/** What came of the goals of one measure; those whose subjects took no part are left out. */
export function goalFigures(measure: string, medians: MedianOf): readonly GoalFigure[] {
  return goals.flatMap((goal) => {
    const own = medians(goal.subject);
    const others = goal.against === undefined ? own : medians(goal.against);
    if (goal.measure !== measure || own === undefined || others === undefined) return [];
    if (goal.against === undefined) return [{ ...goal, figure: median(own) }];
    const middleHalf = pairedRatio(own, others);
    return [{ ...goal, figure: middleHalf.median, middleHalf }];
  });
}

function ours(measure: string, against: string, atMost: number): Goal {
  return { measure, subject: "bootstrap", against, atMost };
}
