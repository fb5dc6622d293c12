import type { Formats } from '../../validation/format';
import * as names from '../../validation/names';
import type { Check } from '../../validation/problem';
import { fault, quoted } from '../../validation/problem';
import { duration } from '../../validation/units';

const gitUrl: Check = (value: string) => {
  const hint = 'write one such as https://github.com/acme/web or git@github.com:acme/web.git';
  if (/^https?:\/\/[^/\s]*@/.test(value)) return fault('has a user or a password in it', 'write it without, and gitSecret');
  if (/^(https?:\/\/[\w.-]+(:\d+)?\/|ssh:\/\/([\w.-]+@)?[\w.-]+(:\d+)?\/|[\w.-]+@[\w.-]+:)[^\s]+$/.test(value)) return undefined;
  return fault(`is ${quoted(value)}, which is no URL of a git repository`, hint);
};

/** @see https://git-scm.com/docs/git-check-ref-format */
const revision: Check = (value: string) => {
  if (value === '' || /^[-/]|[\s~^:?*[\\]|\.\.|@\{|\/$/.test(value)) return fault(`is ${quoted(value)}, which is no revision`, 'write a commit\'s full hash, or the name of a branch or a tag');
  return undefined;
};

const pathInside: Check = (value: string) => {
  if (value === '' || value.startsWith('/') || /(^|\/)\.\.(\/|$)/.test(value) || /\s/.test(value)) {
    return fault(`is ${quoted(value)}, which is no path inside of the repository`, 'write one without a slash at its start, such as apps/web');
  }
  return undefined;
};

/** The form of what an image is built from. */
export const BUILD: Formats = {
  'buildFrom.git': gitUrl,
  'buildFrom.revision': revision,
  'buildFrom.image': names.repository,
  'buildFrom.context': pathInside,
  'buildFrom.dockerfile': pathInside,
  'buildFrom.pushSecret': names.objectName,
  'buildFrom.gitSecret': names.objectName,
  'buildFrom.env{key}': names.envName,
  'buildFrom.timeout': duration(1),
};

/** The form of what a platform builds with. */
export const BUILD_STRATEGIES: Formats = {
  'builds.strategies.buildpacks': names.objectName,
  'builds.strategies.dockerfile': names.objectName,
};
