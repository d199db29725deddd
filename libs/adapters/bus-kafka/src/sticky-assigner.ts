import type { Cluster, PartitionAssigner } from 'kafkajs';
import {
  type Assignment,
  type ClaimingMember,
  type Claims,
  decodeMember,
  encodeAssignment,
  encodeMember,
} from './assignment-claims.js';

const NAME = 'atelier-sticky';

/** kafkajs' cluster object knows the partitions of the topics it was told of; its types leave this method out. */
type TopicCluster = Cluster & { addMultipleTargetTopics(topics: readonly string[]): Promise<void> };

/**
 * Shares the partitions of each topic evenly and moves as few as that allows. What a member works on moves last: a
 * partition that moves in the middle of a message has that message done twice.
 *
 * @param claims asked at every joining
 */
export const stickyAssigner =
  (claims: () => Claims): PartitionAssigner =>
  ({ cluster }) => ({
    name: NAME,
    version: 1,
    protocol: ({ topics }) => encodeMember(NAME, topics, claims()),
    assign: async ({ members }) => {
      const claiming = members.map(({ memberId, memberMetadata }) => decodeMember(memberId, memberMetadata));
      // Those of all members: during a rolling upgrade the one that assigns may not know every topic.
      const topics = [...new Set(claiming.flatMap((member) => member.topics))];
      await (cluster as TopicCluster).addMultipleTargetTopics(topics);
      const partitions = new Map(
        topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId)]),
      );
      return encodeAssignment(assignStickily(claiming, partitions));
    },
  });

/** @param partitions ids by topic */
export function assignStickily(
  members: readonly ClaimingMember[],
  partitions: ReadonlyMap<string, readonly number[]>,
): Assignment {
  const assignment = new Map(members.map(({ memberId }) => [memberId, {} as Record<string, number[]>]));
  const loads = new Map(members.map(({ memberId }) => [memberId, 0]));
  // Topics with many partitions first: the odd ones of small topics then even out the rest.
  const largestFirst = [...partitions].sort(([, a], [, b]) => b.length - a.length);
  for (const [topic, ids] of largestFirst) {
    const readers = members.filter(({ topics }) => topics.includes(topic));
    for (const [memberId, share] of shareTopic(topic, ids, readers, loads)) {
      if (share.length === 0) continue;
      (assignment.get(memberId) as Record<string, number[]>)[topic] = share.sort((a, b) => a - b);
      loads.set(memberId, (loads.get(memberId) ?? 0) + share.length);
    }
  }
  return assignment;
}

function shareTopic(
  topic: string,
  ids: readonly number[],
  readers: readonly ClaimingMember[],
  loads: ReadonlyMap<string, number>,
): Map<string, number[]> {
  const shares = new Map(readers.map(({ memberId }) => [memberId, [] as number[]]));
  const free = new Set(ids);
  const holding = (reader: ClaimingMember) => (reader.claims.held[topic] ?? []).filter((id) => free.has(id));
  let larger = ids.length % Math.max(1, readers.length);
  const smallQuota = Math.floor(ids.length / Math.max(1, readers.length));
  // Whoever holds most may keep one more where the division leaves a rest; then whoever has least elsewhere.
  const order = [...readers].sort(
    (a, b) =>
      holding(b).length - holding(a).length ||
      (loads.get(a.memberId) ?? 0) - (loads.get(b.memberId) ?? 0) ||
      a.memberId.localeCompare(b.memberId),
  );
  const quotas = new Map(order.map(({ memberId }) => [memberId, smallQuota + (larger-- > 0 ? 1 : 0)]));
  for (const reader of order) {
    const kept = holding(reader).slice(0, quotas.get(reader.memberId));
    for (const id of kept) free.delete(id);
    shares.get(reader.memberId)?.push(...kept);
  }
  for (const reader of order) {
    const share = shares.get(reader.memberId) ?? [];
    for (const id of free) {
      if (share.length >= (quotas.get(reader.memberId) ?? 0)) break;
      free.delete(id);
      share.push(id);
    }
  }
  return shares;
}
