export type {
  ErrorBody,
  EventLogEntry,
  EventLogType,
  Explanation,
  Facts,
  ImageDatum,
  ImageGenerationBody,
  ImageResponse,
  Job,
  JobBody,
  JobCandidate,
  JobList,
  JobOutput,
  JobReference,
  JobRun,
  JobSample,
  JobStreamEvent,
  ModelInfo,
  OperationsSnapshot,
  PublicError,
  ScoringAnswer,
  Stage,
  Timings,
  Warning,
} from '@atelier/contracts';
export * from './client.js';
export type { ImageEditBody } from './edit-form.js';
export * from './errors.js';
export { isTerminal, type StreamOptions } from './job-stream.js';
