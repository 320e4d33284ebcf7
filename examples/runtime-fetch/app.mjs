export const fetch = (request) => Response.json({ hello: new URL(request.url).pathname });
