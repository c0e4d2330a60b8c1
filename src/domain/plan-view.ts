/** What a person sees of a plan: every step in order, how the taken ones ended, and which is under way. */
export interface PlanView {
  readonly onReject: 'stop' | 'skip' | 'undo';
  /** Index of the step that is under way; as many as there are steps once the last one is over. */
  readonly at: number;
  readonly steps: readonly StepView[];
}

export interface StepView {
  readonly name: string;
  /** Its proposal's title, or the first line of its task. */
  readonly about: string;
  /** Once it is over. */
  readonly outcome?: string;
  readonly reason?: string;
  /** How taking it back ended. */
  readonly undo?: string;
}
