/** The package as it is shipped: `npm run package` writes it before the tests run. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { promisify } from "node:util";
import { fromBuffer, type Entry, type ZipFile } from "yauzl";

import { here } from "./workspace";

/** The package file. */
export const packageFile = path.join(here, "rush-tasks.vsix");

/** All files of the package, by name. */
export async function unpack(): Promise<Map<string, Buffer>> {
  const open = promisify<Buffer, object, ZipFile>(fromBuffer);
  const zip = await open(readFileSync(packageFile), { lazyEntries: true });
  const read = promisify(zip.openReadStream.bind(zip)) as (
    entry: Entry,
  ) => Promise<AsyncIterable<Buffer>>;
  const files = new Map<string, Buffer>();
  await new Promise<void>((resolve, reject) => {
    zip.on("entry", (entry: Entry) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of await read(entry)) {
          chunks.push(chunk);
        }
        files.set(entry.fileName, Buffer.concat(chunks));
        zip.readEntry();
      })().catch(reject);
    });
    zip.on("end", resolve);
    zip.on("error", reject);
    zip.readEntry();
  });
  return files;
}

/** The packaged code, in a file that can be loaded. */
export async function packagedCode(): Promise<string> {
  const code = (await unpack()).get("extension/dist/extension.js");
  const file = path.join(here, "out/packaged/extension.js");
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, code ?? "");
  return file;
}

/** What the package says of itself. */
export interface Manifest {
  readonly icon: string;
  readonly main: string;
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly configuration: readonly {
      readonly properties: Readonly<Record<string, { readonly default: unknown }>>;
    }[];
    readonly grammars: readonly { readonly path: string; readonly scopeName: string }[];
    readonly problemMatchers: readonly { readonly name: string; readonly pattern: unknown }[];
    readonly problemPatterns: readonly { readonly name: string; readonly regexp: string }[];
    readonly walkthroughs: readonly {
      readonly steps: readonly { readonly media: { readonly markdown: string } }[];
    }[];
  };
}

/** Reads the manifest of the sources, which is the one that is packaged. */
export function manifest(): Manifest {
  return JSON.parse(readFileSync(path.join(here, "package.json"), "utf8")) as Manifest;
}
