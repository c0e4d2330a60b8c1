/**
 * What the file of COUNTERSIGN_REVIEWERS may say: people, the agents they answer for, and whose keys count for what. A key is
 * registered for one role, and for one holder: no signature of a service passes for a person's.
 */
import { z } from 'zod';
import { ConfirmationLevel, Risk } from './confirmation';
import { PasskeyEntry } from './passkey';
import { Id } from './proposal';

/** An Ed25519 public key: its 32 raw bytes in base64. */
export const PublicKey = z
  .string()
  .regex(/^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/, 'must be the 32 bytes of an Ed25519 public key in base64');

export const ReviewerKey = z.strictObject({
  /** Named in each signature; a holder has each id once. */
  id: Id,
  public: PublicKey,
  /** Valid from then on. @default always */
  from: z.iso.datetime().optional(),
  /** Valid before then. @default for ever */
  until: z.iso.datetime().optional(),
  /** From then on nothing it signs counts, and nothing that it signed before is executed any more. */
  revoked: z.iso.datetime().optional(),
});
export type ReviewerKey = z.infer<typeof ReviewerKey>;

/** A person's: of a key file, or a passkey. */
export const PersonKey = z.discriminatedUnion('kind', [
  ReviewerKey.extend({ kind: z.undefined().optional() }),
  PasskeyEntry,
]);
export type PersonKey = ReviewerKey | PasskeyEntry;

export function isPasskey(key: PersonKey): key is PasskeyEntry {
  return 'spki' in key;
}

/** Who somebody is to an issuer, matched character for character; never an e-mail address, which may be given away again. */
export const Identity = z.strictObject({
  /** How it is proven, such as `oidc` or `token`. */
  method: Id,
  issuer: z.string().min(1).max(2_000),
  subject: z.string().min(1).max(2_000),
});
export type Identity = z.infer<typeof Identity>;

export const Reviewer = z.strictObject({
  name: Id,
  /** Other names of the same person; no identity is ever read from one. */
  aliases: z.array(Id).max(50).optional(),
  roles: z.array(Id).max(50).optional(),
  identities: z.array(Identity).max(20).optional(),
  keys: z.array(PersonKey).max(20).optional(),
});
export type Reviewer = z.infer<typeof Reviewer>;

/** An agent, by its level (AGENT), its own name (openai/gpt-5-mini) or the requester's (svc-orders): who answers for it. */
export const OwnedAgent = z.strictObject({ name: Id, owners: z.array(Id).min(1).max(50) });

const keys = z.array(ReviewerKey).min(1).max(20);

/** Who signs the starts of workflows as their requester. */
export const KeyedRequester = z.strictObject({ name: Id, keys });
/** Whose permits and receipts count. */
export const KeyedWorker = z.strictObject({ name: Id, keys });

/** A front door: what authenticates people and says so with its key. */
export const Door = z.strictObject({
  name: Id,
  keys,
  /** How it may have authenticated somebody. */
  methods: z.array(Id).min(1).max(50),
  /** @default CONFIRM where anybody holds keys, else VERIFY */
  upTo: ConfirmationLevel.optional(),
  /** @default all of them, but high where anybody holds keys */
  risks: z.array(Risk).min(1).max(3).optional(),
  /** It vouches for those who hold one of them. @default everybody */
  roles: z.array(Id).min(1).max(50).optional(),
});
export type Door = z.infer<typeof Door>;

/** What may stand in the file, each entry by itself; `Directory` looks at them beside each other. */
export const DirectoryEntries = z.strictObject({
  /** What signed texts call this installation, over COUNTERSIGN_DEPLOYMENT. */
  deployment: Id.optional(),
  people: z.array(Reviewer).min(1).max(1_000),
  agents: z.array(OwnedAgent).max(1_000).optional(),
  requesters: z.array(KeyedRequester).max(1_000).optional(),
  doors: z.array(Door).max(100).optional(),
  workers: z.array(KeyedWorker).max(1_000).optional(),
  /** Whether passkeys count that their maker copies between devices. @default allow */
  passkeys: z.strictObject({ synced: z.enum(['allow', 'refuse']) }).optional(),
});
export type DirectoryEntries = z.infer<typeof DirectoryEntries>;
