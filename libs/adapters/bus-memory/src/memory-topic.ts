import type { Clock, OutgoingMessage } from '@atelier/ports';
import { ConsumerGroup, type RedeliveryBackoff } from './consumer-group.js';
import { PartitionLog } from './partition-log.js';

interface MemoryTopicOptions {
  readonly clock: Clock;
  readonly redelivery: RedeliveryBackoff;
  readonly retainedMessages: number;
}

/** The partitions of one topic and everybody who reads them. */
export class MemoryTopic {
  private readonly logs: readonly PartitionLog[];
  private readonly queueGroups = new Map<string, ConsumerGroup>();
  private readonly broadcasts = new Set<ConsumerGroup>();

  constructor(
    readonly partitions: number,
    private readonly options: MemoryTopicOptions,
    private readonly closing: AbortSignal,
  ) {
    this.logs = Array.from({ length: partitions }, () => new PartitionLog());
  }

  append(message: OutgoingMessage, partition: number): void {
    this.logs[partition]?.append(message);
    for (const group of this.queueGroups.values()) group.wake(partition);
    for (const group of this.broadcasts) group.wake(partition);
    if (this.queueGroups.size === 0) this.trim(partition);
  }

  queueGroup(name: string): ConsumerGroup {
    let group = this.queueGroups.get(name);
    if (!group) {
      group = this.createGroup('oldest');
      this.queueGroups.set(name, group);
    }
    return group;
  }

  openBroadcast(): ConsumerGroup {
    const group = this.createGroup('end');
    this.broadcasts.add(group);
    return group;
  }

  closeBroadcast(group: ConsumerGroup): void {
    this.broadcasts.delete(group);
    for (let partition = 0; partition < this.partitions; partition += 1) this.trim(partition);
  }

  private createGroup(start: 'oldest' | 'end'): ConsumerGroup {
    const { clock, redelivery } = this.options;
    return new ConsumerGroup(this.logs, start, clock, redelivery, (partition) => this.trim(partition), this.closing);
  }

  /** Drops what every group has acknowledged; without a queue group the newest messages stay for one to come. */
  private trim(partition: number): void {
    const log = this.logs[partition];
    if (!log) return;
    const retained = this.queueGroups.size === 0 ? log.end - this.options.retainedMessages : log.end;
    let oldestNeeded = retained;
    for (const groups of [this.queueGroups.values(), this.broadcasts]) {
      for (const group of groups) oldestNeeded = Math.min(oldestNeeded, group.cursors[partition]?.next ?? 0);
    }
    log.trim(oldestNeeded);
  }
}
