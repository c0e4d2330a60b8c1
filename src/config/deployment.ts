/** What signed texts call this installation: a signature for one counts in no other. */
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isId } from '../domain/proposal';
import { ConfigError } from './error';

const VARIABLE = 'COUNTERSIGN_DEPLOYMENT';

/** Undefined: as the namespace is called. @throws ConfigError naming the variable */
export function readDeployment(env: NodeJS.ProcessEnv): string | undefined {
  const given = env[VARIABLE];
  if (!given || isId(given)) return given || undefined;
  throw new ConfigError(
    `${VARIABLE} must be 1–200 printable ASCII characters, without a space at either end`,
  );
}

/**
 * That of `countersign dev`, whose namespace is called like everybody else's: made once, and kept in its directory.
 * @throws ConfigError where the file holds something else
 */
export function deploymentIn(dataDir: string): string {
  const file = join(dataDir, 'deployment');
  try {
    writeFileSync(file, `dev-${randomBytes(6).toString('hex')}\n`, { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const name = readFileSync(file, 'utf8').trim();
  if (isId(name)) return name;
  throw new ConfigError(
    `${file} must hold 1–200 printable ASCII characters; write the name of this deployment into it, remove it, or set ${VARIABLE}`,
  );
}
