import type { AppFolder } from './in-cluster';

/** Does something with the port of this computer that `webapp connect` prints, and then presses Ctrl-C. */
export async function throughTunnel(
  app: AppFolder, words: readonly string[], act: (port: number) => Promise<unknown>,
): Promise<{ code: number; out: string; err: string }> {
  let out = '', err = '';
  let failure: unknown;
  const onInterrupt = (stop: () => void) => {
    if (out !== '') act(Number(new URL(out).port)).catch(error => failure = error).finally(stop);
    return () => {};
  };
  const world = { onInterrupt, out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
  const { code } = await app.callIn(world, 'connect', ...words, '--url');
  if (failure) throw failure;
  return { code, out, err };
}
