/** An answer to a customer: an agent writes it, two people work on it, and what both have signed is what is sent. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { approve, edit, revise } from 'countersign/testing';
import type { ReviewedResult } from 'countersign/workflows';
import colours from 'picocolors';
import { plain, say, story, title, type Story } from '../people';

const ID = 'answer-1187';
const ask: unknown = JSON.parse(readFileSync(path.join(__dirname, 'ask.json'), 'utf8'));

/** Ana knows that a parcel from there takes longer. */
const CORRECTED =
  'Dear Kim, your parcel was lost between Lyon and Basel. We send a new one today, it arrives in 4 days. We apologise for the inconvenience.';

/** The first line is for whoever reads it; the offline agent obeys the second one, as a language model would the first. */
const SENT_BACK = `Say sorry first, and give Kim a name to turn to.
answer: Dear Kim, I am sorry: your parcel was lost between Lyon and Basel, and we should have told you. We send a new one today, it arrives in 4 days. If it does not, write to me. Ana`;

async function play({ countersign, does }: Story): Promise<void> {
  title(`${ID}: the agent writes, two people have to sign`);
  await countersign.start('generateAndReview', ask, ID);
  await does('ana', ID, edit({ output: CORRECTED }, 'two days is a promise that we break'));
  await does('bo', ID, revise(SENT_BACK));
  await does('ana', ID, approve());
  await does('bo', ID, approve('much better'));
  told((await countersign.result(ID)) as unknown as ReviewedResult);
}

function told({ outcome, result, changes, decisions }: ReviewedResult): void {
  const [first = []] = changes.map(wordsOf);
  say(
    `\n  revision 1, by the agent:\n    ${first.map(({ op, text }) => (op === 'added' ? '' : plain(text))).join('')}`,
  );
  for (const change of changes)
    say(
      `\n  revision ${String(change.revision)}, by ${plain(change.by)}:\n    ${wordsOf(change).map(marked).join('')}`,
    );
  const signed = decisions.filter(({ verdict }) => verdict === 'approve').map(({ reviewer }) => reviewer);
  say(`\n  ${outcome}, signed by ${signed.join(' and ')}; this is sent:\n`);
  say(`    ${colours.bold(plain(result))}`);
}

type Change = ReviewedResult['changes'][number];
type Word = NonNullable<Change['words']>[number]['changes'][number];

/** What was changed in the answer itself. */
function wordsOf({ words = [] }: Change): readonly Word[] {
  return words.find(({ path: at }) => at === '/args/output')?.changes ?? [];
}

/** Word by word: what is gone in [-…-], what is new in {+…+}, as `git diff --word-diff` has it. */
function marked({ op, text }: Word): string {
  if (op === 'same') return plain(text);
  return op === 'added' ? colours.green(`{+${plain(text)}+}`) : colours.red(`[-${plain(text)}-]`);
}

void story(play);
