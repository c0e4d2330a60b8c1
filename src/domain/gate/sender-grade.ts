/** How surely a gate knows the sender of a decision: by the directory that it recorded, at what it asks and how risky that is. */
import type { Gate, Instant } from './state';
import { gradeOf, type Graded, type Proven } from './signature';

type Staked = Pick<Gate, 'reviewers' | 'policy'> & { readonly assessment: Pick<Gate['assessment'], 'risk'> };

/** Where the cryptography of what stands on it holds. */
export function gradeIn({ reviewers, policy, assessment }: Staked, decision: Proven, at: Instant): Graded {
  const { confirmation } = policy;
  return gradeOf(reviewers, decision, { confirmation, risk: assessment.risk }, at);
}
