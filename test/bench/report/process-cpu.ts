import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Cluster } from '../../../tools/stack/cluster.mjs';

/** Processor milliseconds by process, user and system. */
export type CpuReading = ReadonlyMap<string, number>;

export interface CpuUse {
  readonly own: number;
  readonly infrastructure: number;
  readonly byName: Readonly<Record<string, number>>;
}

const TICK_MS = 1_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Reads what the processes of a cluster have cost so far from /proc; servers of several processes are summed up. */
export class CpuMeter {
  private readonly own: ReadonlyMap<string, number>;
  private readonly infrastructure: ReadonlyMap<string, number>;

  constructor(cluster: Cluster) {
    this.own = new Map(cluster.services.map(({ name, pid }) => [name, pid as number]));
    this.infrastructure = new Map(
      (['kafka', 'postgres', 'redis', 's3'] as const).map((name) => {
        const server = cluster.stack[name];
        if (!('pid' in server)) throw new Error('only servers that the cluster has started can be measured');
        return [name, server.pid];
      }),
    );
  }

  read(): CpuReading {
    const processes = readProcesses();
    const costOf = (pid: number): number =>
      processes.filter((one) => one.pid === pid || one.parent === pid).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    return new Map([...this.own, ...this.infrastructure].map(([name, pid]) => [name, costOf(pid)]));
  }

  since(before: CpuReading): CpuUse {
    const spent = [...this.read()].map(([name, ms]) => [name, ms - (before.get(name) ?? 0)] as const);
    const sumOf = (names: ReadonlyMap<string, number>) =>
      spent.filter(([name]) => names.has(name)).reduce((sum, [, ms]) => sum + ms, 0);
    return {
      own: sumOf(this.own),
      infrastructure: sumOf(this.infrastructure),
      byName: Object.fromEntries(spent),
    };
  }
}

function readProcesses(): { readonly pid: number; readonly parent: number; readonly cpuMs: number }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        // The command may hold spaces and brackets: the fields begin behind its last bracket, with the state.
        const fields = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
        const [parent, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map((index) =>
          Number(fields[index]),
        );
        // A server that forks also pays for the children that have ended.
        const ticks = (user ?? 0) + (system ?? 0) + (endedUser ?? 0) + (endedSystem ?? 0);
        return [{ pid: Number(name), parent: parent ?? 0, cpuMs: ticks * TICK_MS }];
      } catch {
        return [];
      }
    });
}
