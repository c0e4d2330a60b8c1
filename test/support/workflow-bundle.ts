/** The workflow bundle of the sources as they are, made once and kept: webpack takes seconds, and every test file needs it. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundlePath } from '@temporalio/worker';
import { PRELOADED } from '../../src/bundle';
import { dataConverter } from '../../src/connection';

const ROOT = path.resolve(__dirname, '../..');
const CACHE = path.join(ROOT, 'node_modules/.cache/countersign-test');
const SOURCES = ['src/workflows', 'src/domain', 'package.json', 'package-lock.json'];

/**
 * @param workflowsPath another entry than Countersign's own workflows
 * @param workflowInterceptorModules what a worker that traces has besides
 */
export async function workflowBundle(
  workflowsPath = path.join(ROOT, 'src/workflows/index.ts'),
  workflowInterceptorModules: string[] = [],
): Promise<WorkflowBundlePath> {
  const file = path.join(CACHE, `${fingerprint(workflowsPath, workflowInterceptorModules)}.js`);
  if (!existsSync(file)) {
    const { code } = await bundleWorkflowCode({
      workflowsPath,
      workflowInterceptorModules,
      payloadConverterPath: dataConverter.payloadConverterPath,
      preloadModules: [PRELOADED],
      logger: new DefaultLogger('WARN'),
    });
    mkdirSync(CACHE, { recursive: true });
    // Two jest processes may get here at once: each renames a whole file into place.
    const unfinished = `${file}.${String(process.pid)}`;
    writeFileSync(unfinished, code);
    renameSync(unfinished, file);
  }
  return { codePath: file };
}

function fingerprint(workflowsPath: string, more: readonly string[]): string {
  const hash = createHash('sha256').update([workflowsPath, ...more].join('\n'));
  for (const source of [...SOURCES.map((one) => path.join(ROOT, one)), workflowsPath])
    for (const file of filesOf(source)) hash.update(file).update(readFileSync(file));
  return hash.digest('hex').slice(0, 32);
}

function filesOf(source: string): string[] {
  if (!existsSync(source)) return [];
  if (path.extname(source) !== '') return [source];
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => path.join(source, name));
}
