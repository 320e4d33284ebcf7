import express from "express";
import serverless from "serverless-http";

const app = express();
app.use(express.json());
app.get("/hello", (request, response) => {
  response.cookie("seen", "1").json({ hello: request.query.name });
});

export const handler = serverless(app);
