// Writes BENCHMARKS.md from the result files without measuring anything: `npm run bench -- page`.
import { writePage } from './report/result-file.ts';

writePage();
