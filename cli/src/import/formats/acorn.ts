/** Acornfiles, which only Acorn can read: they are programs in AML, a language of its own, and no other parser of it exists. */
import { basename } from 'node:path';
import { Failure } from '../../ui/failure';
import type { Format } from '../format';

export const acorn: Format = {
  name: 'acorn',
  title: 'Acorn',
  documentation: 'https://github.com/acorn-io/runtime',
  tables: [],
  recognizes: ({ name }) => /^Acornfile$|\.acorn$/.test(basename(name)),
  convert: ([file]) => {
    throw new Failure([
      `${file.name} is a program in AML, which only Acorn can run`,
      'import what it runs in the cluster: webapp import --from-cluster deploy/NAME --namespace NAMESPACE',
      'kubectl get deployments --all-namespaces --selector acorn.io/managed=true lists its Deployments',
    ].join('; '));
  },
};
