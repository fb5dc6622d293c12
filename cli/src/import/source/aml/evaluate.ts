/**
 * The value of an AML file, as far as it follows from the file alone: what is data, references to it, `if`, `for`, `let`, operators and
 * the common functions of `std`. What does not follow from it stays in the value, as one that is not known, with the reason.
 */
import { callStandard } from './standard';
import type { Declaration, Expression, Loop } from './syntax';
import { Failure } from '../../../ui/failure';
import type { SourceNode } from '../node';
import { mapNode, nodeOf, valueOf } from '../node';

/** A program that needs more than this is not worth waiting for. */
const MOST_STEPS = 200_000;
const MOST_TEXT = 1_000_000;

/** What is given to every Acornfile: https://github.com/acorn-io/runtime/blob/main/pkg/appdefinition/app-default.acorn */
const ARGS = { dev: false, autoUpgrade: false };

/** @throws Failure if values contradict each other, or there are too many of them */
export function evaluate(expression: Expression, file: string): SourceNode {
  const evaluation = new Evaluation(file);
  const root = evaluation.of(expression, new Scope(undefined, [], new Map(), true));
  evaluation.limit(root);
  return root;
}

/** A place where names mean something: the fields of an object, or the variables of a loop. */
class Scope {
  private readonly known = new Map<string, SourceNode | 'busy'>();
  private readonly objects = new Map<readonly Declaration[], Scope>();

  constructor(
    private readonly parent: Scope | undefined, private readonly declarations: readonly Declaration[],
    private readonly variables: ReadonlyMap<string, SourceNode> = new Map(), private readonly isRoot = false,
  ) {}

  /** What a name means here. */
  public find(name: string, evaluation: Evaluation): SourceNode | undefined {
    const own = this.variables.get(name) ?? this.own(name, evaluation);
    if (own) return name === 'args' && this.parent?.isRoot ? withDefaults(own) : own;
    return this.parent ? this.parent.find(name, evaluation) : ARGS_OF_ALL.get(name);
  }

  /** The value of a field, of all the places that say a part of it. */
  public field(name: string, evaluation: Evaluation): SourceNode | undefined {
    return this.once(`field ${name}`, () => {
      const values = this.declarations.flatMap(one => (one.kind === 'field' && nameOf(one.name) === name ? [one] : []));
      return values.reduce<SourceNode | undefined>((before, one) => {
        const value = { ...evaluation.of(one.value, this), line: one.line };
        return before ? evaluation.merged(before, value, name) : value;
      }, undefined);
    });
  }

  /** The fields of an object in it. */
  public inner(declarations: readonly Declaration[]): Scope {
    const scope = this.objects.get(declarations) ?? new Scope(this, declarations);
    this.objects.set(declarations, scope);
    return scope;
  }

  /** The value at a path. Nothing beside the path is evaluated, as it may refer to the value. */
  public at([name, ...rest]: readonly string[], evaluation: Evaluation): SourceNode | undefined {
    const fields = this.declarations.flatMap(one => (one.kind === 'field' && one.name === name ? [one.value] : []));
    if (this.variables.has(name) || (fields.length === 0 && this.declarations.some(one => one.kind === 'let' && one.name === name))) {
      return undefined;
    }
    if (fields.length === 0) return this.parent?.at([name, ...rest], evaluation);
    if (rest.length === 0) return this.field(name, evaluation);
    const found = fields.flatMap(one => (one.kind === 'object' ? this.inner(one.declarations).below(rest, evaluation) ?? [] : []));
    return found.length === 0 ? undefined : found.reduce((one, other) => evaluation.merged(one, other, rest.at(-1)!));
  }

  private below([name, ...rest]: readonly string[], evaluation: Evaluation): SourceNode | undefined {
    const isHere = this.declarations.some(one => one.kind === 'field' && one.name === name);
    const isDecided = this.declarations.some(one => one.kind === 'if' && mentions(one, name));
    return isHere && !isDecided ? this.at([name, ...rest], evaluation) : undefined;
  }

  private own(name: string, evaluation: Evaluation): SourceNode | undefined {
    const local = this.declarations.find(one => one.kind === 'let' && one.name === name);
    if (local?.kind === 'let') return this.once(`let ${name}`, () => evaluation.of(local.value, this));
    const field = this.field(name, evaluation);
    const parts = this.declarations.filter(one => one.kind === 'if' && mentions(one, name));
    if (parts.length === 0) return field;
    return this.once(`all ${name}`, () => parts.reduce<SourceNode | undefined>((before, one) => {
      const part = evaluation.declared(one, this)?.fields?.get(name);
      return before && part ? evaluation.merged(before, part, name) : before ?? part;
    }, field));
  }

