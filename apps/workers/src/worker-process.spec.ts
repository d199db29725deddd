import { STAGES } from '@atelier/contracts';
import { createLogger, startService } from '@atelier/platform';
import { describe, expect, it } from 'vitest';
import {
  decodingProgram,
  denoisingProgram,
  promptExpansionProgram,
  referenceEncodingProgram,
  scoringProgram,
  startWorkerProcess,
  workerService,
} from './index.js';

const PROGRAMS = [promptExpansionProgram, referenceEncodingProgram, denoisingProgram, decodingProgram, scoringProgram];

describe('the worker programs', () => {
  it('are one for each stage', () => {
    expect(PROGRAMS.map(({ stage }) => stage)).toEqual([...STAGES]);
  });

  it.each(PROGRAMS)(
    'stop the start of the $stage worker over a missing address, and never ask for a database',
    async (program) => {
      const refused = startWorkerProcess(program, { environment: { ATELIER_LOG: 'silent' } });
      await expect(refused).rejects.toMatchObject({
        name: 'ConfigurationError',
        variables: ['ATELIER_KAFKA_BROKERS', 'ATELIER_S3_ENDPOINT', 'ATELIER_S3_ACCESS_KEY', 'ATELIER_S3_SECRET_KEY'],
      });
    },
  );

  it('name weights that are not there', async () => {
    const service = startService({
      ...workerService(decodingProgram),
      logger: createLogger({ level: 'silent', name: 'test' }),
      environment: {
        ATELIER_KAFKA_BROKERS: '127.0.0.1:1',
        ATELIER_S3_ENDPOINT: 'http://127.0.0.1:1',
        ATELIER_S3_ACCESS_KEY: 'a',
        ATELIER_S3_SECRET_KEY: 'b',
        ATELIER_WEIGHTS: 'missing',
      },
    });
    await expect(service).rejects.toMatchObject({ name: 'WeightsNotFoundError' });
  });
});
