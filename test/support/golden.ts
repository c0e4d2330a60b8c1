/** Golden files: what was written once, looked at and committed, and is compared from then on. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** `npm run golden` writes what there is now; what it changes stands in the diff of the commit. */
const WRITES = process.env['GOLDEN'] === 'write';

export interface Golden {
  /** Compares the text with the file of that name. */
  same(name: string, text: string): void;
  /** Every file is one that has been compared: one that nobody makes any more is removed, or is a failure. */
  complete(): void;
}

export function golden(folder: string): Golden {
  const compared = new Set<string>();
  return {
    same(name, text) {
      const file = `${name.replace(/[^a-zA-Z0-9]+/g, '-').toLowerCase()}.txt`;
      if (compared.has(file)) throw new Error(`two texts want to be ${file}`);
      compared.add(file);
      const path = join(folder, file);
      const written = text.endsWith('\n') ? text : `${text}\n`;
      if (WRITES) {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, written);
      }
      expect(written).toBe(readFileSync(path, 'utf8'));
    },
    complete() {
      const there = readdirSync(folder).filter((file) => file.endsWith('.txt'));
      const left = there.filter((file) => !compared.has(file));
      if (WRITES) for (const file of left) rmSync(join(folder, file));
      else expect(left).toEqual([]);
    },
  };
}

/** Times of this machine's zone and language, written as they are everywhere. For a `beforeEach`. */
export function timesEverywhere(): void {
  jest.spyOn(Date.prototype, 'toLocaleString').mockImplementation(function (this: Date) {
    return `${this.toISOString()} here`;
  });
}
