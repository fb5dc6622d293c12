import type { AppModel } from '../../model/app';
import type { PlatformProps } from '../../platform/props';
import type { PlatformModel } from '../../platform/resolve';
import type { Problem } from '../../validation/problem';
import { about, problem } from '../../validation/rule';
import { isOlder } from '../../validation/units';
import type { AppDefaults, WebAppProps } from '../../web-app-props';

/** What needs a version of the add-on: whether it is used, the prop, and the version. */
type Need = [isUsed: unknown, path: string, version: string];

/**
 * What an app's own props need of the add-on, by the history of its CRDs and its changelog.
 *
 * - 0.12: HTTPScaledObjects with headers, and routing by wildcards
 * - 0.15: placeholders, HTTP/2, and right values for both metrics together (https://github.com/kedacore/http-add-on/issues/1659)
 * - 0.16: staticRoutes, maxPendingRequests
 *
 * @see https://github.com/kedacore/http-add-on/blob/main/CHANGELOG.md
 * @see https://github.com/kedacore/http-add-on/tree/main/config/crd/bases
 */
export const addonVersionRules = about(
  ['headers', 'hosts', 'protocol', 'scaling', 'coldStart', 'maintenance', 'staticRoutes'],
  (app, props) => app.route.interceptor ? tooNew(app.platform, needsOf(app, props)) : [],
);

function needsOf({ route, platform: { httpAddon, appDefaults } }: AppModel, props: WebAppProps): Need[] {
  const old = httpAddon.api === 'v1alpha1';
  const wildcard = route.hosts.findIndex(host => host.startsWith('*'));
  const both = { ...appDefaults.scaling, ...props.scaling };
  return [
    [old && Object.keys(route.headers).length > 0, 'headers', '0.12'],
    [old && wildcard >= 0, `hosts[${wildcard}]`, '0.12'],
    [route.http2, 'protocol', '0.15'],
    [!old && props.scaling && both.concurrency !== undefined && both.requestRate !== undefined, 'scaling.requestRate', '0.15'],
    [!old && props.coldStart?.placeholder, 'coldStart.placeholder', '0.15'],
    [!old && props.coldStart?.maxPending, 'coldStart.maxPending', '0.16'],
    [!old && props.maintenance, 'maintenance', '0.16'],
    [!old && props.staticRoutes, 'staticRoutes', '0.16'],
  ];
}

/** The same for what a platform says itself. */
export function addonPlatformRules(platform: PlatformModel, { httpAddon, appDefaults = {} }: Partial<PlatformProps>): Problem[] {
  const { scaling, coldStart }: AppDefaults = appDefaults;
  return tooNew(platform, [
    [httpAddon?.api === 'v1beta1', 'httpAddon.api', '0.14'],
    [scaling?.concurrency !== undefined && scaling.requestRate !== undefined, 'appDefaults.scaling.requestRate', '0.15'],
    [coldStart?.placeholder, 'appDefaults.coldStart.placeholder', '0.15'],
    [coldStart?.maxPending, 'appDefaults.coldStart.maxPending', '0.16'],
  ]);
}

function tooNew({ httpAddon: { version } }: PlatformModel, needs: readonly Need[]): Problem[] {
  return needs.filter(([isUsed, , least]) => isUsed && isOlder(version, least)).map(([, path, least]) => problem(
    path, `needs add-on ${least}, but the platform's httpAddon.version is ${version}`,
    `remove it, or update the add-on and set httpAddon.version: '${least}'`, 'unsupported',
  ));
}
