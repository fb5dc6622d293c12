#!/usr/bin/env node
/** The entry point of the command; see `webapp.ts`. */
import { processWorld } from './ui/world';
import { webapp } from './webapp';

void webapp(process.argv.slice(2), processWorld()).then(code => {
  process.exitCode = code;
});
