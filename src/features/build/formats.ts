import type { Formats } from '../../validation/format';
import { format } from '../../validation/format';
import type { Check } from '../../validation/problem';
import { fault, quoted } from '../../validation/problem';

const GIT_URL = /^(https?:\/\/[\w.-]+(:\d+)?\/|ssh:\/\/([\w.-]+@)?[\w.-]+(:\d+)?\/|[\w.-]+@[\w.-]+:)[^\s]+$/;
const gitUrl: Check = value => {
  if (/^https?:\/\/[^/\s]*@/.test(value)) return fault('contains a user or a password', 'remove it from the URL, and use gitSecret');
  if (GIT_URL.test(value)) return undefined;
  const hint = 'use a URL such as https://github.com/acme/web or git@github.com:acme/web.git';
  return fault(`is ${quoted(value)}, which is not a valid URL of a git repository`, hint);
};

/** @see https://git-scm.com/docs/git-check-ref-format */
const revision: Check = value => {
  if (value !== '' && !/^[-/]|[\s~^:?*[\\]|\.\.|@\{|\/$/.test(value)) return undefined;
  return fault(`is ${quoted(value)}, which is not a valid revision`, 'use the full hash of a commit, or the name of a branch or tag');
};

const pathInside: Check = value => {
  if (value !== '' && !value.startsWith('/') && !/(^|\/)\.\.(\/|$)/.test(value) && !/\s/.test(value)) return undefined;
  return fault(`is ${quoted(value)}, which is not a path inside the repository`, 'use a path without a leading slash, such as apps/web');
};

const relativePath: Check = value => {
  if (value !== '' && !/^[/\\~]|^[A-Za-z]:/.test(value)) return undefined;
  return fault(`is ${quoted(value)}, which is not a relative path`, 'use a path relative to webapp.yaml, such as . or ../web');
};

/** @see https://docs.docker.com/reference/dockerfile/#run---mounttypesecret */
const SECRET_ID = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const secretId: Check = value => {
  return SECRET_ID.test(value) ? undefined : fault('is not a valid id of a secret', 'use letters, digits, _ and -, such as NPM_TOKEN');
};

/** @see https://github.com/opencontainers/image-spec/blob/main/image-index.md#platform-variants */
const BUILD_PLATFORM = /^[a-z0-9]+\/[a-z0-9]+(\/[a-z0-9.]+)?$/;
const buildPlatform: Check = value => {
  return BUILD_PLATFORM.test(value) ? undefined : fault(`is ${quoted(value)}, which is not a platform`, 'use linux/amd64 or linux/arm64');
};

export const BUILD_FORMATS: Formats = {
  gitUrl: format(gitUrl, { pattern: GIT_URL.source }),
  revision: format(revision, { pattern: '^[^\\s~^:?*\\[\\\\]+$' }),
  relativePath: format(relativePath, { pattern: '^[^/\\\\~]' }),
  secretId: format(secretId, { pattern: SECRET_ID.source }),
  buildPlatform: format(buildPlatform, { pattern: BUILD_PLATFORM.source }),
  pathInside: format(pathInside, { pattern: '^[^/\\s]\\S*$' }),
};
