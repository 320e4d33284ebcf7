import type { TelemetryBatch } from "./extension-case.ts";

/** The events of a batch as JSON texts; `epochMs` is the time that they carry. */
export function telemetryBatch(batch: TelemetryBatch, epochMs: number): readonly string[] {
  const time = new Date(epochMs).toISOString();
  if (!("lines" in batch)) return batch.map(({ type, record }) => JSON.stringify({ time, type, record }));
  const { lines, source, bytesEach } = batch;
  return Array.from({ length: lines }, (_, index) => {
    const text = (record: string) => JSON.stringify({ time, type: source, record });
    const line = `conformance telemetry ${index + 1} `;
    return text(`${line}${"a".repeat(Math.max(0, bytesEach - text(`${line}\n`).length))}\n`);
  });
}