  private once(key: string, compute: () => SourceNode | undefined): SourceNode | undefined {
    const known = this.known.get(key);
    if (known === 'busy') return unknown('it refers to itself');
    if (known) return known;
    this.known.set(key, 'busy');
    const value = compute();
    if (value) this.known.set(key, value);
    else this.known.delete(key);
    return value;
  }
}

const ARGS_OF_ALL = new Map<string, SourceNode>([['args', nodeOf(ARGS)]]);

function withDefaults(args: SourceNode): SourceNode {
  return args.fields ? { ...args, fields: new Map([...nodeOf(ARGS).fields!, ...args.fields]) } : args;
}

function nameOf(name: Expression | string): string | undefined {
  return typeof name === 'string' ? name : undefined;
}

/** Whether a condition decides about a field. */
function mentions(declaration: Declaration, name: string): boolean {
  if (declaration.kind !== 'if') return declaration.kind === 'field' && declaration.name === name;
  const body = declaration.then.kind === 'object' ? declaration.then.declarations : [];
  return [...body, ...declaration.otherwise ? [declaration.otherwise] : []].some(one => mentions(one, name)
    || (one.kind === 'embed' && one.value.kind === 'object' && one.value.declarations.some(inner => mentions(inner, name))));
}

export function unknown(reason: string, line?: number): SourceNode {
  const next = 'write what it means in webapp.yaml, or import what Acorn makes of it: acorn render -o json . | webapp import -';
  return { line, value: null, text: '', unknown: { reason, next } };
}

class Evaluation {
  private steps = 0;

  constructor(private readonly file: string) {}

  public of(expression: Expression, scope: Scope): SourceNode {
    if (++this.steps > MOST_STEPS) throw new Failure(`${this.file} has more than ${MOST_STEPS} values, with those of its loops`);
    const value = this.valueOf(expression, scope);
    if ((value.text?.length ?? 0) > MOST_TEXT) throw new Failure(`${this.file} has a string of more than ${MOST_TEXT} characters`);
    return value.line === undefined || value.unknown ? { ...value, line: expression.line } : value;
  }

  private valueOf(expression: Expression, scope: Scope): SourceNode {
    const { kind, source, line } = expression;
    switch (kind) {
      case 'literal': return { line, value: expression.value, text: expression.text };
      case 'interpolation': return this.interpolated(expression.parts, scope);
      case 'name': return scope.find(expression.name, this) ?? unknown(`${expression.name} is not defined in the file`);
      case 'object': return this.object(expression.declarations, scope, line);
      case 'list': return { line, items: expression.items.map(item => this.of(item, scope)) };
      case 'comprehension': return this.comprehension(expression.loop, expression.body, scope);
      case 'select': {
        const path = pathOf(expression);
        return (path && scope.at(path, this)) ?? selected(this.of(expression.of, scope), expression.name, source);
      }
      case 'index': return indexed(this.of(expression.of, scope), this.of(expression.index, scope), source);
      case 'slice': {
        const [of, from, to] = [expression.of, expression.from, expression.to].map(one => one && this.of(one, scope));
        const bounds = [from, to].map(one => one?.value);
        const isKnown = of?.items && bounds.every(one => one === undefined || typeof one === 'number');
        return isKnown ? { line, items: of.items.slice(...bounds as [number?, number?]) } : unknown(`${source} is not known`);
      }
      case 'call': return this.call(expression.of, expression.args, expression.isNamed, scope, source);
      case 'unary': return unary(expression.operator, this.of(expression.of, scope), source);
      case 'binary': return this.binary(expression.operator, expression.left, expression.right, scope, source);
      case 'default': return this.of(expression.of, scope);
      case 'opaque': return unknown(expression.what);
    }
  }

  private interpolated(parts: readonly (string | Expression)[], scope: Scope): SourceNode {
    let text = '';
    for (const part of parts) {
      const value = typeof part === 'string' ? undefined : this.of(part, scope);
      if (value?.unknown) return value;
      if (value && (value.value === undefined || value.value === null)) return unknown('it has a value in it that is not text');
      text += value ? String(value.value) : part as string;
    }
    return { value: text, text };
  }

