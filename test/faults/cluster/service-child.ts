// A service of the cluster that kills itself at a named point: `node service-child.ts <kind> <plan as JSON> <journal>`.
// Not a part of the API's package: the embedded app must not load a Kafka client.

import { orchestratorService } from '@atelier/orchestrator';
import { runService } from '@atelier/platform';
import type { CrashPoint, CrashPoints } from '@atelier/ports';
import {
  decodingProgram,
  denoisingProgram,
  promptExpansionProgram,
  referenceEncodingProgram,
  scoringProgram,
  workerService,
} from '@atelier/workers';
import { apiService } from '../../../apps/api/dist/service/api-process.js';
import { writeJournal } from '../journal.ts';
import type { KillPlan, ProcessName } from '../profile.ts';

const [kind, planText, journalFile = ''] = process.argv.slice(2);
const plan = JSON.parse(planText ?? '') as KillPlan;
let reached = 0;

const crashPoints: CrashPoints = {
  reach(point: CrashPoint) {
    if (point !== plan.point) return;
    reached += 1;
    if (reached !== plan.occurrence) return;
    writeJournal(journalFile, { kind: 'killed', at: Date.now(), point, progress: null });
    process.kill(process.pid, 'SIGKILL');
    // The signal may need a moment; nothing may happen until then.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
};

const SERVICES: Readonly<Record<Exclude<ProcessName, 'platform'>, () => Parameters<typeof runService>[0]>> = {
  api: () => apiService(crashPoints),
  orchestrator: () => orchestratorService(crashPoints),
  'prompt-expansion': () => workerService(promptExpansionProgram, crashPoints),
  'reference-encoding': () => workerService(referenceEncodingProgram, crashPoints),
  denoising: () => workerService(denoisingProgram, crashPoints),
  decoding: () => workerService(decodingProgram, crashPoints),
  scoring: () => workerService(scoringProgram, crashPoints),
};

await runService(SERVICES[kind as keyof typeof SERVICES]());
