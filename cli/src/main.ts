#!/usr/bin/env node
/** The command as Node.js starts it. What it does is in `webapp.ts`. */
import { processWorld } from './ui/world';
import { webapp } from './webapp';

void webapp(process.argv.slice(2), processWorld()).then(code => {
  process.exitCode = code;
});
