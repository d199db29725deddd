import { runService } from '@atelier/platform';
import { workerService } from '../worker-process.js';
import { program } from './program.js';

await runService(workerService(program));
