/** The process that measures: the Runtime API and the clock share it, so no figure crosses a process boundary. */
import type { Job, JobResult } from "./job.ts";
import { measuredLife } from "./measured-life.ts";

process.on("message", async (job: Job) => process.send?.(await resultOf(job)));
process.on("disconnect", () => process.exit());

async function resultOf(job: Job): Promise<JobResult> {
  try {
    return { type: "measured", measurement: await measuredLife(job) };
  } catch (error) {
    return { type: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}
