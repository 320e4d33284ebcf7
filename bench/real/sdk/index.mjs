/** Two clients made at start, as most functions have them; a transport in memory stands for AWS. */
import { Readable } from "node:stream";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";

const requestHandler = {
  handle: async (request) => {
    const body = request.headers["x-amz-target"] === undefined ? "" : JSON.stringify({ Item: { id: { S: "7" } } });
    return {
      response: {
        statusCode: 200,
        headers: { "content-type": "application/x-amz-json-1.0" },
        body: Readable.from([Buffer.from(body)]),
      },
    };
  },
};
const dynamodb = new DynamoDBClient({ requestHandler });
const s3 = new S3Client({ requestHandler });

export const handler = async ({ id }) => {
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: "articles", Key: { id: { S: id } } }));
  await s3.send(new PutObjectCommand({ Bucket: "articles", Key: `${id}.json`, Body: JSON.stringify(Item) }));
  return { id: Item.id.S };
};
