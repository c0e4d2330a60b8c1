/** The shape of what one run hands to the next: what is none ends the workflow with a code, before anything is made of it. */
import { z } from 'zod';
import { Root } from './digest';
import { problems } from './gate/decision';
import { AskedShape } from './gate/state-shape';

const Count = z.int().min(0);
const Head = z.looseObject({ entries: Count, head: z.string() });
const Instant = z.int().min(0).max(8_640_000_000_000_000);

const Ledger = z.looseObject({
  chain: z.looseObject({
    root: Root,
    seq: Count,
    head: z.string(),
    pending: z.array(z.looseObject({})),
  }),
  told: Count,
  counted: Count,
  lasts: z.record(z.string(), Head),
});

const Answered = z.array(
  z.looseObject({ receipt: z.looseObject({ id: z.string(), status: z.string() }), content: z.string() }),
);

const Said = z.array(z.looseObject({}));

const GateShape = z.strictObject({
  gate: AskedShape,
  ledger: Ledger,
  setting: z.looseObject({}),
  openedAt: Instant.optional(),
});

const PlanShape = z.strictObject({
  plan: z.looseObject({
    done: z.array(
      z.looseObject({
        end: z.looseObject({ name: z.string(), workflowId: z.string(), outcome: z.string() }),
      }),
    ),
    decisions: Said,
    escalations: Said,
  }),
  answers: z.looseObject({ answered: Answered, refusals: Count }),
  ledger: Ledger,
});

const Feedback = z.looseObject({ id: z.string(), key: z.string(), reviewer: z.string() });

const FeedbackShape = z.strictObject({
  desk: z.strictObject({
    collection: z.looseObject({
      taken: z.array(z.looseObject({ feedback: Feedback, at: z.string() })),
      bytes: z.number(),
      refused: Count,
      refusals: z.array(z.looseObject({ id: z.string() })),
      closed: z.boolean(),
    }),
    closesAt: Instant,
  }),
  deliveries: z.looseObject({
    stored: Count,
    judged: z.boolean(),
    sending: z.array(z.string()),
    undelivered: z.array(z.looseObject({ to: z.string(), why: z.string(), ids: z.array(z.string()) })),
  }),
});

/** What keeps it from being read as what a run of that kind leaves; undefined where it can be. */
export type Unreadable = (carried: unknown) => string | undefined;

export const unreadableGate: Unreadable = (carried) => problem(GateShape.safeParse(carried));
export const unreadablePlan: Unreadable = (carried) => problem(PlanShape.safeParse(carried));
export const unreadableFeedback: Unreadable = (carried) => problem(FeedbackShape.safeParse(carried));

function problem(parsed: z.ZodSafeParseResult<unknown>): string | undefined {
  return parsed.success ? undefined : problems(parsed.error);
}
