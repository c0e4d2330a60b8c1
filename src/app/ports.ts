/**
 * What use cases stand on. A front door hands it to them: a terminal, a page and a service each bring their own. A use case names
 * the ports that it needs, `Pick<Ports, …>`, so that it can be tried with those alone.
 */
import type { Countersign, Packet } from '../client';
import type { AuditRecord, AuditStore } from '../store/audit-store';
import type { Seen } from '../domain/packet/view';

export interface Ports {
  readonly gates: Gates;
  readonly identity: Identity;
  readonly lastRead: LastRead;
  readonly record: RecordReader;
}

/** Workflows with a gate, behind the typed client. What they throw is a `CountersignError`, which the table of errors knows. */
export type Gates = Pick<Countersign, keyof Countersign>;

/** The record, to be read; whoever has opened it closes it. */
export type RecordReader = Pick<AuditStore, 'chains' | 'entries' | 'count' | 'configurations'>;

/** As it was opened. */
export type OpenRecord = RecordReader & Pick<AuditStore, 'close'>;

/** One row of the record. */
export type { AuditRecord };

/** Who is speaking. At a terminal that is the flag `--reviewer`, believed; where a door authenticates people, whom it has authenticated. */
export interface Identity {
  readonly name: string;
}

/**
 * What each person was shown last of a gate, so that the next time shows what has changed since. A convenience: its trouble is
 * never an error, and nothing is decided by it.
 */
export interface LastRead {
  /** Undefined where nothing was shown, or nothing but the revision that is there now. */
  before(packet: Packet, reader: string): Promise<Seen | undefined>;
  /** For after all of it was shown. */
  note(packet: Packet, reader: string): Promise<void>;
}
