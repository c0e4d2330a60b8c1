/** What it took a model to propose: kept with the proposal, so that cost, speed and repairs can be looked up later. */
export interface Generation {
  readonly model: string;
  /** Calls to the provider, repairs and the separate question for confidence among them. */
  readonly calls: number;
  /** Tokens over all calls; absent where the provider does not say. */
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  /** Time spent waiting for the provider. */
  readonly milliseconds: number;
  /** What was wrong with each draft that the model was asked to repair, oldest first. */
  readonly repairs: readonly string[];
  /** How many edits and rejections of before it was shown; absent where there were none. */
  readonly lessons?: number;
  /** Why the model gave no confidence; it counts as 0 then. */
  readonly noConfidence?: string;
}
