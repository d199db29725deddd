export { DataFolder, type ServerFile } from './data-folder.js';
export { SELF_CHECK_TENANT, SelfCheckError, type SelfCheckResult } from './self-check.js';
export { type EmbeddedOptions, type EmbeddedPlatform, startEmbedded } from './start-embedded.js';
export { findWeights, WeightsNotFoundError } from './weights-folder.js';
