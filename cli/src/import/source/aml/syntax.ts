/** The grammar of AML: https://github.com/acorn-io/aml. What a part means is decided when it is evaluated. */
import type { Token } from './tokens';
import { syntaxError, tokensOf } from './tokens';

interface Placed {
  readonly line: number;
  readonly column: number;

  /** As it is written, on one line, for reports. */
  readonly source: string;
}

export type Expression = Placed & (
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null; readonly text: string }
  | { readonly kind: 'interpolation'; readonly parts: readonly (string | Expression)[] }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'object'; readonly declarations: readonly Declaration[] }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'comprehension'; readonly loop: Loop; readonly body: Expression }
  | { readonly kind: 'select'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'index'; readonly of: Expression; readonly index: Expression }
  | { readonly kind: 'slice'; readonly of: Expression; readonly from?: Expression; readonly to?: Expression }
  | { readonly kind: 'call'; readonly of: Expression; readonly args: readonly Expression[]; readonly isNamed: boolean }
  | { readonly kind: 'unary'; readonly operator: string; readonly of: Expression }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'default'; readonly of: Expression }
  | { readonly kind: 'opaque'; readonly what: string }
);

/** `for i, x in list if x > 1`. */
export interface Loop {
  readonly key?: string;
  readonly value: string;
  readonly over: Expression;
  readonly condition?: Expression;
}

export type Declaration = Placed & (
  | { readonly kind: 'field'; readonly name: Expression | string; readonly value: Expression }
  | { readonly kind: 'let'; readonly name: string; readonly value: Expression }
  | { readonly kind: 'if'; readonly condition: Expression; readonly then: Expression; readonly otherwise?: Declaration }
  | { readonly kind: 'for'; readonly loop: Loop; readonly body: Expression; readonly otherwise?: Declaration }
  | { readonly kind: 'embed'; readonly value: Expression }

  /** `match "web.*": { … }`: a pattern of names. */
  | { readonly kind: 'pattern' }
);

const PRECEDENCE: { readonly [operator: string]: number | undefined } = {
  '|': 1, '||': 3, '&&': 4, '==': 5, '!=': 5, '<': 5, '<=': 5, '>': 5, '>=': 5, '=~': 5, '!~': 5, '+': 6, '-': 6, '&': 6, '*': 7, '/': 7,
};

/** How deep values can be nested. */
const MOST_LEVELS = 100;

/**
 * @returns the declarations of a file
 * @throws Failure with the place of the first error
 */
export function parse(text: string, file: string): Expression {
  return new Parser(tokensOf(text, file), text, file).whole();
}

class Parser {
  private position = 0;
  private level = 0;

  constructor(private readonly tokens: readonly Token[], private readonly text: string, private readonly file: string) {}

  public whole(): Expression {
    const first = this.peek();
    const declarations = this.declarations('end');
    const [only, ...others] = declarations;
    // The outermost braces can be written too.
    if (only?.kind === 'embed' && others.length === 0) return only.value;
    return { ...this.placed(first), kind: 'object', declarations };
  }

  private peek(ahead = 0): Token {
    return this.tokens[Math.min(this.position + ahead, this.tokens.length - 1)];
  }

  private advance(): Token {
    const token = this.peek();
    if (this.position < this.tokens.length) this.position++;
    return token;
  }

  private is(text: string, ahead = 0): boolean {
    const { kind, text: own } = this.peek(ahead);
    return own === text && (kind === 'symbol' || kind === 'name');
  }

  private expect(text: string): Token {
    if (!this.is(text)) throw this.error(`expected ${JSON.stringify(text)}`);
    return this.advance();
  }

  private error(problem: string): Error {
    const token = this.peek();
    const found = token.kind === 'end' ? 'the end of the file' : token.isNewline ? 'the end of the line' : JSON.stringify(token.text);
    const [name, dash, rest] = this.tokens.slice(Math.max(this.position - 3, 0), this.position);
    const hasDash = token.text === ':' && dash?.text === '-' && name.kind === 'name';
    return syntaxError(this.file, token, `${problem}, found ${found}${hasDash ? `; write "${name.text}-${rest.text}" with quotes` : ''}`);
  }

