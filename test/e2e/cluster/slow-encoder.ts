// A reference-encoding worker whose encoder takes as long as that of a large network: with the tiny one a fetch from
// Redis would rarely be quicker than encoding again, and the break-even would rightly have every process encode.
import { runService } from '@atelier/platform';
import { referenceEncodingProgram, workerService } from '@atelier/workers';

/** Far above any fetch of a few kilobytes on loopback, however busy the machine is. */
const ENCODING_MS = 1_500;

await runService(
  workerService({
    ...referenceEncodingProgram,
    policy: (parts) => {
      const inference = Object.create(parts.inference, {
        encode: {
          value: async (...picture: Parameters<typeof parts.inference.encode>) => {
            await parts.clock.sleep(ENCODING_MS);
            return parts.inference.encode(...picture);
          },
        },
      }) as typeof parts.inference;
      return referenceEncodingProgram.policy({ ...parts, inference });
    },
  }),
);
