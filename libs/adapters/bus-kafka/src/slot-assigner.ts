import type { PartitionAssigner } from 'kafkajs';
import {
  type Assignment,
  type ClaimingMember,
  type Claims,
  decodeMember,
  encodeAssignment,
  encodeMember,
} from './assignment-claims.js';

const NAME = 'atelier-slot';

/** Gives one partition, and nothing else, to one member of the group that is named after the slot. */
export const slotAssigner =
  (partition: number, claims: () => Claims): PartitionAssigner =>
  () => ({
    name: NAME,
    version: 1,
    protocol: ({ topics }) => encodeMember(NAME, topics, claims()),
    assign: async ({ members }) =>
      encodeAssignment(
        assignSlot(
          members.map(({ memberId, memberMetadata }) => decodeMember(memberId, memberMetadata)),
          partition,
        ),
      ),
  });

/**
 * The highest claim wins: a process that was stopped, lost its slot and comes back must not take it from the one that
 * was given it meanwhile. It stays in the group with nothing to read, ready should the new owner die.
 */
export function assignSlot(members: readonly ClaimingMember[], partition: number): Assignment {
  const [owner] = [...members].sort((a, b) => b.claims.rank - a.claims.rank || a.memberId.localeCompare(b.memberId));
  return new Map(
    members.map((member) => [
      member.memberId,
      member === owner ? Object.fromEntries(member.topics.map((topic) => [topic, [partition]])) : {},
    ]),
  );
}
