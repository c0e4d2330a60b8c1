/** What must be there before the first worker: the stores' tables, and the server's search attributes. Running it again changes nothing. */
import { AppError } from './errors';

export interface Attribute {
  readonly name: string;
  readonly type: string;
  readonly state: 'there' | 'missing' | 'of another type' | 'added';
}

interface Attributes {
  readonly attributes: readonly Attribute[];
  /** Names of those that were added now. */
  readonly added: readonly string[];
  /** What somebody has to do elsewhere, where they cannot be added from here. */
  readonly mend?: readonly string[];
}

/** What it stands on. */
export interface SetupPorts {
  readonly storeName: string;
  /** Whether the store has roles: PostgreSQL. */
  readonly isShared: boolean;
  /** Each makes what it lacks as it gets ready. @param writer a role that is made, and that may read and add, no more */
  readonly stores: readonly ((
    writer: string | undefined,
  ) => Promise<{ ready(): Promise<void>; close(): Promise<void> }>)[];
  server(target: SetupInput): Promise<{
    readonly address: string;
    readonly namespace: string;
    ensureAttributes(): Promise<Attributes>;
    close(): Promise<void>;
  }>;
}

export interface SetupInput {
  readonly address?: string | undefined;
  readonly namespace?: string | undefined;
  readonly writer?: string | undefined;
}

export interface SetUp {
  /** Nothing is left to be done. */
  readonly ok: boolean;
  readonly address: string;
  readonly namespace: string;
  readonly attributes: readonly Attribute[];
  readonly store: string;
  readonly writer?: string;
  readonly mend?: readonly string[];
}

/** @throws AppError INVALID_INPUT for a role of a store that has none; Error where a store cannot be made; UnreachableError */
export async function setUp(ports: SetupPorts, input: SetupInput): Promise<SetUp> {
  const { writer } = input;
  if (writer !== undefined && !ports.isShared)
    throw new AppError('INVALID_INPUT', '--writer is a role of PostgreSQL; COUNTERSIGN_STORE names none');
  // The stores first: they are there even where somebody else must add the attributes.
  for (const open of ports.stores) {
    const store = await open(writer);
    try {
      await store.ready();
    } finally {
      await store.close();
    }
  }
  const server = await ports.server(input);
  try {
    const { address, namespace } = server;
    const { attributes, added, mend = [] } = await server.ensureAttributes();
    const ok = mend.length === 0;
    return {
      ok,
      address,
      namespace,
      attributes: attributes.map((one) => (added.includes(one.name) ? { ...one, state: 'added' } : one)),
      store: ports.storeName,
      ...(writer === undefined ? {} : { writer }),
      ...(ok ? {} : { mend }),
    };
  } finally {
    await server.close();
  }
}
