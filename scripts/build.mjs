// `npm run build`: src becomes dist, CommonJS with types and maps, as the package ships it. Whatever an earlier build left
// behind goes first, so that a file that is no more is not shipped.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import requireNode from './setup/node-version.cjs';

requireNode();
const { setUp, targets } = await import('./setup/index.mjs');
const { root, SetupError } = await import('./setup/machine.mjs');
const { speaker } = await import('./setup/say.mjs');

try {
  await setUp(targets.modules, speaker({ quiet: true }));
  rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const { status } = spawnSync(process.execPath, [tsc, '--project', path.join(root, 'tsconfig.build.json')], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  process.exitCode = status ?? 1;
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`set-up: ${error.message}\n`);
  process.exitCode = 1;
}
