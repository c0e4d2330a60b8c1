/** What any store of the audit must do. Two hashes at one seq are a fork, which the store keeps rather than refuses. */

/** One row of `audit_entries`. */
export interface AuditRecord {
  readonly workflowId: string;
  readonly firstRunId: string;
  /** 1, 2, 3, … */
  readonly seq: number;
  /** SHA-256 of `entry`, 64 hex characters. */
  readonly hash: string;
  /** The hash of the entry before; 64 zeros before the first. */
  readonly prev: string;
  /** The entry, canonical JSON text (RFC 8785). */
  readonly entry: string;
}

export interface AuditStore {
  /** Stores all or none, durably, before it resolves. A record that is there already is left as it is. */
  append(records: readonly AuditRecord[]): Promise<void>;
  /** In order of first run and seq; all runs of a workflow id, or one. */
  entries(workflowId: string, firstRunId?: string): Promise<AuditRecord[]>;
  close(): Promise<void>;
}
