import { Blocks } from '../../src/ui/blocks';
import { world } from '../call';

function blocksOn(color: boolean) {
  const printed: string[] = [];
  const blocks = new Blocks(world({ color: { out: false, err: color }, err: text => void printed.push(text) }));
  return { blocks, text: () => printed.join(''), printed };
}

describe('the output of things that are done at the same time', () => {
  test('is that of the first at once, and that of each other when it is complete', () => {
    const { blocks, text } = blocksOn(false);
    const [first, second, third] = [blocks.open(), blocks.open(), blocks.open()];
    first.progress.done('first 1');
    second.progress.done('second 1');
    third.world.err('third 1\n');
    expect(text()).toBe('✓ first 1\n');
    third.close();
    second.progress.done('second 2');
    first.progress.warn('first 2');
    expect(text()).toBe('✓ first 1\n! first 2\n');
    first.close();
    // What is complete comes before what is not.
    expect(text()).toBe('✓ first 1\n! first 2\nthird 1\n✓ second 1\n✓ second 2\n');
    second.progress.done('second 3');
    expect(text().endsWith('✓ second 2\n✓ second 3\n')).toBe(true);
  });

  test('is at once that of what begins when nothing else is done', () => {
    const { blocks, text } = blocksOn(false);
    blocks.open().close();
    blocks.open().progress.done('next');
    expect(text()).toBe('✓ next\n');
  });

  test('on a terminal, shows what the first waits for and how many others there are, and erases it', () => {
    const { blocks, printed, text } = blocksOn(true);
    const [first, second] = [blocks.open(), blocks.open()];
    first.progress.waiting('first: 0/1 replicas ready');
    second.progress.waiting('second: 0/1 replicas ready');
    expect(printed.at(-1)).toContain('… first: 0/1 replicas ready (and 1 more app)');
    expect(text()).not.toContain('second');
    blocks.clear();
    expect(printed.at(-1)).toBe('\r\u001b[2K');
    second.close();
    first.progress.waiting('first: 0/1 replicas ready');
    expect(printed.at(-1)).not.toContain('more app');
  });
});
