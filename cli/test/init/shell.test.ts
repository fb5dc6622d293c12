import { execFileSync } from 'node:child_process';
import { shellScript } from '../../src/init/shell';

describe('a command in a Procfile', () => {
  test.each<[line: string, written: string]>([
    ['gunicorn shop.wsgi --log-file -', 'exec gunicorn shop.wsgi --log-file -'],
    ['./bin/server', 'exec ./bin/server'],
    ['cd backend && gunicorn main:app', 'cd backend && exec gunicorn main:app'],
    ['cd backend; gunicorn main:app;', 'cd backend; exec gunicorn main:app;'],
    ['npm run migrate && npm start', 'npm run migrate && exec npm start'],
    ['NODE_ENV=production node server.js', 'NODE_ENV=production exec node server.js'],
    ['cd web && A="x && y" B=\'z\' node server.js', 'cd web && A="x && y" B=\'z\' exec node server.js'],
    ['node -e "a && b; c | d" \'e & f\'', 'exec node -e "a && b; c | d" \'e & f\''],
    ['gunicorn --bind 0.0.0.0:${PORT:-8000} app', 'exec gunicorn --bind 0.0.0.0:${PORT:-8000} app'],
    ['gunicorn --workers $(nproc) app', 'exec gunicorn --workers $$(nproc) app'],
    ['node server.js > log 2>&1', 'exec node server.js > log 2>&1'],
    ['java $JAVA_OPTS -jar target/*.jar', 'exec java $JAVA_OPTS -jar target/*.jar'],
    ['echo $$ > pid && node server.js', 'echo $$$$ > pid && exec node server.js'],
    // In these, the last program does not or cannot replace the shell.
    ['exec node server.js', 'exec node server.js'],
    ['node server.js | tee log', 'node server.js | tee log'],
    ['node a.js || node b.js', 'node a.js || node b.js'],
    ['nginx & node server.js', 'nginx & node server.js'],
    ['(cd web && node server.js)', '(cd web && node server.js)'],
    ['{ cd web; node server.js; }', '{ cd web; node server.js; }'],
    ['if [ -f a ]; then node a.js; else node b.js; fi', 'if [ -f a ]; then node a.js; else node b.js; fi'],
    ['while true; do node server.js; done', 'while true; do node server.js; done'],
    ['trap "rm lock" EXIT; node server.js', 'trap "rm lock" EXIT; node server.js'],
    ['node server.js # for now', 'node server.js # for now'],
    ['node "$(find "a && b")"', 'node "$$(find "a && b")"'],
    ['cd web', 'cd web'],
    ['A=b', 'A=b'],
    ['node "server.js', 'node "server.js'],
  ])('is started with exec where possible: %s', (line, written) => {
    expect(shellScript(line)).toBe(written);
  });

  test.each([
    'printenv HOME',
    'cd / && A="1 2" printenv A',
    'A=1; export A; B=2 printenv A B',
    'cd /usr && ls -d . 2>&1;',
    'false && ls; expr 1 + 1',
  ])('has the same output with exec as without it: %s', line => {
    const output = (script: string) => execFileSync('sh', ['-c', script], { encoding: 'utf8' });
    expect(shellScript(line)).toContain('exec ');
    expect(output(shellScript(line))).toBe(output(line));
  });
});
