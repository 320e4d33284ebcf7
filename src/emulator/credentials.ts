/** The AWS credentials of a function's processes: variables, or for a snapshot, which outlives them, an endpoint. */
import { randomBytes } from "node:crypto";
import type { Clock } from "../platform/clock.ts";

/** Placeholders: a function that needs real credentials gets them as variables of its own. */
const placeholders = { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local", AWS_SESSION_TOKEN: "local" };

type CredentialVariables = Readonly<typeof placeholders>;

const hourMs = 3_600_000;

export function isCredential(name: string): boolean {
  return Object.hasOwn(placeholders, name);
}

/** The credentials of a function with these variables of its own, as variables. */
export function credentialsOf(own: Readonly<Record<string, string>>): CredentialVariables {
  const given = Object.entries(own).filter(([name]) => isCredential(name));
  return { ...placeholders, ...Object.fromEntries(given) };
}

/** What the credentials endpoint of one environment gives, and to whom. */
export class Credentials {
  /** Opens the endpoint; of the `Authorization` header. */
  readonly token = randomBytes(32).toString("base64");
  readonly #own: CredentialVariables;
  readonly #clock: Clock;

  constructor(own: Readonly<Record<string, string>>, clock: Clock) {
    this.#own = credentialsOf(own);
    this.#clock = clock;
  }

  /** The document. It is good for as long as any: they are placeholders, or the function's own. */
  json(): string {
    return JSON.stringify({
      AccessKeyId: this.#own.AWS_ACCESS_KEY_ID,
      SecretAccessKey: this.#own.AWS_SECRET_ACCESS_KEY,
      Token: this.#own.AWS_SESSION_TOKEN,
      Expiration: new Date(this.#clock.epochMs() + hourMs).toISOString(),
    });
  }
}
