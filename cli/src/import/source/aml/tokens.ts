/** The words of an AML file. A line that ends after a value ends a field, so the scanner writes a comma there, as that of Acorn does. */
import { Failure } from '../../../ui/failure';

export type TokenKind = 'name' | 'number' | 'string' | 'symbol' | 'end';

/** A part of a string with `\(…)`: text, or the source of an expression. */
export type StringPart = { readonly text: string } | { readonly tokens: readonly Token[] };

export interface Token {
  readonly kind: TokenKind;

  /** As it is written; of a string without interpolation, its value. */
  readonly text: string;
  readonly parts?: readonly StringPart[];

  /** Where it starts and ends, in characters. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly column: number;

  /** Whether it is a comma that stands for the end of a line. */
  readonly isNewline?: boolean;
}

/** The longest come first. */
const SYMBOLS = [
  '==', '!=', '<=', '>=', '=~', '!~', '&&', '||', '{', '}', '[', ']', '(', ')', ':', ',', '.', '?', '+', '-', '*', '/', '<', '>', '!', '=',
  '|', '&',
];

/** What a field can end with. */
const ENDS = new Set(['}', ']', ')', '?']);

/** Interpolations within interpolations. */
const MOST_LEVELS = 20;

/** @throws Failure at the first word that is none */
export function tokensOf(text: string, file: string): Token[] {
  return new Scanner(text, file).scan(() => false);
}

export function syntaxError(file: string, { line, column }: Pick<Token, 'line' | 'column'>, problem: string): Failure {
  return new Failure(`${file}:${line}:${column}: ${problem}; fix it, then import the file again`);
}

class Scanner {
  private at = 0;
  private line = 1;
  private lineStart = 0;
  private level = 0;

  constructor(private readonly text: string, private readonly file: string) {}

  /** Reads words up to the end, or up to a closing parenthesis. */
  public scan(isDone: (token: Token) => boolean): Token[] {
    const tokens: Token[] = [];
    for (;;) {
      const token = this.next(tokens.at(-1));
      tokens.push(token);
      if (token.kind === 'end' || isDone(token)) return tokens;
    }
  }

  private next(before: Token | undefined): Token {
    for (;;) {
      const char = this.text[this.at];
      const isEnd = before && (before.kind === 'name' || before.kind === 'number' || before.kind === 'string' || ENDS.has(before.text));
      if (char === undefined) return isEnd ? this.newline() : this.token('end', '', this.at);
      if (char === '\n') {
        if (isEnd && !this.continues()) return this.newline();
        this.newLine();
      } else if (/\s|\ufeff/.test(char)) {
        this.at++;
      } else if (this.text.startsWith('//', this.at)) {
        while (this.at < this.text.length && this.text[this.at] !== '\n') this.at++;
      } else {
        return this.word(char);
      }
    }
  }

  /** A line that starts with a comma or a colon goes on with the one before it, as in JSON. */
  private continues(): boolean {
    const rest = /^\s*(.?)/.exec(this.text.slice(this.at, this.at + 400))![1];
    return rest === ',' || rest === ':';
  }

  private newline(): Token {
    const token = { ...this.token('symbol', ',', this.at), isNewline: true };
    if (this.text[this.at] === '\n') this.newLine();
    return token;
  }

  private newLine(): void {
    this.at++;
    this.line++;
    this.lineStart = this.at;
  }

  private word(char: string): Token {
    const start = this.at;
    const rest = this.text.slice(start);
    const raw = /^#+(?=")/.exec(rest)?.[0];
    if (raw !== undefined) return this.rawString(`"${raw}`, start + raw.length + 1);
    if (char === '`') {
      const quote = rest.startsWith('```') ? '```' : '`';
      return this.rawString(quote, start + quote.length);
    }
    if (char === '"') return this.string();
    const [name] = /^[\p{L}_$][\p{L}\p{Nd}_]*/u.exec(rest) ?? [];
    if (name !== undefined) return this.take('name', name);
    const [number] = /^(\d[\d_]*(\.\d+)?|\.\d+)([eE][+-]?\d+|[KkMmGgTtPp]i?)?(?![\p{L}\d_])/u.exec(rest) ?? [];
    if (number !== undefined) return this.take('number', number);
    const symbol = SYMBOLS.find(one => rest.startsWith(one));
    if (symbol === undefined || /\d/.test(char)) {
      throw syntaxError(this.file, this.token('symbol', char, start), `${JSON.stringify(char)} is not AML`);
    }
    return this.take('symbol', symbol);
  }

  private take(kind: TokenKind, text: string): Token {
    const start = this.at;
    this.at += text.length;
    return this.token(kind, text, start);
  }

  private token(kind: TokenKind, text: string, start: number): Token {
    return { kind, text, start, end: this.at, line: this.line, column: start - this.lineStart + 1 };
  }

