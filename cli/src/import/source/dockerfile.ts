import type { Instruction } from 'dockerfile-ast';
import { DockerfileParser, JSONInstruction, ModifiableInstruction } from 'dockerfile-ast';

/** An instruction of a Dockerfile. */
export interface DockerInstruction {
  readonly line: number;

  /** In upper case. */
  readonly keyword: string;

  /** What follows it, with the variables of the Dockerfile replaced. */
  readonly text: string;

  /** The words of the form with brackets. */
  readonly words?: readonly string[];

  /** Whether it is in the last stage, which becomes the image. */
  readonly isLast: boolean;
}

/**
 * The instructions of a Dockerfile.
 *
 * @param target the stage that becomes the image; by default the last one
 * @see https://docs.docker.com/reference/dockerfile/
 */
export function readDockerfile(text: string, target?: string): DockerInstruction[] {
  const parsed = DockerfileParser.parse(text);
  const instructions = parsed.getInstructions();
  const froms = parsed.getFROMs();
  const wanted = froms.find(from => target !== undefined && from.getBuildStage() === target) ?? froms.at(-1);
  const start = wanted?.getRange()?.start.line ?? 0;
  const end = froms.map(from => from.getRange()!.start.line).find(line => line > start) ?? Infinity;
  return instructions.map(instruction => {
    const line = instruction.getRange()!.start.line;
    return {
      line: line + 1,
      keyword: instruction.getInstruction().toUpperCase(),
      text: replaced(instruction, (name, at) => parsed.resolveVariable(name, at) ?? undefined),
      words: wordsOf(instruction),
      isLast: line >= start && line < end,
    };
  });
}

/** The JSON form; anything else is a line of shell. */
function wordsOf(instruction: Instruction): string[] | undefined {
  if (!(instruction instanceof JSONInstruction) || !instruction.getOpeningBracket() || !instruction.getClosingBracket()) return undefined;
  return instruction.getJSONStrings().map(argument => argument.getJSONValue());
}

function replaced(instruction: Instruction, valueOf: (name: string, line: number) => string | undefined): string {
  const flags = instruction instanceof ModifiableInstruction ? instruction.getFlags().map(flag => `${flag.toString()} `) : [];
  const content = (instruction.getArgumentsContent() ?? '').replace(/\\\r?\n(?:\s*#.*\r?\n)*/g, ' ').trim();
  const text = `${flags.join('')}${content}`;
  const line = instruction.getRange()!.start.line;
  return text.replace(/\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))/g, (whole: string, braced?: string, fallback?: string, plain?: string) => (
    valueOf(braced ?? plain!, line) ?? fallback ?? whole));
}

/** The first port that the last stage exposes for TCP. */
export function exposedPort(text: string): number | undefined {
  for (const instruction of readDockerfile(text)) {
    if (instruction.keyword !== 'EXPOSE' || !instruction.isLast) continue;
    const [, digits] = /^(\d+)(?:-\d+)?(?:\/tcp)?$/.exec(instruction.text.split(/\s+/)[0]) ?? [];
    return digits === undefined ? undefined : Number(digits);
  }
  return undefined;
}

/** What a container of the image runs, as `sh -c` would write it: ENTRYPOINT with CMD; undefined if the base image says it. */
export function commandOfImage(text: string, target?: string): string[] | undefined {
  const last = readDockerfile(text, target).filter(({ isLast }) => isLast);
  const [entrypoint, cmd] = ['ENTRYPOINT', 'CMD'].map(keyword => last.filter(one => one.keyword === keyword).at(-1));
  if (!entrypoint && !cmd) return undefined;
  const shell = (line: string) => ['sh', '-c', line];
  if (!entrypoint) return cmd!.words ? [...cmd!.words] : shell(cmd!.text);
  return entrypoint.words ? [...entrypoint.words, ...cmd?.words ?? []] : shell(entrypoint.text);
}
