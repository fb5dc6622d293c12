import { ENUMS, STRUCTS } from '../../../src/internal';

/**
 * A value of the props as TypeScript.
 *
 * @param type its type, as in `prop-types.ts`
 * @param enums receives the names of the enums that it uses
 */
export function literal(value: unknown, type: string, enums: Set<string>, indent = ''): string {
  if (type in ENUMS && typeof value === 'string') {
    enums.add(type);
    return `${type}.${value.toUpperCase().replace(/-/g, '_')}`;
  }
  if (Array.isArray(value)) {
    const items = value.map(item => literal(item, type.replace(/\[\]$/, ''), enums, `${indent}  `));
    return enclosed('[', items, ']', indent);
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).map(([name, item]) => {
      const of = STRUCTS[type]?.[name]?.replace(/\?$/, '') ?? /^\{(.*)\}$/.exec(type)?.[1] ?? 'any';
      return `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : text(name)}: ${literal(item, of, enums, `${indent}  `)}`;
    });
    return enclosed('{', fields, '}', indent);
  }
  return typeof value === 'string' ? text(value) : String(value);
}

/** On one line where it fits. */
function enclosed(open: string, parts: string[], close: string, indent: string): string {
  if (parts.length === 0) return open + close;
  const space = open === '{' ? ' ' : '';
  const line = `${open}${space}${parts.join(', ')}${space}${close}`;
  if (line.length + indent.length < 80 && !line.includes('\n')) return line;
  return `${open}\n${parts.map(part => `${indent}  ${part},\n`).join('')}${indent}${close}`;
}

function text(value: string): string {
  return `'${JSON.stringify(value).slice(1, -1).replace(/\\"/g, '"').replace(/'/g, "\\'")}'`;
}
