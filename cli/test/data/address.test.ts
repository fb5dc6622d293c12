import { formatAddress, parseAddress, throughTunnel } from '../../src/data/address';

const parsed = (url: string) => {
  const { options, ...rest } = parseAddress(url) ?? {};
  return JSON.parse(JSON.stringify({ ...rest, ...options ? { options: options.toString() } : {} }));
};

describe('the parts of a URL', () => {
  const shop = { kind: 'postgres', scheme: 'postgresql', host: 'shop-db-rw', port: 5432, user: 'app', password: 's3cret', database: 'app' };

  test.each<[string, object]>([
    ['postgresql://app:s3cret@shop-db-rw:5432/app', shop],
    ['postgresql://app:s3cret@shop-db-rw/app', shop],
    ['postgres://app:s3cret@shop-db-rw/app?sslmode=require', { ...shop, scheme: 'postgres', options: 'sslmode=require' }],
    ['postgresql+asyncpg://app:s3cret@shop-db-rw/app', { ...shop, scheme: 'postgresql+asyncpg' }],
    ['postgresql://app:p%40ss%2Fword@shop-db-rw/app', { ...shop, password: 'p@ss/word' }],
    ['postgresql://app:p@ss/w%rd@shop-db-rw/app', { ...shop, password: 'p@ss/w%rd' }],
    ['redis://redis', { kind: 'redis', scheme: 'redis', host: 'redis', port: 6379 }],
    ['rediss://:pw@redis.cache.svc:6380/2', {
      kind: 'redis', scheme: 'rediss', host: 'redis.cache.svc', port: 6380, password: 'pw', database: '2',
    }],
    ['mysql://root:pw@[fd00::1]/shop', {
      kind: 'mysql', scheme: 'mysql', host: 'fd00::1', port: 3306, user: 'root', password: 'pw', database: 'shop',
    }],
    ['mongodb://a:b@m-0.m:27017,m-1.m:27017/shop?replicaSet=rs0', {
      kind: 'mongodb', scheme: 'mongodb', host: 'm-0.m', port: 27017, user: 'a', password: 'b', database: 'shop', options: 'replicaSet=rs0',
    }],
    ['mongodb+srv://a:b@cluster0.example.net/shop', {
      kind: 'mongodb', scheme: 'mongodb+srv', host: 'cluster0.example.net', user: 'a', password: 'b', database: 'shop',
    }],
    ['amqps://guest:guest@rabbitmq', { kind: 'rabbitmq', scheme: 'amqps', host: 'rabbitmq', port: 5671, user: 'guest', password: 'guest' }],
    ['https://search.example.com', { kind: 'http', scheme: 'https', host: 'search.example.com', port: 443 }],
  ])('%s', (url, expected) => expect(parsed(url)).toEqual(expected));

  test.each(['', 'shop-db-rw:5432', 'ldap://directory', 'postgresql://'])('are those of a service that is known: not %s', url => (
    expect(parseAddress(url)).toBeUndefined()));

  test.each(['postgresql://app:p%40ss@shop-db-rw:5432/app?sslmode=require', 'redis://:pw@redis:6379/2', 'amqp://rabbitmq:5672'])(
    'make the same URL: %s', url => expect(formatAddress(parseAddress(url)!)).toBe(url));
});

describe('an address through a tunnel', () => {
  test.each([
    ['is of this computer', 'redis://:pw@redis:6379/2', 'redis://:pw@127.0.0.1:15432/2'],
    ['keeps TLS, and does not verify the name', 'postgresql://app:pw@db/app?sslmode=verify-full&sslrootcert=/etc/ca.pem',
      'postgresql://app:pw@127.0.0.1:15432/app?sslmode=require'],
    ['stays with one member', 'mongodb://m-0.m,m-1.m/shop?replicaSet=rs0&authSource=admin',
      'mongodb://127.0.0.1:15432/shop?authSource=admin&directConnection=true'],
  ])('%s', (_, url, expected) => expect(formatAddress(throughTunnel(parseAddress(url)!, 15432))).toBe(expected));
});
