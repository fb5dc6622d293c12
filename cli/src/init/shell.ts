/**
 * A line of shell as what `sh -c` runs in a container. Where that is possible, its last program replaces the shell, so that it gets SIGTERM
 * itself: a shell that is process 1 ignores the signal, and the program is killed at the end of the grace period.
 */
export function shellScript(line: string): string {
  return escapeReferences(withExec(line));
}

/** What a line can end with that is not a program, or gains nothing from `exec`: builtins of the shell, and its reserved words. */
const NOT_PROGRAMS = new Set([
  '.', ':', '[', 'alias', 'break', 'case', 'cd', 'command', 'continue', 'do', 'done', 'echo', 'elif', 'else', 'esac', 'eval',
  'exec', 'exit', 'export', 'false', 'fi', 'for', 'getopts', 'hash', 'if', 'kill', 'printf', 'pwd', 'read', 'readonly', 'return',
  'set', 'shift', 'source', 'test', 'then', 'time', 'times', 'true', 'type', 'ulimit', 'umask', 'unalias', 'unset', 'until', 'wait',
  'while',
]);

const QUOTED = /'[^']*'|"(?:[^"\\]|\\[^])*"|\\[^]/g;
const EXPANSION = /\$\{[^{}]*\}|\$\([^()]*\)/g;
const REDIRECTED_DESCRIPTOR = /[<>]&|&>/g;

/** Pipes, groups, jobs, comments, here-documents, traps: with them the last program does not end the line, or cannot replace the shell. */
const NOT_A_LIST = /[|(){}`!#'"\n]|<<|(?<!&)&(?!&)|\btrap\b/;

const LAST_PROGRAM = /^(?:.*(?:&&|;))?\s*(?:[A-Za-z_]\w*=\S*\s+)*(?<program>[^\s;=]+)(?=[\s;]|$)[^;&]*[\s;]*$/d;

/**
 * Puts `exec` before the last program of programs that are joined by `&&` or `;`, after the variables that are set for it. Any other
 * line stays as it is.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
 */
function withExec(line: string): string {
  if (line.match(QUOTED)?.some(quoted => quoted.startsWith('"') && /\$\(|`/.test(quoted))) return line; // Quotes within quotes.
  // Of the same length, so that what is at a position of one is there in the other.
  const hide = (text: string, part: RegExp) => text.replace(part, hidden => '_'.repeat(hidden.length));
  const bare = [QUOTED, EXPANSION, REDIRECTED_DESCRIPTOR].reduce(hide, line);
  const program = NOT_A_LIST.test(bare) ? undefined : LAST_PROGRAM.exec(bare);
  if (!program || NOT_PROGRAMS.has(program.groups!.program)) return line;
  const [start] = program.indices!.groups!.program;
  return `${line.slice(0, start)}exec ${line.slice(start)}`;
}

/**
 * Kubernetes replaces `$(NAME)` in a command by a variable, and `$$` by `$`, before the shell sees them.
 *
 * @see https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/
 */
function escapeReferences(text: string): string {
  return text.replace(/\$+\(|\${2,}/g, dollars => dollars.replaceAll('$', '$$$$'));
}
