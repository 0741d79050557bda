/** The worker thread as it stands in the sources: a thread does not inherit how its process reads TypeScript. */
import { register } from 'tsx/esm/api';

register();
await import('../../host/worker.ts');
