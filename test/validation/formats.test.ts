import { problems } from '../synth';

/** Tests of the formats of values: each row has one prop. */
const host = 'use a bare DNS name, such as shop.example.com or *.shop.example.com';
const duration = 'use whole hours, minutes and seconds, such as 30s, 5m or 1h30m';
const schedule = (change: object) => ({ scaling: { schedule: [{ start: '0 8 * * *', end: '0 18 * * *', replicas: 1, ...change }] } });
const cron = 'use five cron fields (minute, hour, day of the month, month, day of the week), such as 0 8 * * 1-5';

describe('a value with an invalid format is an error that explains the fix', () => {
  test.each<[object, string]>([
    [
      { name: 'My_App' },
      'name is "My_App", which is not a valid DNS label; use lowercase letters, digits and dashes, starting with a letter, '
        + 'such as my-app',
    ],
    [
      { name: '1st' },
      'name is "1st", which is not a valid DNS label; use lowercase letters, digits and dashes, starting with a letter, such as st',
    ],
    [
      { name: 'a'.repeat(55) },
      `name is "${'a'.repeat(55)}", which has 55 characters; use at most 54 characters, such as ${'a'.repeat(54)}`,
    ],
    [{ image: '' }, 'image is empty; use a reference such as ghcr.io/acme/web:1.4.2'],
    [{ image: 'ghcr.io/acme/w eb' }, 'image is "ghcr.io/acme/w eb", which has a space; use a reference such as ghcr.io/acme/web:1.4.2'],
    [{ image: 'https://ghcr.io/acme/web:1' }, 'image is "https://ghcr.io/acme/web:1", which has a scheme; use ghcr.io/acme/web:1'],
    [
      { image: 'ghcr.io/Acme/web:1' },
      'image is "ghcr.io/Acme/web:1", which is not a valid image reference; use a reference such as ghcr.io/acme/web:1.4.2',
    ],
    [
      { image: 'web@sha256:12' },
      'image is "web@sha256:12", which is not a valid image reference; use a reference such as ghcr.io/acme/web:1.4.2',
    ],
    [{ port: 70000 }, 'port is 70000, which is too large; use a number from 1 to 65535'],
    [{ port: 80.5 }, 'port is 80.5, which is not a whole number; use a whole number from 1 to 65535'],
    [{ command: [''] }, 'command[0] is empty; use at least one character, or remove it'],
    [{ hosts: ['https://a.example.com'] }, `hosts[0] is "https://a.example.com", which has a scheme; ${host}`],
    [{ hosts: ['a.example.com:80'] }, `hosts[0] is "a.example.com:80", which has a port; ${host}`],
    [{ hosts: ['a.example.com/api'] }, `hosts[0] is "a.example.com/api", which has a path; ${host}, and put the path in paths`],
    [{ hosts: ['A.example.com'] }, 'hosts[0] is "A.example.com", which has uppercase letters; use a.example.com'],
    [{ hosts: ['web'] }, `hosts[0] is "web", which has no domain; ${host}`],
    [{ hosts: ['*.com'] }, 'hosts[0] is "*.com", which has no domain; use a bare DNS name, such as shop.example.com or *.shop.example.com'],
    [{ hosts: ['10.0.0.1'] }, `hosts[0] is "10.0.0.1", which is an IP address; ${host}`],
    [{ hosts: ['a..example.com'] }, `hosts[0] is "a..example.com", which is not a valid DNS name; ${host}`],
    [{ hosts: ['a.*.example.com'] }, `hosts[0] is "a.*.example.com", which is not a valid DNS name; ${host}`],
    [{ hosts: ['example.com.'] }, `hosts[0] is "example.com.", which is not a valid DNS name; ${host}`],
    [{ paths: ['api'] }, 'paths[0] is "api", which does not start with a slash; use /api'],
    [
      { paths: ['/api?x=1'] },
      'paths[0] is "/api?x=1", which is not a valid path; use a path of letters, digits, -, _ and ., such as / or /api/v1',
    ],
    [{ paths: ['/a//b'] }, 'paths[0] is "/a//b", which routers rewrite; use a path of letters, digits, -, _ and ., such as / or /api/v1'],
    [
      { paths: ['/a/../b'] },
      'paths[0] is "/a/../b", which routers rewrite; use a path of letters, digits, -, _ and ., such as / or /api/v1',
    ],
    [{ headers: { 'X Tenant': 'a' } }, 'headers["X Tenant"] is not a valid header name; use a name such as X-Tenant'],
    [{ headers: { Host: 'a' } }, 'headers.Host cannot be matched as a header; name the host in hosts'],
    [
      { headers: { 'X-Tenant': '' } },
      'headers.X-Tenant is "", which is not a valid header value; use at most 4096 printable ASCII characters',
    ],
    [
      { resources: { cpu: '1 core' } },
      'resources.cpu is "1 core", which is not a valid amount of CPU; use cores or millicores, such as 2 or 250m',
    ],
    [
      { resources: { cpu: '1Gi' } },
      'resources.cpu is "1Gi", which is not a valid amount of CPU; use cores or millicores, such as 2 or 250m',
    ],
    [{ resources: { cpu: '0' } }, 'resources.cpu is "0", which is too small; use at least 1m'],
    [
      { resources: { memory: '256MB' } },
      'resources.memory is "256MB", which is not a valid amount of memory or storage; use a Kubernetes quantity, such as 256Mi or 2Gi',
    ],
    [
      { resources: { memory: '256' } },
      'resources.memory is "256", which is less than 1Mi; use a Kubernetes quantity with its unit, such as 256Mi or 2Gi',
    ],
    [
      { resources: { memory: '256m' } },
      'resources.memory is "256m", which is not a valid amount of memory or storage; use a Kubernetes quantity, such as 256Mi or 2Gi',
    ],
    [{ resources: { memory: '1Gi', memoryLimit: '512Mi' } }, 'resources.memoryLimit is 512Mi but memory is 1Gi; use 1Gi or more'],
    [{ resources: { cpu: '2', cpuLimit: '500m' } }, 'resources.cpuLimit is 500m but cpu is 2; use 2 or more'],
    [
      { health: { path: 'healthz' } },
      'health.path is "healthz", which is not a valid path; use a path that starts with a slash, such as /healthz',
    ],
    [{ health: { path: '/a', grpc: true } }, 'health.grpc cannot be combined with path; remove one of them'],
    [{ health: { startupTimeout: '2 minutes' } }, `health.startupTimeout is "2 minutes", which is not a valid duration; ${duration}`],
    [{ health: { startupTimeout: '500ms' } }, `health.startupTimeout is "500ms", which is not a valid duration; ${duration}`],
    [{ health: { startupTimeout: '' } }, `health.startupTimeout is "", which is not a valid duration; ${duration}`],
    [{ health: { interval: '0s' } }, 'health.interval is "0s", which is too short; use at least 1s'],
    [{ scaling: { concurrency: 0 } }, 'scaling.concurrency is 0, which is too small; use a number from 1 to 1000000'],
    [{ scaling: { requestRate: 0.5 } }, 'scaling.requestRate is 0.5, which is not a whole number; use a whole number from 1 to 1000000'],
    [{ scaling: { concurrency: 1, cpu: 0 } }, 'scaling.cpu is 0, which is too small; use a number from 1 to 1000'],
    [{ scaling: { min: -1 } }, 'scaling.min is -1, which is too small; use a number from 0 to 10000'],
    [{ scaling: { max: 0 } }, 'scaling.max is 0, which is too small; use a number from 1 to 10000'],
    [
      schedule({ timezone: 'Europe/Atlantis' }),
      'scaling.schedule[0].timezone is "Europe/Atlantis", which is not a known time zone; '
        + 'use a name of the time zone database, such as Europe/Berlin or UTC',
    ],
    [schedule({ timezone: 'europe/berlin' }), 'scaling.schedule[0].timezone is "europe/berlin", which is misspelled; use Europe/Berlin'],
    [
      schedule({ timezone: '+02:00' }),
      'scaling.schedule[0].timezone is "+02:00", which is not a valid time zone name; '
        + 'use a name of the time zone database, such as Europe/Berlin or UTC',
    ],
    [schedule({ start: '8:00' }), `scaling.schedule[0].start is "8:00", which does not have five fields; ${cron}`],
    [schedule({ start: '0 25 * * *' }), `scaling.schedule[0].start is "0 25 * * *", in which "25" is not a valid hour; ${cron}`],
    [schedule({ end: '0 8 * * 7' }), `scaling.schedule[0].end is "0 8 * * 7", in which "7" is not a valid day of the week; ${cron}`],
    [
      schedule({ end: '0 8 * * fri-mon' }),
      `scaling.schedule[0].end is "0 8 * * fri-mon", in which "fri-mon" is not a valid day of the week; ${cron}`,
    ],
    [
      { coldStart: { placeholder: { body: 'ä'.repeat(524289) } } },
      'coldStart.placeholder.body has 1048578 bytes; use at most 1048576 bytes, the limit of a ConfigMap',
    ],
    [
      { coldStart: { maxPending: { requests: 0 } } },
      'coldStart.maxPending.requests is 0, which is too small; use a number from 1 to 2147483647',
    ],
    [
      { coldStart: { placeholder: { body: '', status: 99 } } },
      'coldStart.placeholder.status is 99, which is too small; use a number from 200 to 599',
    ],
    [{ labels: { 'a b': 'c' } }, 'labels["a b"] is not a valid key of a label or annotation; use a key such as team or example.com/team'],
    [
      { labels: { team: 'a b' } },
      'labels.team is "a b", which is not a valid label value; use at most 63 letters, digits, dashes, dots and underscores',
    ],
    [
      { secretEnv: { A: { secret: 'a', key: 'b c' } } },
      'secretEnv.A.key is "b c", which is not a valid key of a Secret or ConfigMap; use letters, digits, dashes, dots and underscores',
    ],
    [
      { serviceAccount: { name: 'robot', annotations: { a: 'b' } } },
      'serviceAccount.annotations cannot be combined with name, which refers to an existing ServiceAccount; remove one of them',
    ],
  ])('%j', (props, expected) => {
    expect(problems(props)).toEqual([`WebApp "web": ${expected}`]);
  });
});

