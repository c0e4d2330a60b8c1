/**
 * Counts that are heavy: `npm run prove` runs them whole, `npm test` a twentieth. What a proof counted goes to a file that
 * `scripts/prove.mjs` reads, so that docs/evidence.md tells what was reached, and not what was meant.
 */
import { appendFileSync } from 'node:fs';

export const WHOLE = process.env['COUNTERSIGN_PROVE'] === '1';

/**
 * @param least so many also where a part of it runs: below it the test would say nothing
 * @param part where a twentieth takes too long as well
 */
export const share = (count: number, least = 1, part = 20): number =>
  WHOLE ? count : Math.max(least, Math.ceil(count / part));

/** @param proof its name in scripts/proofs.mjs, which knows how many there have to be */
export function counted(proof: string, counts: Readonly<Record<string, number>>): void {
  const file = process.env['COUNTERSIGN_PROVE_COUNTS'];
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ proof, counts })}\n`);
}
