import type { Define } from './commands';

export const define: Define = command => {
  command.description('');
};