  private placed(first: Token): Placed {
    const last = this.tokens[Math.max(this.position - 1, 0)];
    const source = this.text.slice(first.start, Math.max(last.end, first.end)).replace(/\s+/g, ' ').trim();
    return { line: first.line, column: first.column, source };
  }

  private declarations(end: string): Declaration[] {
    if (++this.level > MOST_LEVELS) throw syntaxError(this.file, this.peek(), `values are nested more than ${MOST_LEVELS} levels deep`);
    const list: Declaration[] = [];
    for (;;) {
      while (this.is(',')) this.advance();
      if (end === 'end' ? this.peek().kind === 'end' : this.is(end)) break;
      if (this.peek().kind === 'end') throw this.error(`expected ${JSON.stringify(end)}`);
      list.push(this.declaration());
      const isLast = end === 'end' ? this.peek().kind === 'end' : this.is(end);
      if (!this.is(',') && !isLast) throw this.error('expected a comma or a new line');
    }
    this.level--;
    return list;
  }

  private declaration(): Declaration {
    const first = this.peek();
    const isField = this.is(':', 1) || (this.is('?', 1) && this.is(':', 2));
    if (!isField && this.is('let')) return this.letClause(first);
    if (!isField && this.is('if')) return this.ifClause(first);
    if (!isField && this.is('for')) return this.forClause(first);
    if (isPattern(first, this.peek(1))) return this.pattern(first);
    if (isField && (first.kind === 'name' || first.kind === 'string')) return this.field(first);
    if (first.kind === 'symbol' && first.text === '[' && this.isTemplate()) return this.pattern(first);
    const value = this.expression();
    return { ...this.placed(first), kind: 'embed', value };
  }

  private field(first: Token): Declaration {
    this.advance();
    const name = first.parts ? this.interpolated(first) : first.text;
    if (this.is('?')) this.advance();
    this.expect(':');
    const next = this.peek();
    // `a: b: c` is an object with one field.
    const inner = this.declaration();
    const value: Expression = inner.kind === 'embed' ? inner.value : { ...this.placed(next), kind: 'object', declarations: [inner] };
    return { ...this.placed(first), kind: 'field', name, value };
  }

  /** `[string]: { … }` of older files. */
  private isTemplate(): boolean {
    let open = 0;
    for (let i = 0; ; i++) {
      const { kind, text } = this.peek(i);
      if (kind === 'end') return false;
      if (kind !== 'symbol') continue;
      if (text === '[') open++;
      else if (text === ']' && --open === 0) return this.is(':', i + 1);
    }
  }

  private pattern(first: Token): Declaration {
    while (!this.is(':')) {
      if (this.peek().kind === 'end') throw this.error('expected ":"');
      this.advance();
    }
    this.advance();
    this.declaration();
    return { ...this.placed(first), kind: 'pattern' };
  }

  private letClause(first: Token): Declaration {
    this.advance();
    const name = this.name();
    if (this.is('=')) this.advance();
    else this.expect(':');
    const value = this.expression();
    return { ...this.placed(first), kind: 'let', name, value };
  }

  private ifClause(first: Token): Declaration {
    this.advance();
    const condition = this.expression(0, false);
    const head = this.placed(first);
    const then = this.object();
    return { ...head, kind: 'if', condition, then, otherwise: this.otherwise() };
  }

  private otherwise(): Declaration | undefined {
    if (!this.is('else')) return undefined;
    const first = this.advance();
    if (this.is('if')) return this.ifClause(this.peek());
    const value = this.object();
    return { ...this.placed(first), kind: 'embed', value };
  }

  private forClause(first: Token): Declaration {
    this.advance();
    const loop = this.loop();
    const head = this.placed(first);
    const body = this.object();
    return { ...head, kind: 'for', loop, body, otherwise: this.otherwise() };
  }

