import { readFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { performance } from "node:perf_hooks";

/**
 * Watches the machine from now on; what it returns says whether programs have had to wait for a processor most of the
 * time since. What a subject did late is then nobody's fault. https://docs.kernel.org/accounting/psi.html
 */
export function watchLoad(): () => boolean {
  const [before, began] = [stalledMs(), performance.now()];
  return () => {
    const after = stalledMs();
    if (before === undefined || after === undefined) return (loadavg()[0] ?? 0) > availableParallelism();
    return after - before > (performance.now() - began) / 2;
  };
}

/** For how long, since the machine was started, some program could have run and did not; undefined where nobody counts it. */
function stalledMs(): number | undefined {
  try {
    const total = /^some .*total=(\d+)/m.exec(readFileSync("/proc/pressure/cpu", "utf8"))?.[1];
    return total === undefined ? undefined : Number(total) / 1_000;
  } catch {
    return undefined;
  }
}
