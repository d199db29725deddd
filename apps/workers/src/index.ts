export { program as decodingProgram } from './decoding/program.js';
export { program as denoisingProgram } from './denoising/program.js';
export { program as promptExpansionProgram } from './prompt-expansion/program.js';
export { program as referenceEncodingProgram } from './reference-encoding/program.js';
export { program as scoringProgram } from './scoring/program.js';
export * from './worker-process.js';
