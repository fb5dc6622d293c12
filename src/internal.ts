/**
 * What the command in cli/ may use of the library beside its public names. Nothing here is meant for users of the package.
 *
 * Nothing here loads cdk8s, as every command loads this.
 */
export { matches } from './bounds/patterns';
export type { NameBound } from './bounds/names';
export { nameProblems } from './bounds/names';
export type { SecretStoreModel } from './features/connections/secret-store';
export { resolveSecretStore, secretStoreFor } from './features/connections/secret-store';
export { hasTektonVariable, isCutByBuildpacks, literal } from './features/build/variables';
export { formatNamed, formatOf } from './formats';
export { ENUMS, STRUCTS } from './generated/prop-types';
export { contentHash, HASH_LENGTH } from './kube/content-hash';
export type { GeneratedLengths } from './model/generated';
export { generatedSecret } from './model/generated';
export { APP_NAMESPACE } from './model/names';
export { SIZES } from './model/sizes';
export type { PlatformModel } from './platform/resolve';
export { resolveBuilds } from './platform/resolve';
export { checkStruct } from './shapes';
export { cronValues } from './validation/cron';
export { isMisread, misread } from './validation/misread';
export { namespace as checkNamespace } from './validation/names';
export { nearest } from './validation/nearest';
export { below, entry } from './validation/problem';
export type { Fault, Problem, ProblemCode } from './validation/problem';
export { UNREADABLE } from './validation/shape';
export { inBytes, quantity, secondsOf } from './validation/units';
