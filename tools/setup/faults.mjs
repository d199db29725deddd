// `npm run faults -- [suites]`: runs the fault suites and regenerates the fault report.
import { runBuilt } from './measure.mjs';
import { main } from './workspace.mjs';

main(() => runBuilt('test/faults/main.ts', process.argv.slice(2), 'Usage: npm run faults -- [suite numbers]'));
