/** `node scripts/measured.mjs FILE ARGUMENT…`: runs `lockstep ARGUMENT…` and leaves its peak memory, in bytes, in FILE. */
import { writeFileSync } from 'node:fs';

const [file = ''] = process.argv.splice(2, 1);
// The process itself says what it needed at its highest: nothing else knows it on every system.
process.on('exit', () => writeFileSync(file, String(process.resourceUsage().maxRSS * 1024)));
await import(new URL('../dist/cli.js', import.meta.url).href);
