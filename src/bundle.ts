/**
 * One bundle of our workflows and of one's own. Both come out of one webpack run, and everything that is ours or the
 * SDK's out of one copy, because a gate's state is in a module's variables.
 */
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import {
  bundleWorkflowCode,
  DefaultLogger,
  type BundleOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { dataConverter } from './connection';

type Webpack = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0];

const OURS = require.resolve('./workflows');
/** Shared by all workflows of a worker's thread. */
export const PRELOADED = require.resolve('./workflows/preload');
/** In the bundle only where the worker exports traces. */
const TRACED = require.resolve('./workflows/runtime/trace-interceptors');
const KINDS = ['.ts', '.js', '.mjs', '.cjs'];

const EXAMPLE = `  import { gated } from 'countersign/workflows';
  export async function refundOrder(order: string) {
    const args = { output: \`refund \${order}\` };
    return gated({ requester: 'svc-orders', proposal: { action: 'answer', args, title: order, rationale: '', confidence: 1, sensitive: false } });
  }`;

/**
 * @param traced the workflows tell of themselves in traces
 * @param own the module with one's own workflows, as COUNTERSIGN_WORKFLOWS gives it, absolute or relative to `cwd`
 * @throws Error that names the file: it is not there, does not compile, imports what a workflow may not, or exports a
 * name that is taken
 */
export async function bundleWorkflows(
  own?: string,
  cwd = process.cwd(),
  traced = false,
): Promise<WorkflowBundleWithSourceMap> {
  const { payloadConverterPath } = dataConverter;
  const workflowInterceptorModules = traced ? [TRACED] : [];
  if (own === undefined)
    return bundleWorkflowCode({
      workflowsPath: OURS,
      payloadConverterPath,
      workflowInterceptorModules,
      preloadModules: [PRELOADED],
      logger: new DefaultLogger('WARN'),
    });
  const file = found(path.resolve(cwd, own));
  const folder = mkdtempSync(path.join(tmpdir(), 'countersign-workflows-'));
  try {
    const entry = path.join(folder, 'entry.js');
    writeFileSync(
      entry,
      [OURS, file].map((one) => `export * from ${JSON.stringify(realpathSync(one))};\n`).join(''),
    );
    const problems: string[] = [];
    const bundled = bundleWorkflowCode({
      workflowsPath: entry,
      payloadConverterPath,
      workflowInterceptorModules,
      preloadModules: [PRELOADED],
      webpackConfigHook: (config) => together(config, file, problems),
      logger: new DefaultLogger('ERROR', () => undefined), // what webpack says is in our sentence
    });
    return await bundled.catch((error: unknown) => {
      throw refused(file, problems, error);
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function found(file: string): string {
  if (existsSync(file) && KINDS.includes(path.extname(file))) return realpathSync(file);
  const problem = existsSync(file) ? `is none of ${KINDS.join(', ')}` : 'is not there';
  throw new Error(
    `COUNTERSIGN_WORKFLOWS names the module with your own workflows, but ${file} ${problem}.\n` +
      `Unset it to run Countersign's own alone, or name a file such as:\n${EXAMPLE}`,
  );
}

/** The module as an own one may be written: found in its own node_modules first, in ours where it has none. */
function together(config: Webpack, file: string, problems: string[]): Webpack {
  const installed = (name: string) => path.dirname(require.resolve(`${name}/package.json`));
  const resolve = config.resolve ?? {};
  return {
    ...config,
    resolve: {
      ...resolve,
      modules: [...(resolve.modules ?? ['node_modules']), path.dirname(installed('zod'))],
      alias: {
        ...(resolve.alias as Record<string, string>),
        countersign$: require.resolve('./index'),
        'countersign/workflows$': require.resolve('./workflows/public'),
        '@temporalio/workflow': installed('@temporalio/workflow'),
        '@temporalio/common': installed('@temporalio/common'),
      },
    },
    plugins: [...(config.plugins ?? []), checking(file, problems)],
  };
}

/** Looks at the finished compilation; every problem it adds fails the bundle. */
function checking(file: string, problems: string[]): NonNullable<Webpack['plugins']>[number] {
  return (compiler) => {
    compiler.hooks.afterCompile.tap('countersign', (compilation) => {
      const moduleOf = (wanted: string) =>
        [...compilation.modules].find((one) => 'resource' in one && one.resource === wanted);
      const exportsOf = (wanted: string): string[] => {
        const module = moduleOf(wanted);
        const names = module && compilation.moduleGraph.getExportsInfo(module).getProvidedExports();
        return Array.isArray(names) ? names : []; // otherwise it is CommonJS that decides at run time
      };
      const taken = new Set(exportsOf(realpathSync(OURS)));
      for (const name of exportsOf(file))
        if (taken.has(name))
          problems.push(
            `it exports ${name}, which is a workflow type of Countersign; give it another name, or leave it out`,
          );
      if (exportsOf(file).includes('default'))
        problems.push(
          'it has a default export, which has no name to start it by; export the function by name',
        );
      const mine = moduleOf(file);
      const missing = compilation.warnings.filter(
        (one) =>
          'module' in one &&
          one.module === mine &&
          /^export .* was not found in (?!.*no exports)/.test(one.message),
      );
      for (const { message } of [...compilation.errors, ...missing]) problems.push(firstLines(message));
      if (problems.length > 0 && compilation.errors.length === 0)
        compilation.errors.push(new compiler.webpack.WebpackError(problems[0]));
    });
  };
}

function firstLines(message: string): string {
  const builtin = /UnhandledSchemeError: Reading from "(node:[^"]+)"/.exec(message)?.[1];
  if (builtin !== undefined) return forbidden(builtin);
  const lines = stripVTControlCharacters(message)
    .replace(/^Module (?:build failed|not found)[^:]*:\s+(?:Error: )?/, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '' && !/^\s*at |^Caused by|Syntax Error$/.test(line));
  return lines.slice(0, 8).join('\n  ');
}

function forbidden(names: string): string {
  return `it imports ${names}, which a workflow may not: do that in an action`;
}

function refused(file: string, problems: readonly string[], error: unknown): Error {
  const listed = /disallowed modules:\n((?: {2}- .*\n)+)/.exec((error as Error).message)?.[1];
  const names = listed?.match(/(?<=- ').*(?=')/g)?.join(', ');
  const all = new Set([...(names === undefined ? [] : [forbidden(names)]), ...problems]);
  if (all.size === 0) return error as Error;
  return new Error(`the workflows module ${file} is not right:\n  ${[...all].join('\n  ')}`, {
    cause: error,
  });
}
