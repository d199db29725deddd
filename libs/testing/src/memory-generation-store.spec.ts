import { generationStoreConformance } from '@atelier/ports/conformance';
import { MemoryGenerationStore } from './index.js';

generationStoreConformance('memory', { durable: false }, async () => ({ store: new MemoryGenerationStore() }));