  private loop(): Loop {
    const [one, other] = [this.name(), this.is(',') ? (this.advance(), this.name()) : undefined];
    this.expect('in');
    // An object that a block follows is repeated.
    const over = this.is('{') ? this.object() : this.expression(0, false);
    const condition = this.is('if') ? (this.advance(), this.expression(0, false)) : undefined;
    return { ...other === undefined ? { value: one } : { key: one, value: other }, over, condition };
  }

  private name(): string {
    if (this.peek().kind !== 'name') throw this.error('expected a name');
    return this.advance().text;
  }

  private object(): Expression {
    const first = this.expect('{');
    const declarations = this.declarations('}');
    this.expect('}');
    return { ...this.placed(first), kind: 'object', declarations };
  }

  /** @param takesObject whether `{` can start a value here: after a condition it starts the block */
  private expression(least = 0, takesObject = true): Expression {
    if (++this.level > MOST_LEVELS) throw syntaxError(this.file, this.peek(), `values are nested more than ${MOST_LEVELS} levels deep`);
    const first = this.peek();
    let left = this.unary(takesObject);
    for (;;) {
      const operator = this.peek().kind === 'symbol' ? this.peek().text : '';
      const precedence = PRECEDENCE[operator];
      if (precedence === undefined || precedence <= least) break;
      this.advance();
      const right = this.expression(precedence, takesObject);
      left = { ...this.placed(first), kind: 'binary', operator, left, right };
    }
    this.level--;
    return left;
  }

  private unary(takesObject: boolean): Expression {
    const first = this.peek();
    const isDefault = first.kind === 'symbol' && first.text === '*';
    if (isDefault || (first.kind === 'symbol' && ['+', '-', '!'].includes(first.text))) {
      this.advance();
      if (++this.level > MOST_LEVELS) throw syntaxError(this.file, first, `values are nested more than ${MOST_LEVELS} levels deep`);
      const of = this.unary(takesObject);
      this.level--;
      const placed = this.placed(first);
      return isDefault ? { ...placed, kind: 'default', of } : { ...placed, kind: 'unary', operator: first.text, of };
    }
    return this.primary(takesObject);
  }

  private primary(takesObject: boolean): Expression {
    const first = this.peek();
    let value = this.operand(takesObject);
    for (;;) {
      if (this.is('.')) {
        this.advance();
        const name = this.peek().kind === 'string' ? this.advance().text : this.name();
        value = { ...this.placed(first), kind: 'select', of: value, name };
      } else if (this.is('[')) {
        value = this.indexOf(first, value);
      } else if (this.is('(')) {
        value = this.callOf(first, value);
      } else {
        return value;
      }
    }
  }

  private indexOf(first: Token, of: Expression): Expression {
    this.advance();
    const from = this.is(':') ? undefined : this.expression();
    if (!this.is(':')) {
      this.closing(']');
      return { ...this.placed(first), kind: 'index', of, index: from! };
    }
    this.advance();
    const to = this.is(']') ? undefined : this.expression();
    this.closing(']');
    return { ...this.placed(first), kind: 'slice', of, from, to };
  }

  private callOf(first: Token, of: Expression): Expression {
    this.advance();
    const args: Expression[] = [];
    let isNamed = false;
    while (!this.is(')')) {
      const one = this.declaration();
      if (one.kind === 'embed') args.push(one.value);
      else isNamed = true;
      while (this.is(',')) this.advance();
      if (this.peek().kind === 'end') throw this.error('expected ")"');
    }
    this.advance();
    return { ...this.placed(first), kind: 'call', of, args, isNamed };
  }

  /** The end of a line before a closing bracket ends nothing. */
  private closing(text: string): void {
    while (this.is(',')) this.advance();
    this.expect(text);
  }

