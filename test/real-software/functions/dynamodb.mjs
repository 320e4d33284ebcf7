import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({ endpoint: process.env.STUB_ENDPOINT });

export const handler = async ({ id }) => {
  const { Item } = await client.send(new GetItemCommand({ TableName: "orders", Key: { id: { S: id } } }));
  return Item;
};
