/**
 * Writes schemas/vectors/passkey.json: `npx tsx scripts/passkey-vectors.ts`. What is checked is always the same; keys and signatures are new
 * each time. The private keys are not kept, so a new vector means a new file.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { madeVectors } from '../test/support/passkey-vectors';
import { FILE, fileText } from '../test/support/passkey-vectors/file';

const vectors = madeVectors();
mkdirSync(path.dirname(FILE), { recursive: true });
writeFileSync(FILE, fileText(vectors));
const holding = vectors.filter(({ holds }) => holds).length;
process.stdout.write(
  `wrote ${String(holding)} vectors that hold and ${String(vectors.length - holding)} that do not\n`,
);