  private operand(takesObject: boolean): Expression {
    const first = this.peek();
    const { kind, text } = first;
    if (kind === 'number') {
      this.advance();
      const value = numberOf(text);
      return { ...this.placed(first), kind: 'literal', value, text: UNITS_OF_KUBERNETES.test(text) ? text : String(value) };
    }
    if (kind === 'string') {
      this.advance();
      return first.parts ? this.interpolated(first) : { ...this.placed(first), kind: 'literal', value: text, text };
    }
    if (kind === 'name') return this.word(first);
    if (kind === 'symbol' && text === '{' && takesObject) return this.object();
    if (kind === 'symbol' && text === '[') return this.list(first);
    if (kind === 'symbol' && text === '(') {
      this.advance();
      const value = this.expression();
      this.closing(')');
      return value;
    }
    throw this.error('expected a value');
  }

  private word(first: Token): Expression {
    this.advance();
    const { text } = first;
    const known: { readonly [name: string]: boolean | null | undefined } = { true: true, false: false, null: null };
    if (Object.hasOwn(known, text)) {
      return { ...this.placed(first), kind: 'literal', value: known[text]!, text: text === 'null' ? '' : text };
    }
    if (text === 'default' && !this.is('.')) return { ...this.placed(first), kind: 'default', of: this.expression(5) };
    if (text === 'function' && (this.is('{') || this.peek().kind === 'name')) {
      if (!this.is('{')) this.expression(0, false);
      this.object();
      return { ...this.placed(first), kind: 'opaque', what: 'it is a function' };
    }
    if (text === 'lambda' && this.peek().kind === 'name') {
      while (!this.is(':') && this.peek().kind !== 'end') this.advance();
      this.expect(':');
      this.expression();
      return { ...this.placed(first), kind: 'opaque', what: 'it is a function' };
    }
    if ((text === 'define' || text === 'schema') && (this.is('{') || this.peek().kind === 'name')) {
      this.declaration();
      return { ...this.placed(first), kind: 'opaque', what: 'it is a schema' };
    }
    return { ...this.placed(first), kind: 'name', name: text };
  }

  private list(first: Token): Expression {
    this.advance();
    const isLoop = this.is('for') && this.peek(1).kind === 'name' && (this.is('in', 2) || this.is(',', 2));
    if (isLoop) {
      this.advance();
      const loop = this.loop();
      const body = this.expression();
      this.closing(']');
      return { ...this.placed(first), kind: 'comprehension', loop, body };
    }
    const items: Expression[] = [];
    for (;;) {
      while (this.is(',')) this.advance();
      if (this.is(']')) break;
      if (this.peek().kind === 'end') throw this.error('expected "]"');
      items.push(this.item());
      if (!this.is(',') && !this.is(']')) throw this.error('expected a comma');
    }
    this.advance();
    return { ...this.placed(first), kind: 'list', items };
  }

  /** `NAME: "value"` in a list is an object with one field. */
  private item(): Expression {
    const first = this.peek();
    const isField = (first.kind === 'name' || first.kind === 'string') && this.is(':', 1);
    if (!isField) return this.expression();
    const field = this.field(first);
    return { ...this.placed(first), kind: 'object', declarations: [field] };
  }

  private interpolated(token: Token): Expression {
    const parts = token.parts!.map(part => {
      if ('text' in part) return part.text;
      const inner = new Parser(part.tokens, this.text, this.file);
      const value = inner.expression();
      if (inner.peek().kind !== 'end') throw inner.error('expected ")"');
      return value;
    });
    return { ...this.placed(token), kind: 'interpolation', parts };
  }
}

function isPattern(first: Token, next: Token): boolean {
  return first.kind === 'name' && first.text === 'match' && next.kind === 'string';
}

/** What Kubernetes writes so too, and people read better than digits. */
const UNITS_OF_KUBERNETES = /^\d+(?:[KMGTP]i|[MGTP])$/;

const POWERS = 'kmgtp';

function numberOf(text: string): number {
  const [, digits, unit = ''] = /^(.*?)([KkMmGgTtPp]i?)?$/.exec(text.replace(/_/g, ''))!;
  if (unit === '') return Number(digits);
  return Number(digits) * (unit.endsWith('i') ? 1024 : 1000) ** (POWERS.indexOf(unit[0].toLowerCase()) + 1);
}
