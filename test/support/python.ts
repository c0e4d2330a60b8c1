/** The Python of the tests: a virtual environment in the user's cache, with what examples/ need; made at first use. */
import { spawn } from 'node:child_process';
import path from 'node:path';

const SETUP = path.resolve(__dirname, '..', '..', 'scripts', 'setup.mjs');

/** The virtual environment's interpreter. Progress goes to our stderr; where there is no Python, the reason is the failure. */
export function python(): Promise<string> {
  const args = [SETUP, '--only=python', '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    err += chunk;
    process.stderr.write(chunk);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => {
      if (code === 0) resolve((JSON.parse(out) as { python: { path: string } }).python.path);
      else reject(new Error(err));
    });
  });
}
