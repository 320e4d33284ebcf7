/** A function name as the Lambda API takes it in a path. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export function isFunctionName(name: string): boolean {
  return /^[a-zA-Z0-9-_]{1,64}$/.test(name);
}

/** Where a function lives; qualifier only when the caller used one. */
export interface FunctionAddress {
  readonly region: string;
  readonly accountId: string;
  readonly functionName: string;
  readonly qualifier?: string;
}

export function functionArn(address: FunctionAddress): string {
  const { region, accountId, functionName, qualifier } = address;
  const base = `arn:aws:lambda:${region}:${accountId}:function:${functionName}`;
  return qualifier === undefined ? base : `${base}:${qualifier}`;
}
