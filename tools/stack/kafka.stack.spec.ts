import { connect } from 'node:net';
import { describe, expect, inject, it } from 'vitest';

const accepts = (address: string) =>
  new Promise<boolean>((resolve) => {
    const [host = '', port = ''] = address.split(':');
    const socket = connect({ host, port: Number(port) }, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

describe('the stack of the specs', () => {
  it('has a Kafka broker on loopback', async () => {
    const { brokers } = inject('kafka');
    expect(brokers).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
    expect(await accepts(brokers[0] ?? '')).toBe(true);
  });
});
