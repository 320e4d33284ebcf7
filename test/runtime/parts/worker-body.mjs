import { answerInWorker } from "../../../src/runtime/index.ts";

let count = 0;

answerInWorker(({ event }) => {
  const text = Buffer.from(event).toString();
  if (text === "throw") throw new RangeError("on purpose");
  if (text === "exit") process.exit(5);
  if (text === "later") {
    setTimeout(() => {
      throw new Error("where nobody waits");
    });
    return new Promise(() => {});
  }
  if (text === "loop") for (;;);
  count += 1;
  return Buffer.from(`${text} ${count}`);
});
