#!/usr/bin/env node
import { existsSync } from 'node:fs';

// In a checkout the bundles follow the sources; an installed package has no scripts/ and needs none.
const build = new URL('../scripts/build.mjs', import.meta.url);
if (existsSync(build)) {
  const { ensureBuilt } = await import(build.href);
  await ensureBuilt();
}
await import(new URL('../dist/cli.js', import.meta.url).href);