  /** A string in which nothing is replaced. */
  private rawString(quote: string, from: number): Token {
    const start = this.at;
    const opened = this.token('string', '', start);
    this.at = from;
    let value = '';
    while (!this.text.startsWith(quote, this.at)) {
      const char = this.text[this.at];
      if (char === undefined || (char === '\n' && quote !== '```')) throw this.unterminated(opened);
      const isEscaped = char === '\\' && quote.startsWith('`') && this.text[this.at + 1] === '`';
      value += isEscaped ? '`' : char;
      if (isEscaped) this.at += 2;
      else if (char === '\n') this.newLine();
      else this.at++;
    }
    this.at += quote.length;
    return { ...opened, text: value.replace(/\r\n/g, '\n'), end: this.at };
  }

  private unterminated(opened: Token): Failure {
    return syntaxError(this.file, opened, 'the string does not end');
  }

  private string(): Token {
    const opened = this.token('string', '', this.at);
    const quote = this.text.startsWith('"""', this.at) ? '"""' : '"';
    this.at += quote.length;
    const isLong = quote === '"""';
    const parts: StringPart[] = [];
    let text = '';
    while (!this.text.startsWith(quote, this.at)) {
      const char = this.text[this.at];
      if (char === undefined || (char === '\n' && !isLong)) throw this.unterminated(opened);
      if (char === '\\' && this.text[this.at + 1] === '(') {
        parts.push({ text }, { tokens: this.interpolation(opened) });
        text = '';
      } else if (char === '\\') {
        text += this.escape();
      } else {
        text += char;
        if (char === '\n') this.newLine();
        else this.at++;
      }
    }
    this.at += quote.length;
    const all = unindented([...parts, { text }], isLong);
    const value = all.length === 1 && 'text' in all[0] ? all[0].text : undefined;
    return { ...opened, text: value ?? '', ...value === undefined ? { parts: all } : {}, end: this.at };
  }

  /** The words of `\(…)`. */
  private interpolation(opened: Token): Token[] {
    if (++this.level > MOST_LEVELS) throw syntaxError(this.file, opened, 'strings are nested too deep');
    this.at += 2;
    let open = 1;
    const tokens = this.scan(({ text, kind }) => {
      if (kind === 'symbol' && text === '(') open++;
      if (kind === 'symbol' && text === ')') open--;
      return open === 0;
    });
    this.level--;
    const last = tokens.at(-1)!;
    if (last.kind === 'end') throw this.unterminated(opened);
    return [...tokens.slice(0, -1), { ...last, kind: 'end' }];
  }

  /** Escapes of Go, which are those of JSON and some more: https://go.dev/ref/spec#Rune_literals */
  private escape(): string {
    const here = this.token('string', '', this.at);
    const rest = this.text.slice(this.at, this.at + 10);
    const [whole, hex] = /^\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))/.exec(rest)?.filter(one => one !== undefined) ?? [];
    if (whole !== undefined) {
      const code = parseInt(hex, 16);
      if (code > 0x10ffff) throw syntaxError(this.file, here, `${whole} is not a character`);
      this.at += whole.length;
      return String.fromCodePoint(code);
    }
    const known = SIMPLE_ESCAPES[rest[1]];
    if (known === undefined) throw syntaxError(this.file, here, `${rest.slice(0, 2)} is not an escape of strings`);
    this.at += 2;
    return known;
  }
}

const SIMPLE_ESCAPES: { readonly [char: string]: string | undefined } = {
  'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f', 'v': '\v', 'a': '\x07', '\\': '\\', '"': '"', "'": "'", '/': '/',
};

/** Lines of a long string lose the indentation of its last line, if all have it; its first and last line are then no part of it. */
function unindented(parts: readonly StringPart[], isLong: boolean): StringPart[] {
  const first = parts[0];
  const last = parts[parts.length - 1];
  if (!isLong || !('text' in first) || !('text' in last)) return [...parts];
  const clean = parts.map(part => ('text' in part ? { text: part.text.replace(/\r\n/g, '\n') } : part));
  const indent = /(?:^|\n)([ \t]*)$/.exec((clean[clean.length - 1] as { text: string }).text)?.[1];
  const all = clean.map(part => ('text' in part ? part.text : '\0')).join('');
  const lines = all.split('\n');
  if (indent === undefined || lines.length < 2 || lines[0] !== '') return clean;
  if (!lines.slice(1).every(line => line.startsWith(indent))) return clean;
  const texts = lines.slice(1, -1).map(line => line.slice(indent.length)).join('\n').split('\0');
  const expressions = clean.filter(part => !('text' in part));
  return texts.flatMap((text, i): StringPart[] => (i === 0 ? [{ text }] : [expressions[i - 1], { text }]));
}
