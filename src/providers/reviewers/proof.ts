/** What a verifier of the record needs to read a directory that comes from outside of it, and to check what its keys have signed. */
import { verify } from 'node:crypto';
import type { PasskeyAssertion, PasskeyEntry } from '../../domain/passkey';
import type { Signed } from '../../domain/proof-checks';
import { ProofDirectory, type ProofKey } from '../../domain/proof-keys';
import { readYamlFile } from '../yaml-file';
import { passkeyFault } from './passkey';
import { publicKey } from './public-key';

/** Whether the key signed the text. Never throws. */
export function signs(key: ProofKey, text: string, signed: Signed): boolean {
  try {
    // What is none by its shape is none that holds.
    if (key.kind === 'passkey')
      return passkeyFault(key as unknown as PasskeyEntry, text, signed as PasskeyAssertion) === undefined;
    if (key.kind !== undefined || !/^[A-Za-z0-9+/]{86}==$/.test(signed.value)) return false;
    return verify(
      null,
      Buffer.from(text, 'utf8'),
      publicKey(key.public ?? ''),
      Buffer.from(signed.value, 'base64'),
    );
  } catch {
    return false;
  }
}

const EXAMPLE = `people:
  - name: ana
    keys:
      - id: ana-2026
        public: # 32 bytes in base64`;

/** @throws Error that lists what is wrong, with line and column */
export function readProofDirectory(file: string, cwd: string): Promise<ProofDirectory> {
  return readYamlFile(file, cwd, {
    variable: '--directory',
    what: 'the reviewers directory',
    without: 'leave signatures unverified',
    example: EXAMPLE,
    schema: ProofDirectory,
    bytes: 4 * 1024 * 1024,
  });
}
