import { runService } from '@atelier/platform';
import { orchestratorService } from './orchestrator-process.js';

await runService(orchestratorService());
