/** What the commands that decide share for signing: the reviewer's key stays on their machine, and signs what they have read. */
import { wholeDecision } from '../app/decide/decision';
import { toSign } from '../app/decide/signable';
import { AppError } from '../app/errors';
import type { DecideInput, Decision, Packet } from '../client';
import { milliseconds } from '../domain/duration';
import { LONGEST_LIFE } from '../domain/gate/signature';
import { KeyFileError, readPrivateKey, sign, type PrivateKeyFile } from '../signing';
import type { Deps } from './command';
import { Failure } from './output';
import { passphrase as asked } from './passphrase';

export interface SigningOptions {
  /** The private key's file; without it nothing is signed. */
  readonly key?: string | undefined;
  /** @default what the key's file says */
  readonly keyId?: string | undefined;
  /** The deployment that the signer signs for, and no other. @default COUNTERSIGN_DEPLOYMENT; without it the gate's own */
  readonly deployment?: string | undefined;
  /** How long the signature is good for, a duration of at most 24 hours. @default 15 minutes */
  readonly expires?: string | undefined;
}

export const EXPIRES = '15 minutes';

/**
 * The whole decision, as it is sent: with `v`, an id (a new one, where it has none) and, where there is a key, the hash of what the gate
 * shows and its signature.
 * @param from the workflow that is decided on, and its gate, which is asked for only where there is a key
 * @throws AppError where it is malformed, and as `toSign`; Failure where the key is none
 */
export async function signedBy(
  deps: Deps,
  options: SigningOptions,
  from: { readonly workflowId: string; readonly read: () => Promise<Packet> },
  input: DecideInput,
): Promise<Decision> {
  const whole = wholeDecision(input);
  if (options.key === undefined) return whole;
  const life = lifeOf(options.expires ?? EXPIRES);
  const { where, decision } = toSign(await from.read(), whole, {
    asked: from.workflowId,
    signsFor: options.deployment ?? deps.config.deployment,
  });
  const { privateKeyPem, keyId: filed } = await opened(deps, options.key);
  const keyId = options.keyId ?? filed;
  if (keyId === undefined)
    throw new Failure(
      'FLAG_MISSING',
      `--key-id is needed: ${options.key} does not say its key's id, which stands in the reviewers directory`,
    );
  const issued = new Date();
  const expires = new Date(issued.getTime() + life);
  return wholeDecision(sign(decision, where, { keyId, privateKeyPem, issued, expires }));
}

function lifeOf(text: string): number {
  const life = milliseconds(text);
  if (life >= 1 && life <= LONGEST_LIFE) return life;
  throw new AppError('INVALID_INPUT', '--expires takes a duration of at most 24 hours, such as "15 minutes"');
}

/** The passphrase of an encrypted key is the environment's or is asked for, three times at most. */
async function opened(deps: Deps, file: string): Promise<PrivateKeyFile> {
  const { keyPassphrase } = deps.config;
  let passphrase = keyPassphrase;
  for (let attempt = 1; ; attempt++) {
    try {
      return readPrivateKey(file, passphrase);
    } catch (error) {
      if (!(error instanceof KeyFileError)) throw error;
      const { code, message } = error;
      const again = code === 'ENCRYPTED' || (code === 'WRONG_PASSPHRASE' && keyPassphrase === undefined);
      if (!again || !deps.streams.inTerminal || attempt > 3)
        throw new Failure(`KEY_${code}`, `${message}; nothing was signed`);
      if (code === 'WRONG_PASSPHRASE') deps.streams.err(`${message}\n`);
    }
    passphrase = await asked(deps, file);
    if (passphrase === undefined) throw new Failure('NOT_SIGNED', 'nothing was signed');
  }
}
