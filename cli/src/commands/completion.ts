import { Argument } from 'commander';
import { COMMANDS, Define } from './commands';
import { addExamples } from './examples';

export const define: Define = (command, world) => {
  command
    .description('Prints a script that makes a shell complete the names of commands and options.')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const [{ SCRIPTS }, { programOf }] = await Promise.all([import('../completion/scripts'), import('../webapp')]);
      world.out(SCRIPTS[shell](await programOf(Object.keys(COMMANDS), world)));
    });
  addExamples(command,
    ['source <(webapp completion bash)', 'in ~/.bashrc'],
    ['source <(webapp completion zsh)', 'in ~/.zshrc, after compinit'],
    ['webapp completion fish > ~/.config/fish/completions/webapp.fish', 'once'],
  );
};
