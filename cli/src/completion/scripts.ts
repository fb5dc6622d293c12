import type { Command, Option } from 'commander';

/** Shell completion scripts. They contain everything, and start no program while the user types. */
export const SCRIPTS: { readonly [shell in 'bash' | 'zsh' | 'fish']: (program: Command) => string } = { bash, zsh, fish };

/** The options of a command and of those below it. */
const optionsOf = (command: Command): Option[] => [...command.options, ...command.commands.flatMap(optionsOf)];
const flagsOf = (options: readonly Option[]) => (
  options.flatMap(({ short, long }) => [short, long]).filter(flag => flag !== undefined).concat('--help'));
const choicesOf = (command: Command) => (
  [...command.commands.map(below => below.name()), ...command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? [])]);
const takesValue = (option: Option) => option.required || option.optional;
const quoted = (text: string) => `'${text.replace(/'/g, "'\\''")}'`;

function bash(program: Command): string {
  const cases = program.commands.map(command => [
    `    ${command.name()})`,
    ...optionsOf(command).filter(({ argChoices }) => argChoices).map(({ short, long, argChoices }) => {
      const flags = [short, long].filter(flag => flag).join('|');
      return `      case $before in ${flags}) COMPREPLY=($(compgen -W ${quoted(argChoices!.join(' '))} -- "$word")); return ;; esac`;
    }),
    `      flags=${quoted(flagsOf(optionsOf(command)).join(' '))}; values=${quoted(choicesOf(command).join(' '))} ;;`,
  ].join('\n'));
  const names = program.commands.map(command => command.name()).join(' ');
  return `# Completion of webapp for bash.
_webapp() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} flags values
  if [ "$COMP_CWORD" = 1 ]; then
    COMPREPLY=($(compgen -W ${quoted([names, 'help', ...flagsOf(program.options)].join(' '))} -- "$word"))
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
    help) values=${quoted(names)} ;;
  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
    *) [ -n "$values" ] && COMPREPLY=($(compgen -W "$values" -- "$word")) || COMPREPLY=($(compgen -f -- "$word")) ;;
  esac
}
complete -o filenames -F _webapp webapp
`;
}

function zsh(program: Command): string {
  const described = (text: string) => text.replace(/[[\]\\:]/g, '\\$&');
  const optionOf = (option: Option) => {
    const { short, long, description, argChoices } = option;
    const value = argChoices ? `:value:(${argChoices.join(' ')})` : takesValue(option) ? ':value:_files' : '';
    return [short, long].filter(flag => flag).map(flag => quoted(`${flag}[${described(description)}]${value}`)).join(' ');
  };
  const caseOf = (command: Command) => {
    const choices = choicesOf(command);
    const words = [...optionsOf(command).map(optionOf), ...choices.length > 0 ? [quoted(`*:value:(${choices.join(' ')})`)] : []];
    return `    ${command.name()}) _arguments ${words.join(' ')} ;;`;
  };
  return `#compdef webapp
# Completion of webapp for zsh.
_webapp() {
  local -a commands
  commands=(
${program.commands.map(command => `    ${quoted(`${command.name()}:${described(command.summary())}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case $words[2] in
${program.commands.map(caseOf).join('\n')}
  esac
}
compdef _webapp webapp
`;
}

function fish(program: Command): string {
  const lines = program.commands.flatMap(command => {
    const inside = `-n ${quoted(`__fish_seen_subcommand_from ${command.name()}`)}`;
    return [
      `complete -c webapp -n __fish_use_subcommand -f -a ${command.name()} -d ${quoted(command.summary())}`,
      ...optionsOf(command).map(option => {
        const { short, long, description, argChoices } = option;
        const names = [short && `-s ${short.slice(1)}`, long && `-l ${long.slice(2)}`].filter(name => name).join(' ');
        const value = argChoices ? ` -x -a ${quoted(argChoices.join(' '))}` : takesValue(option) ? ' -r' : '';
        return `complete -c webapp ${inside} ${names} -d ${quoted(description)}${value}`;
      }),
      ...choicesOf(command).length > 0 ? [`complete -c webapp ${inside} -f -a ${quoted(choicesOf(command).join(' '))}`] : [],
    ];
  });
  return `# Completion of webapp for fish.\n${lines.join('\n')}\n`;
}
