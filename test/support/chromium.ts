/** A Chromium that a test drives: CHROMIUM_PATH (`npm test` sets it), else `chromium` on PATH. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { chromium, type Browser } from 'playwright-core';

/** @throws Error that says how to get one, where there is none. */
export function launchChromium(): Promise<Browser> {
  // Chromium's own sandbox needs rights that containers and root do not give; it sees our own pages only.
  return chromium.launch({ executablePath: executable(), args: ['--no-sandbox', '--lang=en-US'] });
}

function executable(): string {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const found =
    process.env['CHROMIUM_PATH'] ?? folders.map((folder) => path.join(folder, 'chromium')).find(isExecutable);
  if (found === undefined)
    throw new Error('no Chromium: run `npm test`, which finds or installs one, or set CHROMIUM_PATH');
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
