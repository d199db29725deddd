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
  JobRun,
  JobSample,
  JobStreamEvent,
  ModelInfo,
  OperationsSnapshot,
  PublicError,
  Stage,
  Timings,
  Warning,
} from '@atelier/contracts';
export * from './client.js';
export * from './errors.js';
export { isTerminal, type StreamOptions } from './job-stream.js';
