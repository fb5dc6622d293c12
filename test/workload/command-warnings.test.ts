import { build } from '../synth';
import type { WebAppProps } from 'cdk8s-webapp';

const warnings = (props: object) => build(props as Partial<WebAppProps>).web.node.metadata
  .filter(({ type }) => type === 'warning').map(({ data }) => data);

const SHELL = 'with the whole line';

describe('a warning about a command that Kubernetes reads differently from a shell', () => {
  test.each<[props: object, warning: string]>([
    [
      { command: ['gunicorn', '-b', ':$PORT'] },
      `command[2] is ":$PORT", in which only a shell replaces $PORT; write ":$(PORT)", or [sh, -c, '…'] ${SHELL}`,
    ],
    [
      { args: ['--port=${PORT}'] },
      `args[0] is "--port=\${PORT}", in which only a shell replaces \${PORT}; write "--port=$(PORT)", or [sh, -c, '…'] ${SHELL}`,
    ],
    [{ command: ['a', '&&', 'b'] }, `command[1] is "&&", which only a shell understands; write [sh, -c, '…'] ${SHELL}`],
    [
      { command: ['npm start'] },
      'command[0] is "npm start", which names one program with a space in its name; write the words as a list: [npm, start]',
    ],
    [
      { command: ['a', '$(PROT)'] },
      'command[1] has $(PROT), which stays as it is, because no variable PROT is defined before it; did you mean $(PORT)?',
    ],
    [{ command: ['sh', '-c', 'echo $$'] }, 'command[2] has $$, which Kubernetes replaces with $; write $$$$ if you mean two'],
    [{ env: { PASSWORD: 'pa$$word' } }, 'env.PASSWORD has $$, which Kubernetes replaces with $; write $$$$ if you mean two'],
    [{ env: { A: '$(B)', B: 'x' } }, 'env.A has $(B), which stays as it is, because no variable B is defined before it'],
    [
      { workers: { emails: { command: ['run jobs'] } } },
      'workers.emails.command[0] is "run jobs", which names one program with a space in its name; '
        + 'write the words as a list: [run, jobs]',
    ],
    [
      { workers: { emails: { command: ['a'], env: { X: 'a$$b' } } } },
      'workers.emails.env.X has $$, which Kubernetes replaces with $; write $$$$ if you mean two',
    ],
    [
      { cronJobs: { night: { schedule: '0 0 * * *', command: ['a', ';', 'b'] } } },
      `cronJobs.night.command[1] is ";", which only a shell understands; write [sh, -c, '…'] ${SHELL}`,
    ],
    [
      { releaseCommand: { command: ['a', '|', 'b'] } },
      `releaseCommand.command[1] is "|", which only a shell understands; write [sh, -c, '…'] ${SHELL}`,
    ],
  ])('is written for %j', (props, warning) => {
    expect(warnings(props)).toEqual([warning]);
  });

  test.each<[props: object]>([
    [{ command: ['gunicorn', '-b', ':$(PORT)'] }],
    [{ command: ['sh', '-c', 'a && exec b --port $PORT --host $(hostname)'] }],
    [{ command: ['/usr/bin/env', 'bash', '-c', 'a | b'] }],
    [{ command: ['awk', '$1'] }],
    [{ command: ['/opt/my app/run', '--fast'] }],
    [{ command: ['a', '$$(PORT)', '$$$$'] }],
    [{ env: { A: 'x', B: '$(A) $(PORT) $$(C) $5' } }],
    [{ command: ['a', '$(ANY)'], envFromSecrets: ['other'] }],
    [{ env: { A: 'a' }, workers: { emails: { command: ['a', '$(A)'] } } }],
    [{ connections: { db: { type: 'mysql', secret: 'db', url: 'mysql://$(user):$(password)@$(host)/shop' } }, env: { URL: '$(DB_URL)' } }],
  ])('is not written for %j', props => {
    expect(warnings(props)).toEqual([]);
  });
});
