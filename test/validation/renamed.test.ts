import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'cdk8s';
import { ENUMS, STRUCTS } from '../../src/generated/prop-types';
import { RENAMED } from '../../src/validation/renamed';
import { build, problems } from '../synth';
import { Platform } from 'cdk8s-webapp';

const command = ['a'];

/** Props with an old name, and the expected message. */
const ROWS: [object, string][] = [
  [{ secrets: {} }, 'secrets was renamed; use secretEnv'],
  [{ release: { command } }, 'release was renamed; use releaseCommand'],
  [{ secretEnv: ['payment'] }, 'secretEnv is a list, which was renamed to envFromSecrets; move the list to envFromSecrets, or use a map'],
  [{ health: { stopDelay: '5s' } }, 'health.stopDelay was renamed; use preStopDelay'],
  [
    { health: { stopTimeout: '30s' } },
    'health.stopTimeout was renamed; use terminationGracePeriod, which is the whole time to stop: the old value plus preStopDelay',
  ],
  [{ workers: { a: { command, stopTimeout: '30s' } } }, 'workers.a.stopTimeout was renamed; use terminationGracePeriod'],
  [
    { cronJobs: { a: { command, schedule: '0 3 * * *', stopTimeout: '30s' } } },
    'cronJobs.a.stopTimeout was renamed; use terminationGracePeriod',
  ],
  [{ scaling: { scaleDownAfter: '5m' } }, 'scaling.scaleDownAfter was renamed; use cooldownPeriod'],
  [{ scaling: { fixed: 2 } }, 'scaling.fixed was renamed; use replicas'],
  [{ workers: { a: { command, scaling: { scaleDownAfter: '5m' } } } }, 'workers.a.scaling.scaleDownAfter was renamed; use cooldownPeriod'],
  [{ workers: { a: { command, scaling: { fixed: 2 } } } }, 'workers.a.scaling.fixed was renamed; use replicas'],
  [{ serviceAccount: { existing: 'robot' } }, 'serviceAccount.existing was renamed; use name'],
  [{ serviceAccount: { token: true } }, 'serviceAccount.token was renamed; use automountToken'],
  [{ security: { user: 1000 } }, 'security.user was renamed; use runAsUser'],
  [{ security: { group: 1000 } }, 'security.group was renamed; use runAsGroup'],
  [{ rollout: { rolling: {} } }, 'rollout.rolling was renamed; use rollingUpdate'],
  [{ connections: { api: { type: 'web-app', app: 'api', direct: true } } }, 'connections.api.direct was renamed; use bypassInterceptor'],
  [{ rollout: { argo: { analysis: { of: 'entry', successRate: 99 } } } }, 'rollout.argo.analysis.of was renamed; use source'],
];

const PLATFORM_ROWS: [object, string][] = [
  [{ wait: true }, 'wait was renamed; use syncWaves'],
  [{ buildStrategies: {} }, 'buildStrategies was renamed; use builds.strategies'],
  [{ gateway: { name: 'public', section: 'https' } }, 'gateway.section was renamed; use sectionName'],
  [{ gateway: { name: 'public', redirectSection: 'http' } }, 'gateway.redirectSection was renamed; use httpSectionName'],
  [{ ingress: { wiring: 'external-name' } }, 'ingress.wiring was renamed; use interceptorBackend'],
  [{ appDefaults: { health: { stopDelay: '5s' } } }, 'appDefaults.health.stopDelay was renamed; use preStopDelay'],
];

describe('an old name of a prop is an error that contains the new name', () => {
  test.each(ROWS)('%j', (props, expected) => {
    expect(problems(props)).toEqual([`WebApp "web": ${expected}`]);
    expect(build(props).web._problems()[0].code).toBe('renamed');
  });

  test.each(PLATFORM_ROWS)('%j on the platform', (props, expected) => {
    const app = new App();
    const platform = new Platform(app, 'platform', { domain: 'apps.example.com', ...props });
    expect(platform.node.validate()).toEqual([`Platform: ${expected}`]);
  });

  test('every old name is in this table', () => {
    const names = [...ROWS, ...PLATFORM_ROWS].map(([, text]) => /(\w+) was renamed/.exec(text)?.[1]);
    for (const props of Object.values(RENAMED)) expect(names).toEqual(expect.arrayContaining(Object.keys(props)));
  });
});

describe('an old name of a type in docs/errors.md', () => {
  const page = readFileSync(join(__dirname, '../../docs/errors.md'), 'utf8');
  const [, table] = page.split('## Old names');
  const exported = new Set([...Object.keys(STRUCTS), ...Object.keys(ENUMS)]);

  test.each([...table.matchAll(/^\| `(\w+)` \| `(\w+)` \|$/gm)].map(([, before, today]) => [before, today]))(
    '%s is replaced by %s',
    (before, today) => {
      expect(exported).not.toContain(before);
      expect(exported).toContain(today);
    },
  );
});
