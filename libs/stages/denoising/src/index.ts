export * from './denoising-policy.js';
