import { imported, section } from './imported';

const DOCKERFILE = `# syntax=docker/dockerfile:1
ARG NODE=22
FROM node:\${NODE} AS build
ARG COMMIT
EXPOSE 1
RUN npm ci && \\
    npm run build
FROM node:22-alpine
ARG RELEASE
ENV PORT_OF_APP=5000
WORKDIR /app
COPY --from=build /app/dist .
EXPOSE \${PORT_OF_APP}/tcp 9090
USER 1001
VOLUME /data
HEALTHCHECK --start-period=3m --interval=10s CMD ["curl", "-f", "http://127.0.0.1:5000/up"]
CMD ["node", "server.js"]
`;

describe('webapp import of a Dockerfile', () => {
  test('writes what the image does not say itself', async () => {
    const { file, report } = await imported({ Dockerfile: DOCKERFILE });
    expect(file).toBe(`name: shop
namespace: shop
port: 5000
# Write your host name.
hosts: [shop.example.com]
volumes:
  # Empty in each new pod; with size: 5Gi in place of empty, it outlives the pod.
  data: { path: /data, empty: 1Gi }
health: { path: /up, startupTimeout: 3m }
security: { runAsImageUser: true }
`);
    expect(section(report, 'No counterpart')).toBe(`  Dockerfile:9 [6].ARG
    it has no default
    next: if the build needs it, write build: { env: { RELEASE: … } }
`);
  });

  test('names another file of the build', async () => {
    const { file } = await imported({ 'worker.Dockerfile': 'FROM python\nUSER app\nCMD python worker.py\n' });
    expect(file).toContain('name: worker\nnamespace: worker\nbuild: { dockerfile: worker.Dockerfile }\n');
  });

  test.each(['', 'RUN x', 'FROM\n', 'FROM a\nEXPOSE $X 70000 x\nHEALTHCHECK\nUSER\nVOLUME [\n'])('is valid or an error: %j', async text => {
    const { code, report } = await imported({ Dockerfile: text }, ['Dockerfile'], ['--format', 'dockerfile']);
    expect([0, 1]).toContain(code);
    expect(report).not.toBe('');
  });
});