  /** The fields of an object; one that has nothing but a value in it is that value. */
  private object(declarations: readonly Declaration[], around: Scope, line?: number): SourceNode {
    const scope = around.inner(declarations);
    let whole: SourceNode = mapNode(new Map(), line);
    let isValue = false;
    const seen = new Set<string>();
    for (const one of declarations) {
      const name = one.kind === 'field' ? nameOf(one.name) : undefined;
      if (name !== undefined && seen.has(name)) continue;
      if (name !== undefined) seen.add(name);
      const part = name === undefined ? this.declared(one, scope) : mapNode(new Map([[name, scope.field(name, this)!]]));
      if (!part) continue;
      if (part.unknown) whole = this.merged(whole, mapNode(new Map([[one.source, { ...part, line: one.line }]])), '');
      else if (part.fields) whole = this.merged(whole, part, '');
      else if (declarations.length === 1) [whole, isValue] = [part, true];
      else whole = this.merged(whole, mapNode(new Map([[one.source, unknown('it is not a field', one.line)]])), '');
    }
    return isValue ? whole : { ...whole, line };
  }

  /** What a declaration adds to the object that it is in. */
  public declared(one: Declaration, scope: Scope): SourceNode | undefined {
    switch (one.kind) {
      case 'let': return undefined;
      case 'pattern': return unknown('it is a pattern for several names', one.line);
      case 'embed': return this.of(one.value, scope);
      case 'field': {
        const name = typeof one.name === 'string' ? { text: one.name, unknown: undefined } : this.of(one.name, scope);
        if (name.unknown) return unknown(name.unknown.reason, one.line);
        return mapNode(new Map([[name.text!, { ...this.of(one.value, scope), line: one.line }]]));
      }
      case 'if': {
        const condition = this.of(one.condition, scope);
        if (condition.unknown) return unknown(`its condition is not known: ${condition.unknown.reason}`, one.line);
        if (typeof condition.value !== 'boolean') return unknown('its condition is neither true nor false', one.line);
        if (condition.value) return this.of(one.then, scope);
        return one.otherwise && this.declared(one.otherwise, scope);
      }
      case 'for': {
        const rounds = this.rounds(one.loop, scope);
        if (!Array.isArray(rounds)) return unknown(rounds.reason, one.line);
        if (rounds.length === 0) return one.otherwise && this.declared(one.otherwise, scope);
        return rounds.reduce((before, round) => this.merged(before, this.of(one.body, round), ''), mapNode(new Map()));
      }
    }
  }

  private comprehension(loop: Loop, body: Expression, scope: Scope): SourceNode {
    const rounds = this.rounds(loop, scope);
    if (!Array.isArray(rounds)) return unknown(rounds.reason);
    return { items: rounds.map(round => this.of(body, round)) };
  }

  /** A scope for each round of a loop, or why they are not known. */
  private rounds({ key, value, over, condition }: Loop, scope: Scope): Scope[] | { readonly reason: string } {
    const list = this.of(over, scope);
    const { items, fields } = list;
    const why = list.unknown ? `what it repeats is not known: ${list.unknown.reason}` : 'it does not repeat a list';
    if (!items && !fields) return { reason: why };
    const entries = items ? items.map((item, i) => [i, item] as const) : [...fields!];
    const rounds: Scope[] = [];
    for (const [index, item] of entries) {
      const round = new Scope(scope, [], new Map([...key === undefined ? [] : [[key, nodeOf(index)] as const], [value, item]]));
      const isWanted = condition && this.of(condition, round);
      if (isWanted?.unknown) return { reason: isWanted.unknown.reason };
      if (!isWanted || isWanted.value === true) rounds.push(round);
    }
    return rounds;
  }

  private call(of: Expression, args: readonly Expression[], isNamed: boolean, scope: Scope, source: string): SourceNode {
    const isStandard = of.kind === 'select' && of.of.kind === 'name' && of.of.name === 'std';
    if (!isStandard || isNamed) return unknown('it calls a function of the file');
    const values = args.map(arg => this.of(arg, scope));
    const missing = values.find(value => value.unknown);
    if (missing) return missing;
    if (of.name === 'merge' && values.length === 2) return this.merged(values[0], values[1], '', true);
    if (of.name === 'ifelse' && values.length === 3) return values[0].value === true ? values[1] : values[2];
    const result = callStandard(of.name, values.map(valueOf));
    return result === undefined ? unknown(`it calls ${source.replace(/\(.*/s, '')}`) : nodeOf(result);
  }

