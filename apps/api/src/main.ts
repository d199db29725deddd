import { runService } from '@atelier/platform';
import { apiService } from './service/api-process.js';

await runService(apiService());
