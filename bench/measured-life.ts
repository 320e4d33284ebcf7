import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { CallCount } from "./call-count.ts";
import { eventOf } from "./event.ts";
import type { DiskCosts, Job, Measurement } from "./job.ts";
import { PreparedApi } from "./prepared-api.ts";

/** Longer than any job: a subject that hangs is a result too. */
const timeoutMs = 60_000;

/** Starts a subject, invokes it as often as the job says, kills it. Rejects when the subject does not play along. */
export async function measuredLife(job: Job): Promise<Measurement> {
  const { promise, resolve, reject } = Promise.withResolvers<Measurement>();
  const cyclesUs: number[] = [];
  const anonymousKiB: number[] = [];
  let cyclesLeft = job.warmUpCycles + job.cycles;
  let firstNextMs = Number.NaN;
  let firstAnswerMs = Number.NaN;
  let sentAtMs = Number.NaN;
  let before: CpuTimes = { ...cpuTimes(undefined), subjectUs: 0 };
  let count: CallCount | undefined;
  const onNext = async () => {
    const nowMs = performance.now();
    if (Number.isNaN(firstNextMs)) firstNextMs = nowMs - startedAtMs;
    else if (cyclesLeft < job.cycles) cyclesUs.push((nowMs - sentAtMs) * 1_000);
    if (job.memoryAt?.includes(job.cycles - cyclesLeft)) anonymousKiB.push(anonymous(child.pid));
    if (cyclesLeft === job.cycles && job.warmUpCycles > 0) {
      before = cpuTimes(child.pid);
      if (job.countsCalls) count = await CallCount.begin(child.pid ?? 0);
    }
    if (cyclesLeft === 0) {
      const calls = await count?.end();
      const counted = calls === undefined ? {} : { calls };
      const disk = diskCosts(child.pid);
      const told = { ...counted, ...(disk && { disk }) };
      return resolve({ firstNextMs, firstAnswerMs, cyclesUs, anonymousKiB, ...told, ...cpuSince(before, child) });
    }
    cyclesLeft -= 1;
    sentAtMs = performance.now();
    api.send();
  };
  const api = new PreparedApi("bytes" in job.event ? eventOf(job.event.bytes) : readFileSync(job.event.file), {
    anyAnswer: "file" in job.event,
    onNext: () => void onNext().catch(reject),
    onAnswer: () => {
      if (Number.isNaN(firstAnswerMs)) firstAnswerMs = performance.now() - startedAtMs;
    },
    onFault: (message) => reject(new Error(message)),
  });
  const env = environment(job, await api.listen());
  const startedAtMs = performance.now();
  const child = start(job, env, reject);
  const timer = setTimeout(() => reject(new Error(`It did not finish within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    api.close();
    await killed(child);
  }
}

function start({ command, taskRoot }: Job, env: NodeJS.ProcessEnv, reject: (error: Error) => void): ChildProcess {
  const [file, ...args] = command;
  const child = spawn(file, args, { cwd: taskRoot, env, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  child.on("error", reject);
  child.on("close", (code, signal) => reject(new Error(`It ended with ${signal ?? code}: ${said.slice(0, 2_000)}`)));
  return child;
}

/** What Lambda sets and a runtime reads, and nothing else: the machine's own variables could change a start. */
function environment({ taskRoot, handler, environment: more }: Job, authority: string): NodeJS.ProcessEnv {
  return {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE",
    AWS_SECRET_ACCESS_KEY: "no secret",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
    AWS_LAMBDA_RUNTIME_API: authority,
    AWS_LAMBDA_FUNCTION_NAME: "bench",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1769",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/bench",
    AWS_LAMBDA_LOG_STREAM_NAME: "bench",
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    LAMBDA_TASK_ROOT: taskRoot,
    _HANDLER: handler,
    ...more,
  };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.removeAllListeners("close");
  child.kill("SIGKILL");
  await once(child, "close");
}

interface CpuTimes {
  readonly serverUs: number;
  readonly subjectUs: number | undefined;
}

function cpuTimes(pid: number | undefined): CpuTimes {
  const { user, system } = process.cpuUsage();
  return { serverUs: user + system, subjectUs: threadTimeUs(pid) };
}

function cpuSince(before: CpuTimes, child: ChildProcess) {
  const after = cpuTimes(child.pid);
  const serverCpuUs = after.serverUs - before.serverUs;
  if (before.subjectUs === undefined || after.subjectUs === undefined) return { serverCpuUs };
  return { serverCpuUs, subjectCpuUs: after.subjectUs - before.subjectUs };
}

/** Of all threads, to the nanosecond. Linux alone tells: https://docs.kernel.org/scheduler/sched-stats.html */
function threadTimeUs(pid: number | undefined): number | undefined {
  try {
    const tasks = `/proc/${pid}/task`;
    const times = readdirSync(tasks).map((task) =>
      Number.parseInt(readFileSync(`${tasks}/${task}/schedstat`, "utf8"), 10),
    );
    return times.reduce((sum, time) => sum + time, 0) / 1_000;
  } catch {
    return undefined;
  }
}

/** What the process has written to and shares with nobody. proc_pid_smaps(5) */
function anonymous(pid: number | undefined): number {
  return Number(/^Anonymous:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]);
}

/** The launcher and the engine are one process to the kernel. https://docs.kernel.org/filesystems/proc.html */
function diskCosts(pid: number | undefined): DiskCosts | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const [, ...fields] = stat.slice(stat.lastIndexOf(")")).split(" ");
    const read = /^read_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "latin1"))?.[1];
    return { majorFaults: Number(fields[9]), readBytes: Number(read) };
  } catch {
    return undefined;
  }
}