  private binary(operator: string, leftOf: Expression, rightOf: Expression, scope: Scope, source: string): SourceNode {
    // `string || default "web"`, and `string | *"web"` of older files: a type, and what it is by default.
    const usual = [rightOf, leftOf].find(one => one.kind === 'default');
    if ((operator === '||' || operator === '|') && usual) return this.of(usual, scope);
    const left = this.of(leftOf, scope);
    if (left.unknown) return left;
    if (operator === '&&' && left.value === false) return left;
    if (operator === '||' && left.value === true) return left;
    const right = this.of(rightOf, scope);
    if (right.unknown) return right;
    if (left.fields && right.fields && (operator === '+' || operator === '&')) return this.merged(left, right, '', operator === '+');
    if (left.items && right.items && operator === '+') return { items: [...left.items, ...right.items] };
    const value = operated(operator, valueOf(left), valueOf(right));
    return value === undefined ? unknown(`${source} is not known`) : nodeOf(value);
  }

  /**
   * Two parts of one value.
   *
   * @param isOver whether the second one replaces what it has too; otherwise both have to say the same
   */
  public merged(one: SourceNode, other: SourceNode, name: string, isOver = false): SourceNode {
    if (++this.steps > MOST_STEPS) throw new Failure(`${this.file} has more than ${MOST_STEPS} values, with those of its loops`);
    if (one.unknown || other.unknown) return isOver || !one.unknown ? other : one;
    if (one.fields && other.fields) {
      const fields = new Map(one.fields);
      for (const [key, value] of other.fields) {
        const before = fields.get(key);
        fields.set(key, before ? this.merged(before, value, key, isOver) : value);
      }
      return { ...one, fields };
    }
    if (isOver || JSON.stringify(valueOf(one)) === JSON.stringify(valueOf(other))) return isOver ? other : one;
    const lines = [one.line, other.line].filter(line => line !== undefined).join(' and ');
    throw new Failure(`${this.file}: ${name || 'a value'} in the lines ${lines} has two values; fix it, then import the file again`);
  }

  /** References to references of lists would fill the memory. */
  public limit(root: SourceNode): void {
    let count = 0;
    const walk = ({ fields, items }: SourceNode, level: number): void => {
      if (++count > MOST_STEPS) throw new Failure(`${this.file} has more than ${MOST_STEPS} values, with those of its loops`);
      if (level > 100) throw new Failure(`${this.file} is nested more than 100 levels deep`);
      for (const inner of [...fields?.values() ?? [], ...items ?? []]) walk(inner, level + 1);
    };
    walk(root, 0);
  }
}

/** `['localData', 'food']` of `localData.food`. */
function pathOf(expression: Expression): string[] | undefined {
  if (expression.kind === 'name') return [expression.name];
  const path = expression.kind === 'select' ? pathOf(expression.of) : undefined;
  return path && expression.kind === 'select' ? [...path, expression.name] : undefined;
}

function selected(of: SourceNode, name: string, source: string): SourceNode {
  if (of.unknown) return of;
  return of.fields?.get(name) ?? unknown(`${source} is not defined in the file`);
}

function indexed(of: SourceNode, { value, unknown: missing }: SourceNode, source: string): SourceNode {
  if (of.unknown) return of;
  if (missing) return unknown(missing.reason);
  const found = typeof value === 'number' ? of.items?.[value] : of.fields?.get(String(value));
  return found ?? unknown(`${source} is not defined in the file`);
}

function unary(operator: string, of: SourceNode, source: string): SourceNode {
  if (of.unknown) return of;
  if (operator === '!' && typeof of.value === 'boolean') return nodeOf(!of.value);
  if (operator !== '!' && typeof of.value === 'number') return nodeOf(operator === '-' ? -of.value : of.value);
  return unknown(`${source} is not known`);
}

/** Regular expressions of a file are not run: some take hours. */
function operated(operator: string, left: unknown, right: unknown): unknown {
  if (operator === '==') return JSON.stringify(left) === JSON.stringify(right);
  if (operator === '!=') return JSON.stringify(left) !== JSON.stringify(right);
  if (operator === '+' && typeof left === 'string' && typeof right === 'string') return left + right;
  if (typeof left === 'boolean' && typeof right === 'boolean') {
    if (operator === '&&') return left && right;
    return operator === '||' ? left || right : undefined;
  }
  if (typeof left !== typeof right || (typeof left !== 'number' && typeof left !== 'string')) return undefined;
  const [a, b] = [left as number, right as number];
  switch (operator) {
    case '<': return a < b;
    case '<=': return a <= b;
    case '>': return a > b;
    case '>=': return a >= b;
  }
  if (typeof left !== 'number') return undefined;
  switch (operator) {
    case '+': return a + b;
    case '-': return a - b;
    case '*': return a * b;
    case '/': return b === 0 ? undefined : a / b;
  }
  return undefined;
}
