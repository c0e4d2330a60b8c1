/** What a channel is told: that people are asked, asked again, warned, or done. Ids and sentences; never the args. */
export interface Notice {
  /** The same for every attempt: a receiver that has seen it drops the repeat. 64 hex characters. */
  readonly id: string;
  readonly kind: 'opened' | 'reminder' | 'warning' | 'escalated' | 'info' | 'closed';
  /** Where to decide: the workflow whose gate is open. */
  readonly workflowId: string;
  readonly gate: string;
  readonly revision: number;
  readonly level: string;
  /** Who is asked; `*` is anybody. */
  readonly people: readonly string[];
  readonly action: string;
  /** The agent's words: hostile until sanitised. */
  readonly title: string;
  readonly risk: string;
  readonly requester: string;
  /** Since when it is so, the same for every attempt; ISO 8601 UTC. Absent: the attempt's time stands for it. */
  readonly at?: string;
  /** ISO 8601 UTC. */
  readonly deadline?: string;
  readonly outcome?: string;
  readonly reason?: string;
}
