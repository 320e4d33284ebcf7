/** JSON of exactly `bytes` bytes, made of records as APIs send them, which `JSON.stringify` gives back as it was. */
export function eventOf(bytes: number): Buffer {
  const records: string[] = [];
  let left = bytes - envelope("", "").length;
  for (let id = 0; ; id += 1) {
    const record = `${id === 0 ? "" : ","}${JSON.stringify(recordOf(id))}`;
    if (record.length > left) break;
    records.push(record);
    left -= record.length;
  }
  return Buffer.from(envelope(records.join(""), "x".repeat(left)));
}

function envelope(records: string, padding: string): string {
  return `{"records":[${records}],"padding":"${padding}"}`;
}

function recordOf(id: number) {
  return { id, name: `article number ${id}`, price: id + 0.25, tags: ["red", "large"], inStock: id % 3 === 0 };
}
