/** What is shown of the model's question, hashed again: from the words of the design, and from nothing of the core. */
import { hashed } from './authority-approval';
import { PLACE } from './given';
import { levelOf, phraseOf, question, type State } from './model';

/** What every question of these tests says besides, and what is asked where an agent sent nothing back. */
const WORDS = { title: 'Refund it', rationale: 'broken', confidence: 0.8, sensitive: false };
const NOTHING = {
  title: 'The agent had nothing to propose',
  rationale: 'Answer in its place, send it back with what the agent should know, or reject it.',
  confidence: 0,
  sensitive: false,
};

export function shownAgain(state: State): string {
  const { requester } = state;
  const { action, args, by, policy, failed } = question(state);
  return hashed({
    v: 1,
    proposal: { action, args, ...(action === 'confirm' ? NOTHING : WORDS) },
    requester,
    requesterProof: PLACE.requesterProof,
    by,
    policy,
    level: levelOf(state).name,
    phrase: failed ? undefined : phraseOf(state),
    risk: 'medium',
  });
}
