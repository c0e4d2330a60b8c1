/** The worker and its native core take most of a second to load; commands that need neither do without. */
import { createRequire } from 'node:module';

export function workerModule(): typeof import('../worker') {
  return createRequire(__filename)('../worker') as typeof import('../worker');
}
