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
