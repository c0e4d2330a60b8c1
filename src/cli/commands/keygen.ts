/** `countersign keygen`: a reviewer's own key pair; the private one goes into a file, the public one into the directory. */
import { AppError } from '../../app/errors';
import { writeFileSync } from 'node:fs';
import { Command } from '@commander-js/extra-typings';
import { isId } from '../../domain/proposal';
import { generateKey, privateKeyFile } from '../../signing';
import { examples, type Deps } from '../command';
import { Failure, jsonLine } from '../output';

export const keygen = (deps: Deps) =>
  new Command('keygen')
    .description('make a key to sign decisions with: the private one in a file, its entry for the directory')
    .option('--reviewer <name>', 'whose key it is', deps.defaults.user)
    .option('--key-id <id>', 'what the directory calls it (default: <name>-<yyyy-mm-dd>)')
    .option('--out <file>', 'where the private key goes, a new file (default: <name>.key.pem)')
    .option('--json', 'machine output: one JSON line on stdout')
    .addHelpText(
      'after',
      `\nThe private key stays where it is made; whoever keeps the reviewers directory needs the entry alone.\n` +
        `To put a passphrase on it: openssl pkcs8 -topk8 -in ana.key.pem -out ana.encrypted.pem\n${examples(
          'countersign keygen --reviewer ana',
          'countersign keygen --reviewer ana --key-id ana-laptop --out ~/.config/ana.key.pem',
        )}`,
    )
    .action(async ({ reviewer, keyId, out, json }) => {
      const id = keyId ?? `${reviewer}-${new Date().toISOString().slice(0, 10)}`;
      named('--reviewer', reviewer);
      named('--key-id', id);
      const file = out ?? `${reviewer.replace(/[^A-Za-z0-9@._-]/g, '-')}.key.pem`;
      const { public: key, private: privateKeyPem } = generateKey();
      written(file, privateKeyFile({ privateKeyPem, keyId: id }));
      deps.streams.out(
        json
          ? jsonLine({ reviewer, id, public: key, file })
          : await entry({ name: reviewer, keys: [{ id, public: key }] }),
      );
      deps.streams.err(
        `The private key is in ${file}, for your eyes alone; it is not shown, and nobody else needs it.\n` +
          'What stands on stdout goes under people in the file that COUNTERSIGN_REVIEWERS names.\n',
      );
    });

async function entry(reviewer: object): Promise<string> {
  const { stringify } = await import('yaml'); // every other command would wait for it, too
  return stringify([reviewer]);
}

function named(flag: string, name: string): void {
  if (!isId(name) || name === '*')
    throw new AppError('INVALID_INPUT', `${flag} must be 1–200 printable ASCII characters, and not *`);
}

/** Never over another key: what only that one can sign would be lost. */
function written(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST')
      throw new Failure('FILE_EXISTS', `${file} is there already; name another with --out`);
    throw new AppError('INVALID_INPUT', `--out: ${message}`);
  }
}
