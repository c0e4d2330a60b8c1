/** Writes the wire contract's JSON Schemas from the zod definitions; `--check` fails where a committed one is stale. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { PacketSchema, PlanResultSchema, ResultSchema, ReviewedResultSchema } from '../src/domain/answers';
import { Decision, Receipt } from '../src/domain/gate/decision';
import { CollectFeedback, Feedback, FeedbackResult } from '../src/domain/feedback';
import { Policy } from '../src/domain/policy';
import { Proposal } from '../src/domain/proposal';
import { EscalationStart } from '../src/domain/escalation-start';
import { PlanStart } from '../src/domain/plan-start';
import { Confirm, Start } from '../src/domain/start';

const SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  decision: Decision,
  policy: Policy,
  proposal: Proposal,
  receipt: Receipt,
  gate: PacketSchema,
  result: ResultSchema,
  'propose-and-execute': Start,
  'generate-and-review': Start,
  'generate-and-review-result': ReviewedResultSchema,
  confirm: Confirm,
  'multi-step-approval': PlanStart,
  'multi-step-approval-result': PlanResultSchema,
  escalation: EscalationStart,
  'collect-feedback': CollectFeedback,
  feedback: Feedback,
  'collect-feedback-result': FeedbackResult,
};
const folder = join(__dirname, '..', 'schemas');
const check = process.argv.includes('--check');
mkdirSync(folder, { recursive: true });

let stale = 0;
for (const [name, schema] of Object.entries(SCHEMAS)) {
  const file = join(folder, `${name}.schema.json`);
  const text = `${JSON.stringify({ title: name, ...z.toJSONSchema(schema, { io: 'input' }) }, undefined, 2)}\n`;
  if (!check) writeFileSync(file, text);
  else if (read(file) !== text) {
    stale += 1;
    process.stderr.write(`schemas/${name}.schema.json is not what the code says; run: npm run schemas\n`);
  }
}
process.stdout.write(
  check
    ? stale === 0
      ? 'the schemas are current\n'
      : ''
    : `wrote ${String(Object.keys(SCHEMAS).length)} schemas\n`,
);
process.exitCode = stale === 0 ? 0 : 1;

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
