import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { resolver } from '../../../src/operator/runtime/resolver';

/** https://www.rfc-editor.org/rfc/rfc1035#section-4.1.1 */
const [NO_ERROR, SERVER_FAILURE, NO_SUCH_NAME] = [0, 2, 3];
const [A, AAAA] = [1, 28];

/** What a server answers to a question. */
interface Answer {
  readonly code: number;
  readonly address?: readonly number[];
}

type Answers = (name: string, type: number) => Answer;

/** A response to a query with one question: https://www.rfc-editor.org/rfc/rfc1035#section-4 */
function responseTo(query: Buffer, answers: Answers): Buffer {
  const labels: string[] = [];
  let end = 12;
  for (; query[end] !== 0; end += query[end] + 1) labels.push(query.toString('latin1', end + 1, end + 1 + query[end]));
  const type = query.readUInt16BE(end + 1);
  const { code, address } = answers(labels.join('.'), type);
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8180 + code, 2);
  header.writeUInt16BE(address ? 1 : 0, 6);
  header.writeUInt16BE(0, 8);
  header.writeUInt16BE(0, 10);
  const record = address ? [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60, 0, address.length, ...address] : [];
  return Buffer.concat([header, query.subarray(12, end + 5), Buffer.from(record)]);
}

describe('a name', () => {
  const asked: string[] = [];
  let answers: Answers;
  const server = createSocket('udp4');
  beforeAll(async () => {
    server.on('message', (query, { port, address }) => server.send(responseTo(query, (name, type) => {
      asked.push(name);
      return answers(name, type);
    }), port, address));
    await new Promise<void>(resolve => server.bind(0, '127.0.0.1', resolve));
  });
  afterAll(() => server.close());

  const lookUp = async (name: string) => resolver([`127.0.0.1:${(server.address() as AddressInfo).port}`])(name);

  test('has its IPv4 and IPv6 addresses', async () => {
    const addresses = { [A]: [192, 0, 2, 1], [AAAA]: [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] };
    answers = (_, type) => ({ code: NO_ERROR, address: addresses[type] });
    expect(await lookUp('shop.example.com')).toEqual(['192.0.2.1', '2001:db8::1']);
  });

  test('is asked for as it is, and not below the search domains of a pod', async () => {
    asked.length = 0;
    answers = () => ({ code: NO_SUCH_NAME });
    await lookUp('a.b');
    expect(new Set(asked)).toEqual(new Set(['a.b']));
  });

  test.each<[string, Answers]>([
    ['does not exist', () => ({ code: NO_SUCH_NAME })],
    ['has other records', () => ({ code: NO_ERROR })],
  ])('has no addresses if it %s', async (_, given) => {
    answers = given;
    expect(await lookUp('shop.example.com')).toEqual([]);
  });

  test('is asked for once if it does not exist', async () => {
    asked.length = 0;
    answers = () => ({ code: NO_SUCH_NAME });
    await lookUp('shop.example.com');
    expect(asked).toEqual(['shop.example.com']);
  });

  test('has its IPv6 address if it has no other', async () => {
    answers = (_, type) => ({ code: NO_ERROR, address: type === AAAA ? [0x20, 1, 0xd, 0xb8, ...Array(11).fill(0), 1] : undefined });
    expect(await lookUp('shop.example.com')).toEqual(['2001:db8::1']);
  });

  test('has those that the server knows, if it fails for the others', async () => {
    answers = (_, type) => type === AAAA ? { code: SERVER_FAILURE } : { code: NO_ERROR, address: [192, 0, 2, 1] };
    expect(await lookUp('shop.example.com')).toEqual(['192.0.2.1']);
  });

  test('is unknown if the server fails', async () => {
    answers = (_, type) => ({ code: type === A ? SERVER_FAILURE : NO_ERROR });
    await expect(lookUp('shop.example.com')).rejects.toThrow('ESERVFAIL');
  });
});
