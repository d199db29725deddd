export { findWeights, WeightsNotFoundError } from '@atelier/platform';
export { DataFolder, type ServerFile } from './data-folder.js';
export { SELF_CHECK_TENANT, SelfCheckError, type SelfCheckResult } from './self-check.js';
export { type EmbeddedOptions, type EmbeddedPlatform, startEmbedded } from './start-embedded.js';
