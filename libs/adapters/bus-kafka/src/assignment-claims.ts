import { AssignerProtocol } from 'kafkajs';

/** What a member tells the one that assigns, with every joining of its group. */
export interface Claims {
  /** Partitions it holds, by topic, those with a message in hand first. */
  readonly held: Readonly<Record<string, readonly number[]>>;
  /** Rank of its claim to a directed slot; the highest owns the slot. */
  readonly rank: number;
}

export interface ClaimingMember {
  readonly memberId: string;
  readonly topics: readonly string[];
  readonly claims: Claims;
}

export type Assignment = ReadonlyMap<string, Record<string, number[]>>;

const VERSION = 1;
const NO_CLAIMS: Claims = { held: {}, rank: Number.NEGATIVE_INFINITY };

export const encodeMember = (name: string, topics: readonly string[], claims: Claims) => ({
  name,
  metadata: AssignerProtocol.MemberMetadata.encode({
    version: VERSION,
    topics: [...topics],
    userData: Buffer.from(JSON.stringify(claims)),
  }),
});

export const decodeMember = (memberId: string, metadata: Buffer): ClaimingMember => {
  const decoded = AssignerProtocol.MemberMetadata.decode(metadata);
  return { memberId, topics: decoded?.topics ?? [], claims: readClaims(decoded?.userData) };
};

export const encodeAssignment = (assignment: Assignment) =>
  [...assignment].map(([memberId, partitionsByTopic]) => ({
    memberId,
    memberAssignment: AssignerProtocol.MemberAssignment.encode({
      version: VERSION,
      assignment: partitionsByTopic,
      userData: Buffer.alloc(0),
    }),
  }));

/** A member of another version, or a foreign one, holds nothing that we know of. */
function readClaims(userData: Buffer | undefined): Claims {
  try {
    const claims = JSON.parse(String(userData ?? '')) as Claims;
    return typeof claims.rank === 'number' && typeof claims.held === 'object' && claims.held ? claims : NO_CLAIMS;
  } catch {
    return NO_CLAIMS;
  }
}
