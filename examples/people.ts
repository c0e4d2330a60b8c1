/**
 * The people of the stories in these folders. Each waits until it is asked, reads what is asked, says what it says, and is heard
 * saying it: through the update that any service may send, judged like everybody else.
 */
import { connect, Countersign, temporalClient, type Json } from 'countersign';
import { scriptedReviewer, type Step } from 'countersign/testing';
import colours from 'picocolors';

/** Milliseconds that a story waits for whatever comes next; a machine may be busy. */
const WITHIN = 60_000;

export interface Story {
  readonly countersign: Countersign;
  /** Does something on what is open in `workflowId`, once it is; a refusal ends the story. */
  readonly does: (reviewer: string, workflowId: string, step: Step) => Promise<void>;
}

/** Plays against the server that TEMPORAL_ADDRESS names, or `countersign dev` on this machine. */
export async function story(play: (on: Story) => Promise<void>): Promise<void> {
  const connected = await connect();
  try {
    const countersign = new Countersign({ client: temporalClient(connected) });
    await play({ countersign, does: (...what) => does(countersign, ...what) });
  } finally {
    await connected.connection.close();
  }
}

async function does(countersign: Countersign, reviewer: string, workflowId: string, step: Step) {
  const person = scriptedReviewer({ client: countersign, reviewer, script: [step], within: WITHIN });
  const [receipt] = await person.review(workflowId);
  if (receipt?.status !== 'admitted')
    throw new Error(`${reviewer} was refused on ${workflowId}: ${receipt?.message ?? 'no receipt'}`);
  const { verdict = '', comment } = step.does === 'decide' ? step.decision : {};
  const { proposal } = await countersign.show(workflowId);
  const about = proposal === undefined ? '' : `: ${plain(proposal.title)}`;
  say(`  ${colours.bold(reviewer)} ${SAID[verdict] ?? verdict} ${workflowId}${about}`);
  if (comment !== undefined) say(colours.dim(`      “${plain(comment.split('\n')[0] ?? '')}”`));
}

const SAID: Readonly<Record<string, string>> = {
  approve: 'approves',
  edit: 'edits',
  reject: 'rejects',
  revise: 'sends back',
  escalate: 'passes up',
};

/** What agents and people wrote reaches a terminal without characters that it would obey. */
export function plain(written: Json = ''): string {
  const text = typeof written === 'string' ? written : JSON.stringify(written);
  return text.replace(/[^\P{C}\n]/gu, '\uFFFD');
}

export function say(line = ''): void {
  process.stdout.write(`${line}\n`);
}

export function title(line: string): void {
  say(`\n${colours.bold(line)}`);
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): void {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  rows.forEach((row, index) => {
    const line = row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
    say(`  ${index === 0 ? colours.dim(line) : line}`);
  });
}
