/** A ticket that nobody is quite the right one for: it climbs from an agent to a manager, and each step says why. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Result } from 'countersign';
import { approve, escalate } from 'countersign/testing';
import colours from 'picocolors';
import { plain, say, story, title, type Story } from '../people';

const ID = 'ticket-77';
const ticket: unknown = JSON.parse(readFileSync(path.join(__dirname, 'ticket.json'), 'utf8'));

async function play({ countersign, does }: Story): Promise<void> {
  title(`${ID}: two agents, then people`);
  await countersign.start('escalation', ticket, ID);
  const unsure = 'the card is of somebody else, I may not promise anything about it';
  await does('ana', `${ID}/HUMAN`, escalate(unsure));
  await does('mo', `${ID}/MANAGER`, approve('the bank confirms it'));
  told(await countersign.result(ID));
}

/** The levels in the order they were asked, each with what was said there and why it went on. */
function told({ outcome, result, escalations, decisions }: Result): void {
  const levels = [...escalations.map(({ from }) => from), escalations.at(-1)?.to ?? 'AGENT'];
  say();
  levels.forEach((level, index) => {
    say(`  ${String(index + 1)}. ${colours.bold(plain(level))}`);
    for (const { reviewer, verdict, comment, at } of decisions.filter((one) => one.level === level))
      say(`     ${at}  ${reviewer}: ${verdict}${comment === undefined ? '' : ` (${plain(comment)})`}`);
    for (const { to, reason, at } of escalations.filter(({ from }) => from === level))
      say(`     ${at}  to ${to}, because: ${plain(reason)}`);
  });
  say(`\n  ${outcome}; this is what Dana is told:\n\n    ${colours.bold(plain(result))}`);
}

void story(play);
