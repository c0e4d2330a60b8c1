/** How many of an action's last edits and rejections an agent is shown. */
import { ConfigError } from './error';

const VARIABLE = 'COUNTERSIGN_LESSONS';
const DEFAULT = 3;
const MOST = 10;

/** @throws ConfigError naming the variable */
export function readLessons(env: NodeJS.ProcessEnv): number {
  const given = env[VARIABLE]?.trim() ?? '';
  if (given === '') return DEFAULT;
  if (/^\d{1,2}$/.test(given) && Number(given) <= MOST) return Number(given);
  throw new ConfigError(
    `${VARIABLE}=${given} must be a number from 0 to ${String(MOST)}; 0 shows an agent nothing of what people decided before`,
  );
}
