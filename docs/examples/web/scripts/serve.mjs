// Serves `dist` on the port given as the first argument.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { basename } from "node:path";

createServer(async (request, response) => {
  const name = basename(new URL(request.url, "http://localhost").pathname) || "index.html";
  try {
    const body = await readFile(`dist/${name}`);
    response.writeHead(200, { "content-type": name.endsWith(".js") ? "text/javascript" : "text/html" });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
}).listen(Number(process.argv[2]), "localhost");
