import type { RecordingOptions } from "bootlace/extension";

/** What the function's variables say. A bad one is told, and what is usual takes its place: nobody's function fails for it. */
export function recordingOptions(env: NodeJS.ProcessEnv): RecordingOptions {
  const { AWS_LAMBDA_RUNTIME_API: runtimeApi = "", BOOTLACE_RECORDER_FILE: file, BOOTLACE_RECORDER_PRINT: print } = env;
  return {
    runtimeApi,
    // The wrapper in the layer looks there; the name tells environments on one machine apart.
    addressFile: `/tmp/.bootlace-recorder-${runtimeApi}`,
    file: file || "/tmp/bootlace-wire.jsonl",
    fileBytesMax: bytesOf("BOOTLACE_RECORDER_BYTES", 8_388_608, 4_096),
    bodyBytesMax: bytesOf("BOOTLACE_RECORDER_BODY_BYTES", 16_384, 0),
    failed: (sentence) => console.error(sentence),
    ...(print === "1" ? { heard: (line) => process.stdout.write(line) } : {}),
  };

  function bytesOf(name: string, usual: number, min: number): number {
    const given = env[name];
    if (given === undefined || given === "") return usual;
    const bytes = Number(given);
    if (Number.isSafeInteger(bytes) && bytes >= min) return bytes;
    console.error(`${name} is a whole number of bytes, at least ${min}, not "${given}": ${usual} takes its place`);
    return usual;
  }
}
