/**
 * VS Code itself, in a browser: code-server on this machine, with the packaged extension, driven by
 * what a person would press and type.
 *
 * `cargo xtask test --vscode` installs what is needed and says where it is.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import * as path from "node:path";
import { chromium, type Browser, type Locator, type Page } from "playwright-core";

import { packageFile } from "../package";
import { program } from "../workspace";

/** What the browser is started with: no sandbox for root, nothing that talks to the world. */
const BROWSER_FLAGS = [
  "--no-sandbox",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

const SETTINGS = {
  "workbench.startupEditor": "none",
  "workbench.colorTheme": "Default Dark Modern",
  "workbench.tips.enabled": false,
  "workbench.layoutControl.enabled": false,
  "chat.commandCenter.enabled": false,
  "window.commandCenter": false,
  "window.menuBarVisibility": "compact",
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "extensions.ignoreRecommendations": true,
  "terminal.integrated.shellIntegration.enabled": false,
  "terminal.integrated.gpuAcceleration": "off",
  "editor.minimap.enabled": false,
  "editor.stickyScroll.enabled": false,
  "editor.fontSize": 14,
  "editor.cursorBlinking": "solid",
  "terminal.integrated.fontSize": 13,
  "files.autoSave": "off",
  "git.enabled": false,
};

/** An editor that is open. */
export interface Editor {
  readonly page: Page;
  close(): Promise<void>;
}

function needed(name: string): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(`${name} is not set; run \`cargo xtask test --vscode\``);
  }
  return value;
}

function onPath(name: string): string {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  const found = folders.map((it) => path.join(it, name)).find((it) => existsSync(it));
  if (found === undefined) {
    throw new Error(`${name} is not installed; run \`cargo xtask test --vscode\``);
  }
  return found;
}

/** Opens a folder in an editor whose own files are below `data`. */
export async function openEditor(folder: string, data: string): Promise<Editor> {
  const server = startServer(folder, data, await freePort());
  const url = await addressOf(server);
  let browser: Browser | undefined;
  const close = async (): Promise<void> => {
    await browser?.close();
    server.kill("SIGTERM");
    await ended(server);
  };
  try {
    browser = await chromium.launch({ executablePath: onPath("chromium"), args: BROWSER_FLAGS });
    const page = await browser.newPage({
      viewport: { width: 1280, height: 860 },
      deviceScaleFactor: 1,
    });
    page.setDefaultTimeout(30_000);
    await page.goto(`${url}/?folder=${encodeURIComponent(folder)}`);
    await page.locator(".monaco-workbench .statusbar").waitFor();
    return { page, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function startServer(folder: string, data: string, port: number): ChildProcess {
  rmSync(data, { recursive: true, force: true });
  mkdirSync(path.join(data, "User"), { recursive: true });
  writeFileSync(path.join(data, "User/settings.json"), JSON.stringify(SETTINGS));
  const entry = path.join(needed("CODE_SERVER"), "node_modules/code-server/out/node/entry.js");
  const places = ["--user-data-dir", data, "--extensions-dir", path.join(data, "extensions")];
  const config = path.join(data, "config.yaml");
  const env = {
    ...process.env,
    PATH: [path.dirname(program), process.env["PATH"]].join(path.delimiter),
    // Else the editor asks a login shell for its own `PATH`.
    VSCODE_CLI: "1",
    VSCODE_IPC_HOOK_CLI: "",
    CI: "",
    EXTENSIONS_GALLERY: "{}",
    XDG_CACHE_HOME: path.join(data, "cache"),
  };
  const start = [entry, "--config", config, ...places];
  const install = spawnSync(process.execPath, [...start, "--install-extension", packageFile], {
    env,
    encoding: "utf8",
  });
  if (install.status !== 0) {
    throw new Error(`the package can't be installed\n${install.stdout}${install.stderr}`);
  }
  const flags = [
    "--bind-addr",
    `127.0.0.1:${port}`,
    "--auth",
    "none",
    "--disable-telemetry",
    "--disable-update-check",
    "--disable-workspace-trust",
    "--disable-getting-started-override",
  ];
  return spawn(process.execPath, [...start, ...flags, folder], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Waits until the server says where it listens. */
function addressOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    server.stdout?.on("data", (chunk: Buffer) => {
      said += chunk.toString();
      const address = /listening on (http:\S+?)\/?\s/.exec(said)?.[1];
      if (address !== undefined) {
        resolve(address);
      }
    });
    server.on("exit", () => {
      reject(new Error(`code-server ended\n${said}`));
    });
  });
}

function ended(server: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (server.exitCode !== null || server.signalCode !== null) {
      resolve();
    } else {
      server.on("exit", () => {
        resolve();
      });
    }
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const listener = createServer();
    listener.listen(0, "127.0.0.1", () => {
      const address = listener.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      listener.close(() => {
        resolve(port);
      });
    });
  });
}

/** Runs a command from the palette. */
export async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press("F1");
  const input = page.locator(".quick-input-widget input[type='text']");
  await input.waitFor();
  await input.fill(`>${title}`);
  const rows = page.locator(".quick-input-list .monaco-list-row");
  const exact = page.locator(".quick-input-list-label", { hasText: new RegExp(`^${title}$`) });
  await rows.filter({ has: exact }).first().click();
}

/** Opens a file of the folder by its name. */
export async function openFile(page: Page, name: string): Promise<void> {
  await page.keyboard.press("Control+P");
  const input = page.locator(".quick-input-widget input[type='text']");
  await input.waitFor();
  await input.fill(name);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first().waitFor();
  await page.keyboard.press("Enter");
  await page.locator(`.tab.active[data-resource-name="${path.basename(name)}"]`).waitFor();
}

/** The line of the editor that shows this text; the editor writes blanks as non-breaking ones. */
export function line(page: Page, text: string): Locator {
  const pattern = text
    .split(" ")
    .map((it) => it.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[\\s\\u00a0]");
  return page.locator(".editor-instance .view-line", { hasText: new RegExp(pattern) }).first();
}

/** Puts the cursor at a line and column, both counted from one. */
export async function goTo(page: Page, at: string): Promise<void> {
  await page.keyboard.press("Control+G");
  const input = page.locator(".quick-input-widget input[type='text']");
  await input.waitFor();
  await input.fill(`:${at}`);
  await page.keyboard.press("Enter");
  await page.locator(".quick-input-widget").waitFor({ state: "hidden" });
}
