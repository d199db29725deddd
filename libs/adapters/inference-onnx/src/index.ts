export * from './onnx-inference.js';
export { SessionError } from './session-host.js';
export * from './weights-folder.js';
