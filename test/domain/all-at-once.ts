/**
 * Every table of this folder in one file, for the mutants: what is loaded once a file is loaded once in all, which makes a
 * mutant take a second instead of ten. What searches at random or against a clock is left out.
 */
import { readdirSync } from 'node:fs';

const SLOW = /^(fuzz\.|speed|properties|model)/;

for (const file of readdirSync(__dirname).filter((name) => name.endsWith('.test.ts') && !SLOW.test(name)))
  describe(file, () => {
    jest.requireActual(`./${file}`);
  });
