import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A phrase that is not standard English, or not the word that the Kubernetes documentation has, and what to write. */
interface RuledOut {
  readonly phrase: RegExp;
  readonly write: string;
}

function ruledOut(phrase: RegExp, write: string): RuledOut {
  return { phrase, write };
}

const EVERYWHERE = [
  ruledOut(/\b(?:leav(?:e|es|ing)|left)\b[^.;:]{0,20}\baway\b/i, 'remove, omit'),
  ruledOut(/\b(?:leads?|leading|led) (?:requests?|traffic|straight)\b/i, 'route requests (traffic) to'),
  ruledOut(/\b(?:is|are) made (?:again|anew|there)\b/i, 'what happened: created, applied, deployed'),
  ruledOut(/\b(?:it is at|finds? it at)\b/i, 'URL:, In-cluster URL:'),
  ruledOut(/\b(?:comes?|came|coming) up\b/i, 'is ready, failed to start'),
  ruledOut(/\bgo(?:es)? on (?:serving|answering|running)\b|\bserves? on\b/i, 'is still serving traffic'),
  ruledOut(/\bmend(?:s|ed|ing)?\b|\btakes? it away\b/i, 'fix, remove'),
  ruledOut(/\b(?:app|apps|file|files|it|pods?) (?:is|are) (?:not )?well\b|\bhow an app is\b/i, 'valid; healthy; the status of the app'),
  ruledOut(/(?<!\bthere )\bis no (?!longer\b|more\b|less\b|other\b|different\b)[a-z]/i, 'is not a known property, is not a valid duration'),
  ruledOut(/\b(?:is|are) (?:set|written) beside\b/i, 'cannot be combined with'),
  ruledOut(/\b(?:somebody|whoever)\b/i, 'another manager, your cluster administrator, a user'),
  ruledOut(/\ba text\b/i, 'a string'),
  ruledOut(/\bwithout a change here\b|\bbecomes? another one\b/i, 'uses a mutable tag'),
  ruledOut(
    /\bwho (?:may open what|can split)\b|\bthe way in\b|\bcommonest\b/i,
    'relaxing the defaults, traffic splitting support, ingress, common',
  ),
  ruledOut(/\b(?:a|the|each|every|all|its|other) rooms?\b|\brooms\b/i, 'feature'),
  ruledOut(/\bcolour/i, 'color'),
  ruledOut(/\bpreview hosts?\b/i, 'preview URL'),
  ruledOut(/\bshares? of (?:the |its )?(?:requests|traffic)\b/i, 'traffic weight, percentage of the traffic'),
  ruledOut(/\bleads? (?:to|through)\b|\bleading to\b/i, 'route to'),
  ruledOut(/\bgrey\b|\bneighbour/i, 'American spelling'),
  ruledOut(/\bare no (?:property|duration|quantity)\b|\bis well\b|\bwho may open\b/i, 'is not a valid; is healthy; relaxing the defaults'),
];

/** Names in code. */
const NAMES = [ruledOut(/\bsaid\b(?=[.:?,)\]}]| =|$)/, 'props, flags')];

const ROOT = join(__dirname, '..');
const inFolder = (folder: string) => readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  .filter(name => /\.(?:ts|md|yaml)$/.test(name)).map(name => `${folder}/${name}`);
const FOLDERS = ['src', 'cli/src', 'cli/test', 'docs', 'examples', 'projenrc', 'bench', 'test'];
const FILES = ['README.md', 'cli/README.md', 'CONTRIBUTING.md', '.projenrc.ts', '.ci/run', ...FOLDERS.flatMap(inFolder)].sort();

/** This file, which lists the phrases. */
const ITSELF = 'test/words.test.ts';

/** Lines with a phrase that is ruled out, with what to write instead. */
function findings(file: string): string[] {
  const rules = [...EVERYWHERE, ...file.endsWith('.ts') ? NAMES : []];
  return readFileSync(join(ROOT, file), 'utf8').split('\n').flatMap((line, i) => rules.flatMap(({ phrase, write }) => {
    const found = phrase.exec(line);
    return found ? [`${file}:${i + 1}: "${found[0]}"; write: ${write}`] : [];
  }));
}

describe('the words of the project are standard English', () => {
  test.each(FILES.filter(file => file !== ITSELF))('%s', file => {
    expect(findings(file)).toEqual([]);
  });
});
