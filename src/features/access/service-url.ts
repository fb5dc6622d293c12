import type { SignInModel } from '../../model/route';

const SERVICE_URL = /^http:\/\/([a-z][-a-z0-9]*)\.([a-z0-9][-a-z0-9]*)(?:\.svc(?:\.[-a-z0-9.]+)?)?(?::(\d+))?(\/.*)?$/;

/** The Service of the cluster that a URL names; undefined if it names another server. */
export function serviceOf(url: string): SignInModel['service'] {
  const [matched, name, namespace, port, path] = SERVICE_URL.exec(url) ?? [];
  return matched === undefined ? undefined : { name, namespace, port: Number(port ?? 80), path };
}
