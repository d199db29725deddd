import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a process may still take once it is in its group: less than any of ours needs for its next moments of work. */
const LIMIT_BYTES = 4 * 1024 * 1024;
/** The kernel acts when the process asks for memory; one that asks for none is ended by us. */
const PATIENCE_MS = 5_000;

/** Version 1 has a folder for each resource, version 2 one for all. */
const GROUPS = [
  { folder: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes' },
  { folder: '/sys/fs/cgroup', limit: 'memory.max' },
];

/**
 * Ends a process for want of memory: it is moved into a group whose limit it exceeds at once, and the kernel's
 * out-of-memory killer takes it. Where no group may be made, SIGKILL, which is what that killer sends.
 *
 * @returns who ended it
 */
export async function killByMemory(pid: number, exited: Promise<unknown>): Promise<'kernel' | 'signal'> {
  const groups = GROUPS.filter(({ folder }) => existsSync(join(folder, 'cgroup.procs'))).map(({ folder, limit }) => ({
    group: join(folder, `atelier-faults-${pid}`),
    limit,
  }));
  const isInGroup = groups.some(({ group, limit }) => moveInto(group, limit, pid));
  const isOver = exited.then(() => true);
  const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), PATIENCE_MS));
  const byKernel = isInGroup && (await Promise.race([isOver, late]));
  if (!byKernel) process.kill(pid, 'SIGKILL');
  await exited;
  for (const { group } of groups) removeGroup(group);
  return byKernel ? 'kernel' : 'signal';
}

function moveInto(group: string, limit: string, pid: number): boolean {
  try {
    mkdirSync(group);
    writeFileSync(join(group, limit), String(LIMIT_BYTES));
    writeFileSync(join(group, 'cgroup.procs'), String(pid));
    return true;
  } catch {
    removeGroup(group);
    return false;
  }
}

/** A group that still empties itself stays; it holds nothing. */
function removeGroup(group: string): void {
  try {
    if (existsSync(group)) rmdirSync(group);
  } catch {
    return;
  }
}
