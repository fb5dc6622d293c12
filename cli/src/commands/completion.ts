import { Argument } from 'commander';
import type { Define } from './command';
import { addExamples } from './shared/examples';

export const define: Define = (command, world, complete) => {
  command
    .description('Print a script with which a shell completes the names of commands and flags.')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { SCRIPTS } = await import('../completion/scripts');
      world.out(SCRIPTS[shell](await complete()));
    });
  addExamples(command,
    ['Bash: add this line to ~/.bashrc', 'source <(webapp completion bash)'],
    ['Zsh: add this line to ~/.zshrc, after compinit', 'source <(webapp completion zsh)'],
    ['Fish: run this once', 'webapp completion fish > ~/.config/fish/completions/webapp.fish'],
  );
};
