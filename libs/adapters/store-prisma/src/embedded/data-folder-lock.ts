import { linkSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Thrown when another live process has the data folder open: two writers would destroy the database. */
export class DataFolderLockedError extends Error {
  override readonly name = 'DataFolderLockedError';
  constructor(
    readonly dataDir: string,
    readonly pid: number,
  ) {
    super(`the data folder ${dataDir} is in use by process ${pid}; stop it or choose another folder`);
  }
}

export interface DataFolderLock {
  release(): void;
}

interface Holder {
  readonly pid: number;
  /** Start of the holder in clock ticks since boot, or null where unknown: tells a reused pid from the holder. */
  readonly startedTicks: string | null;
}

const heldHere = new Set<string>();
/** A take-over lasts microseconds; one that is older belongs to a process that died in the middle of it. */
const ABANDONED_TAKEOVER_MS = 10_000;

/**
 * Takes the folder for this process. A lock whose process is gone (killed, machine restarted) is taken over.
 * The lock lies beside the folder, because the database owns what is inside.
 */
export const lockDataFolder = (dataDir: string): DataFolderLock => {
  const lockPath = `${path.resolve(dataDir)}.lock`;
  if (heldHere.has(lockPath)) throw new DataFolderLockedError(dataDir, process.pid);
  if (!create(lockPath)) takeOver(dataDir, lockPath);
  heldHere.add(lockPath);
  return {
    release: () => {
      if (!heldHere.delete(lockPath)) return;
      remove(lockPath);
    },
  };
};

/** A link appears together with its content: nobody ever sees a lock that does not name its holder yet. */
const create = (file: string): boolean => {
  const holder: Holder = { pid: process.pid, startedTicks: startedTicks(process.pid) };
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(holder));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    remove(draft);
  }
};

/** Of several processes that find the same dead lock, the one that creates the take-over file replaces it. */
const takeOver = (dataDir: string, lockPath: string): void => {
  const takeOverPath = `${lockPath}.takeover`;
  if (!create(takeOverPath)) {
    const holder = read(takeOverPath);
    if (ageMs(takeOverPath) < ABANDONED_TAKEOVER_MS) throw new DataFolderLockedError(dataDir, holder?.pid ?? 0);
    remove(takeOverPath);
    takeOver(dataDir, lockPath);
    return;
  }
  try {
    const holder = read(lockPath);
    if (holder !== null && isAlive(holder)) throw new DataFolderLockedError(dataDir, holder.pid);
    remove(lockPath);
    if (!create(lockPath)) throw new DataFolderLockedError(dataDir, read(lockPath)?.pid ?? 0);
  } finally {
    remove(takeOverPath);
  }
};

/** Null: the file is gone. */
const read = (file: string): Holder | null => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return null;
  }
};

const isAlive = (holder: Holder): boolean => {
  // A lock with this process's own pid that is not held here stems from an earlier process (pid 1 of a container).
  if (holder.pid === process.pid) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = startedTicks(holder.pid);
  return now === null || holder.startedTicks === null || now === holder.startedTicks;
};

/** Field 22 of /proc/<pid>/stat; the second field may contain spaces, so count from its closing parenthesis. */
const startedTicks = (pid: number): string | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
};

const ageMs = (file: string): number => {
  try {
    return Date.now() - statSync(file).mtimeMs;
  } catch {
    return 0;
  }
};

const remove = (file: string): void => {
  try {
    unlinkSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
};
