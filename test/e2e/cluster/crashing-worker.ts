// A denoising worker that kills itself: `node crashing-worker.ts <crash point> <occurrence>`. What a real one leaves
// behind when its machine dies, at a moment that a test can choose.
import { runService } from '@atelier/platform';
import { denoisingProgram, workerService } from '@atelier/workers';

const [point, occurrence] = process.argv.slice(2);
let reached = 0;

await runService(
  workerService(denoisingProgram, {
    reach(name) {
      if (name !== point) return;
      reached += 1;
      if (reached !== Number(occurrence)) return;
      process.kill(process.pid, 'SIGKILL');
      // The signal may need a moment; nothing may happen until then.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
  }),
);
