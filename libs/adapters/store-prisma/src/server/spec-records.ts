import type { Generation, Submission } from '@atelier/ports';
import { exampleGeneration, exampleSubmission } from '@atelier/ports/examples';

export { byHolder, whileActive } from '@atelier/ports/examples';

/** A generation of one tenant with one ready run, one log entry and one message. */
export const submissionOf = ({ tenantId = 'ten_spec' }: Partial<Pick<Generation, 'tenantId'>> = {}): Submission =>
  exampleSubmission(exampleGeneration({ tenantId }));
