/** The table of expectations in a policy file: what its author says must come of which proposal, beside what does. */
import type { PolicyFile } from './file';
import { NO_RULE } from './meaning';
import { weigh, type Weighed } from './rules';
import type { Expectation } from './shape';

/** What was expected, or came: in part, or all of it. */
export interface Said {
  readonly rule?: string | undefined;
  readonly policy?: string | undefined;
  readonly confirmation?: string | undefined;
  readonly denied?: boolean | undefined;
  /** Neither a policy nor a denial: why. */
  readonly error?: string | undefined;
}

export interface Tried {
  readonly name: string;
  readonly ok: boolean;
  readonly expected: Said;
  readonly came: Said;
}

/** In the file's order. */
export function expectations(file: PolicyFile): Tried[] {
  return file.expect.map((one) => {
    const { name, proposal, ...expected } = one;
    const came = cameOf(weigh(file, proposal));
    return { name, ok: meets(expected, came), expected, came };
  });
}

function cameOf(weighed: Weighed): Said {
  if (weighed.ok) {
    const { rule = NO_RULE, called, policy } = weighed;
    return { rule, policy: called, confirmation: policy.confirmation, denied: false };
  }
  if (weighed.code !== 'DENIED') return { error: weighed.message };
  return { rule: weighed.met.find(({ outcome }) => outcome === 'matched')?.name, denied: true };
}

/** Whatever is said of it; of several rules that deny, the first. An error is nothing that could be expected. */
function meets(expected: Omit<Expectation, 'name' | 'proposal'>, came: Said): boolean {
  return (
    came.error === undefined &&
    (['rule', 'policy', 'confirmation', 'denied'] as const).every(
      (key) => expected[key] === undefined || expected[key] === came[key],
    )
  );
}
