/**
 * Runs the tables of test/domain for Stryker, all in one process: they are pure, so that a mutant takes milliseconds, where a jest
 * of its own for each of 3,000 takes hours. Only what the tables use of jest is here: describe, it or test, each of both, and jest's own expect.
 * What searches at random or against a clock is left out: a mutant that only chance finds has no row of its own.
 */
import Module, { createRequire } from 'node:module';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, sep } from 'node:path';
import { performance } from 'node:perf_hooks';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  determineHitLimitReached,
  DryRunStatus,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';

const require = createRequire(import.meta.url);
const LEFT_OUT = /^(fuzz\.|judgement-twice|speed|properties|model\.)/;
/** These take long: last, and for what is made as the module loads only where they are about it. */
const LONG = /^(audit|bounds|digest|feedback|forks|plan-kept|plan-random|signing|tighten|visible|words\.)/;
/** Where the mutants look whether it is them. */
const mutants = (globalThis.__stryker__ ??= {});

class Tables {
  static inject = [];
  #tests = [];
  /** Nothing was mutated when they were loaded. */
  #clean = false;

  capabilities() {
    return { reloadEnvironment: true };
  }

  init() {
    const { transformSync } = require('@swc/core');
    const made = new Map();
    Module._extensions['.ts'] = (module, filename) => {
      if (!made.has(filename)) made.set(filename, compiled(transformSync, filename));
      module._compile(made.get(filename), filename);
    };
    globalThis.expect = require('expect').expect;
    this.#load();
  }

  async dryRun() {
    const tests = await this.#run(this.#tests, false);
    return { status: DryRunStatus.Complete, tests, mutantCoverage: mutants.mutantCoverage };
  }

  async mutantRun({ activeMutant, sandboxFileName, testFilter, mutantActivation, hitLimit, disableBail }) {
    const { id } = activeMutant;
    const atLoad = mutantActivation === 'static';
    Object.assign(mutants, { hitCount: hitLimit === undefined ? undefined : 0, hitLimit });
    let tests;
    try {
      mutants.activeMutant = atLoad ? id : undefined;
      if (atLoad || !this.#clean) this.#load();
      mutants.activeMutant = id;
      tests = await this.#run(this.#asked(sandboxFileName, testFilter), !disableBail);
    } catch (error) {
      tests = [failed('loading the tables', 0, error)]; // what does not even load is noticed
      this.#clean = false;
    } finally {
      mutants.activeMutant = undefined;
    }
    const endless = determineHitLimitReached(mutants.hitCount, hitLimit);
    return toMutantRunResult(endless ?? { status: DryRunStatus.Complete, tests });
  }

  /** Everything of ours anew; what it depends on stays. */
  #load() {
    for (const file of Object.keys(require.cache))
      if (!file.includes(`${sep}node_modules${sep}`)) delete require.cache[file];
    this.#tests = tables();
    this.#clean = mutants.activeMutant === undefined;
  }

  /** Those that are about the mutated file first, since it is mostly them who mind; long ones last. */
  #asked(mutated, filter) {
    const source = relative(join(process.cwd(), 'src'), mutated).split(sep).join('/');
    const name = `/${source.replace(/\.ts$/, '')}`; // as they import it
    // What a folder's index shows of the file is imported by the folder's name.
    const about = (test) => test.source.includes(`${name}'`) || test.source.includes(`${dirname(name)}'`);
    const wanted = new Set(filter);
    return this.#tests
      .filter((test) => (filter === undefined ? !LONG.test(test.file) || about(test) : wanted.has(test.id)))
      .sort((one, other) => rank(one, about) - rank(other, about));
  }

  async #run(tests, bail) {
    const results = [];
    for (const { id, run } of tests) {
      const began = performance.now();
      mutants.currentTestId = id;
      const error = await run();
      const took = performance.now() - began;
      results.push(error === undefined ? passed(id, took) : failed(id, took, error));
      if (error !== undefined && bail) break;
    }
    mutants.currentTestId = undefined;
    return results;
  }
}

const rank = (test, about) => (about(test) ? 0 : LONG.test(test.file) ? 2 : 1);

const passed = (id, timeSpentMs) => ({ id, name: id, timeSpentMs, status: TestStatus.Success });
const failed = (id, timeSpentMs, error) => ({
  ...passed(id, timeSpentMs),
  status: TestStatus.Failed,
  failureMessage: String(error),
});

/** Named by where they stand, and not by their values, which a mutant may change. */
function tables() {
  const folder = join(process.cwd(), 'test', 'domain'); // of Stryker's copy of the tree, mutants and all
  const tests = [];
  const path = [];
  const counts = new Map();
  let here;
  const it = (name, body) => {
    const full = [...path, name].join(' › ');
    const nth = (counts.get(full) ?? 0) + 1;
    counts.set(full, nth);
    tests.push({ ...here, id: `${full} #${nth}`, run: () => attempt(body) });
  };
  const valuesOf = (row) => (Array.isArray(row) ? row : [row]);
  it.each = (rows) => (name, body) => {
    for (const row of rows) it(name, () => body(...valuesOf(row)));
  };
  const describe = (name, body) => {
    path.push(name);
    try {
      body();
    } finally {
      path.pop();
    }
  };
  describe.each = (rows) => (name, body) => {
    for (const row of rows) describe(name, () => body(...valuesOf(row)));
  };
  Object.assign(globalThis, { describe, it, test: it });
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts') && !LEFT_OUT.test(basename(name)))
    .sort();
  for (const name of files) {
    here = { file: basename(name), source: readFileSync(join(folder, name), 'utf8') };
    describe(name, () => require(join(folder, name)));
  }
  return tests;
}

async function attempt(body) {
  try {
    await body();
    return undefined;
  } catch (error) {
    return error ?? new Error('it failed');
  }
}

function compiled(transformSync, filename) {
  return transformSync(readFileSync(filename, 'utf8'), {
    filename,
    swcrc: false,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' }, keepClassNames: true },
    module: { type: 'commonjs' },
  }).code;
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'tables', Tables)];
