export * from './onnx-inference.js';
export { SessionError } from './session-error.js';
export * from './weights-folder.js';
