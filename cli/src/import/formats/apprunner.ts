/** apprunner.yaml of AWS App Runner, for services that are built from source. */
import { basename } from 'node:path';
import type { AppDraft } from '../draft';
import { folderName } from '../draft';
import type { Conversion, Format } from '../format';
import type { Reader } from '../reader';
import { readDocuments } from '../shared/documents';
import { commandFor } from '../shared/processes';
import { setBuildVariable, setVariables } from '../shared/variables';
import type { SourceFile } from '../source/node';
import type { Table } from '../table';
import { convert, holds, none } from '../table';

export const apprunner: Format = {
  name: 'apprunner',
  title: 'App Runner',
  documentation: 'https://docs.aws.amazon.com/apprunner/latest/dg/config-file-ref.html',
  get tables() {
    return [TABLE];
  },
  recognizes: ({ name, text }) => /^apprunner\.ya?ml$/.test(basename(name))
    || (/^runtime:/m.test(text) && /^run:/m.test(text) && /^build:/m.test(text)),
  convert: (files, conversion) => files.forEach(file => convertFile(file, conversion)),
};

interface Target {
  readonly app: AppDraft;
  readonly network: Reader | undefined;
}

const BUILD = 'buildpacks detect how the code is built';
const DOCKERFILE = 'write a Dockerfile, if the build needs them';

/** https://docs.aws.amazon.com/apprunner/latest/dg/config-file-ref.html */
const TABLE: Table<Target> = {
  version: holds('it is that of the format'),
  runtime: (at, { app }) => app.change(at, ['build', 'strategy'], 'buildpacks', 'buildpacks detect the language and its version'),
  build: {
    commands: {
      'pre-build': none(BUILD, DOCKERFILE),
      'build': (at, { app }) => at.changed(app.shown(['build']), BUILD),
      'post-build': none(BUILD, DOCKERFILE),
      'pre-run': none('nothing runs before each start', 'write it in a Dockerfile, or as releaseCommand if it migrates a database'),
    },
    env: (at, { app }) => at.items.forEach(one => {
      const [name, value] = [one.field('name'), one.field('value')];
      if (!name?.text || !value) return;
      name.taken(app.shown(['build', 'env']));
      setBuildVariable(app, name.text, value);
    }),
  },
  run: {
    'runtime-version': none('buildpacks detect the version', 'write the file that they read, or build: { env: … }'),
    'pre-run': none('nothing runs before each start', 'write it in a Dockerfile, or as releaseCommand if it migrates a database'),
    'command': (at, { app }) => app.take(at, ['command'], commandFor(at.text ?? '', 'buildpacks')),
    'network': {
      port: (at, { app }) => app.take(at, ['port'], at.number),
      env: (at, { app, network }) => {
        if (at.text === 'PORT') at.taken('the app always gets PORT');
        else app.change(at, ['env', at.text ?? ''], '$(PORT)', `it is the port, ${network?.field('port')?.text ?? '8080'}`);
      },
    },
    'env': (at, { app }) => setVariables(app, [], at.items.flatMap(one => {
      const name = one.field('name')?.text;
      return name === undefined ? [] : [{ name, at: one, value: one.field('value')?.text ?? '' }];
    })),
    'secrets': setSecrets,
  },
};

function convertFile(file: SourceFile, conversion: Conversion): void {
  for (const root of readDocuments(file, conversion, apprunner)) {
    const app = conversion.draft.app(folderName(file));
    convert(root, { app, network: root.at('run', 'network') }, TABLE);
  }
}

/** https://docs.aws.amazon.com/apprunner/latest/dg/env-variable.html */
function setSecrets(at: Reader, { app }: Target): void {
  for (const one of at.items) {
    const name = one.field('name')?.text;
    if (name === undefined) continue;
    app.change(one, ['secretEnv', name], { secret: app.name, key: name }, 'AWS has the value; a Secret of the cluster is a copy');
    app.needsSecret(app.name, name, readerOf(one.field('value-from')?.text ?? ''));
  }
}

/** The command that reads a value of Secrets Manager, of which it may be a key, or of Systems Manager's Parameter Store. */
export function readerOf(source: string): string {
  const [, secret, key] = /^(arn:[^:]+:secretsmanager:[^:]*:[^:]*:secret:[^:]+)(?::([^:]*))?/.exec(source) ?? [];
  if (secret === undefined) {
    const parameter = source.replace(/^arn:[^:]+:ssm:[^:]*:[^:]*:parameter/, '') || 'NAME';
    return `"$(aws ssm get-parameter --name ${parameter} --with-decryption --query Parameter.Value --output text)"`;
  }
  const value = `aws secretsmanager get-secret-value --secret-id ${secret} --query SecretString --output text`;
  return key ? `"$(${value} | jq -r '."${key}"')"` : `"$(${value})"`;
}
