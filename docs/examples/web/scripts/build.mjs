// Copies `src` to `dist`, each script under a banner.
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";

const banner = process.argv[2];
await mkdir("dist", { recursive: true });
for (const name of await readdir("src")) {
  const text = await readFile(`src/${name}`, "utf8");
  await writeFile(`dist/${name}`, name.endsWith(".js") ? `// ${banner}\n${text}` : text);
}
