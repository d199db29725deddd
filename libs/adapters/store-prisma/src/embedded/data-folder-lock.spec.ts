import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DataFolderLockedError, lockDataFolder } from './data-folder-lock.js';

describe('lock of the data folder', () => {
  let folder: string;
  let dataDir: string;
  let other: ChildProcess;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'atelier-lock-'));
    dataDir = path.join(folder, 'db');
    other = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
  });
  afterEach(() => {
    other.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  });
  const leave = (holder: object): void => writeFileSync(`${dataDir}.lock`, JSON.stringify(holder));
  const killed = (): Promise<void> =>
    new Promise((resolve) => {
      other.once('exit', () => resolve());
      other.kill('SIGKILL');
    });

  it('keeps a second opener of the same process out until it is released', () => {
    const lock = lockDataFolder(dataDir);
    expect(() => lockDataFolder(dataDir)).toThrow(DataFolderLockedError);
    lock.release();
    expect(existsSync(`${dataDir}.lock`)).toBe(false);
    lockDataFolder(dataDir).release();
  });

  it('names the process that holds the folder', () => {
    leave({ pid: other.pid, startedTicks: null });
    expect(() => lockDataFolder(dataDir)).toThrow(`in use by process ${other.pid}`);
  });

  it('is taken over from a process that was killed', async () => {
    leave({ pid: other.pid, startedTicks: null });
    await killed();
    lockDataFolder(dataDir).release();
  });

  it('is taken over when the pid now belongs to another process', () => {
    leave({ pid: other.pid, startedTicks: '1' });
    lockDataFolder(dataDir).release();
  });

  it('is taken over when an earlier life of this container had the same pid', () => {
    leave({ pid: process.pid, startedTicks: null });
    lockDataFolder(dataDir).release();
  });
});