describe('a value with a valid format is accepted', () => {
  test.each<[object]>([
    [{ name: 'a' }],
    [{ name: 'a'.repeat(54) }],
    [{ image: 'web' }],
    [{ image: 'localhost:5000/team/web_app:v1.2-rc.1' }],
    [{ image: `registry.example.com/web:1@sha256:${'0'.repeat(64)}` }],
    [{ hosts: ['a.example.com', '*.b.example.com', 'xn--bcher-kva.example', '1.example.com'] }],
    [{ paths: ['/', '/api/v1.0/', '/a-b_c'] }],
    [{ resources: { cpu: '0.5', cpuLimit: '1500m', memory: '1.5Gi', memoryLimit: '2000M', ephemeralStorage: '10G' } }],
    [{ health: { startupTimeout: '1h30m', terminationGracePeriod: '1s' } }],
    [schedule({ start: '*/15 8-18/2 1,15 jan-mar MON-FRI', timezone: 'America/Argentina/Buenos_Aires' })],
    [schedule({ timezone: 'Europe/Kyiv' })],
    [schedule({ timezone: 'UTC' })],
    [{ env: { 'lower.case-name': '', '_A1': 'x' } }],
    [{ labels: { 'example.com/team': '' }, annotations: { 'a.b/c_d': 'any thing' } }],
  ])('%j', props => {
    expect(problems(props)).toEqual([]);
  });
});
