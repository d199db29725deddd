export * from './decoding-policy.js';
export * from './provenance.js';
