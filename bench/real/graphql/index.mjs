/** GraphQL Yoga behind API Gateway. */
import { createSchema, createYoga } from "graphql-yoga";

const yoga = createYoga({
  logging: false,
  schema: createSchema({
    typeDefs: "type Article { id: ID! name: String! price: Float! } type Query { article(id: ID!): Article }",
    resolvers: { Query: { article: (_, { id }) => ({ id, name: "a chair", price: 40.5 }) } },
  }),
});

export const handler = async ({ body }) => {
  const headers = { "content-type": "application/json" };
  const response = await yoga.fetch("http://localhost/graphql", { method: "POST", headers, body });
  return { statusCode: response.status, body: await response.text() };
};
