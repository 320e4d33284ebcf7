import { TypedError } from "./function-error.ts";
import type { Handler } from "./function-handler.ts";

/**
 * What zod, Valibot, ArkType and others have in common: https://standardschema.dev. Named here, so that no library
 * has to be imported for it.
 */
export interface EventSchema<Event> {
  readonly "~standard": {
    validate(value: unknown): SchemaResult<Event> | PromiseLike<SchemaResult<Event>>;
  };
}

type SchemaResult<Event> =
  | { readonly value: Event; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** As many as a person reads. */
const issuesShown = 5;

/**
 * A function that is called with what the schema makes of the event, and with nothing else: any other event fails the
 * invocation with `Function.InvalidEvent` and a message that names each place.
 */
export function validated<Event, Result>(
  schema: EventSchema<Event>,
  handler: (event: Event, context: Parameters<Handler>[1]) => Promise<Result> | Result,
): (event: unknown, context: Parameters<Handler>[1]) => Promise<Result> {
  return async (event, context) => {
    const result = await schema["~standard"].validate(event);
    if (result.issues !== undefined) throw new TypedError("Function.InvalidEvent", complaint(result.issues));
    return handler(result.value, context);
  };
}

function complaint(issues: readonly SchemaIssue[]): string {
  const shown = issues.slice(0, issuesShown).map(({ message, path = [] }) => `${placeOf(path)}: ${message}`);
  const more = issues.length > issuesShown ? ` and ${issues.length - issuesShown} more` : "";
  return `The event is not what the function takes: ${shown.join("; ")}${more}`;
}

function placeOf(path: NonNullable<SchemaIssue["path"]>): string {
  const keys = path.map((step) => String(typeof step === "object" ? step.key : step));
  return keys.length === 0 ? "the event itself" : keys.join(".");
}
