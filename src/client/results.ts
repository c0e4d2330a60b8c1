/** How each workflow type ends, for whoever waits for it. */
import type { Result } from '../domain/packet';

export type { PlanResult } from '../workflows/types/multi-step-approval';
export type { ReviewedResult } from '../workflows/types/generate-and-review';
export type { Result };

/** How `confirm` ended. */
export type Confirmed = Result & { readonly confirmed: boolean };
