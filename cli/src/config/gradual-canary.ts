/**
 * A canary that moves by itself: `rollout.canary` with `steps`. Files and resources may have one. The library does not take it, as YAML
 * alone moves no traffic: the command and the operator give it a canary with an image, once for each step.
 */
import type { Fields } from './merge';
import { fieldsOf, isFields } from './merge';
import type { Problem, ProblemCode } from '../../../src/internal';
import { below, checkStruct, secondsOf } from '../../../src/internal';
import type { GradualStep } from '../engine/canary-health';
import type { Canary } from '../engine/release-store';
import type { GradualCanary } from 'cdk8s-webapp';

const PATH = 'rollout.canary';
const ONE_OF_THEM = 'remove one of them';

/** What is done to the traffic of a new version. */
export interface CanaryPlan {
  readonly steps: readonly GradualStep[];

  /** The percentage of its responses that may be errors; undefined for the default. */
  readonly maxErrors?: number;
}

/** The canary of props, if it moves by itself. */
export function gradualCanaryOf({ rollout }: Fields): Fields | undefined {
  const { canary } = fieldsOf(rollout);
  return isFields(canary) && (canary.steps !== undefined || canary.analysis !== undefined) ? canary : undefined;
}

/** Props as the library takes them: what they say once the new version has all traffic. */
export function withoutGradualCanary(props: Fields): Fields {
  if (!gradualCanaryOf(props)) return props;
  const { rollout, ...others } = props;
  const { canary, ...strategy } = fieldsOf(rollout);
  return Object.keys(strategy).length > 0 ? { ...others, rollout: strategy } : others;
}

/** Props with a canary that has an image: beside the app's own one, a second one gets a part of the traffic. */
export function withCanary(props: Fields, image: string | undefined, { image: next, weight }: Partial<Canary>): Fields {
  const headers = gradualCanaryOf(props)?.headers;
  const canary = { image: next, weight, ...headers === undefined ? {} : { headers } };
  return { ...props, image, rollout: { ...fieldsOf(props.rollout), canary } };
}

/** What the steps of a canary are, with the pauses after each weight; undefined where there are none, or something is wrong with them. */
export function canaryPlanOf(props: Fields): CanaryPlan | undefined {
  if (!gradualCanaryOf(props) || checkGradualCanary(props).length > 0) return undefined;
  const canary = gradualCanaryOf(props) as unknown as GradualCanary;
  const steps: { weight: number; seconds: number }[] = [];
  for (const { setWeight, pause } of canary.steps) {
    if (setWeight !== undefined || steps.length === 0) steps.push({ weight: setWeight ?? 0, seconds: 0 });
    steps[steps.length - 1].seconds += secondsOf(pause?.duration) ?? 0;
  }
  const { successRate } = canary.analysis ?? {};
  // 100 - 99.9 is not 0.1 to a computer.
  return { steps, maxErrors: successRate === undefined ? undefined : Number((100 - successRate).toFixed(6)) };
}

/** What is wrong with a canary, in a file or a resource, beyond what the library finds. */
export function checkGradualCanary(props: Fields): Problem[] {
  const { canary } = fieldsOf(props.rollout);
  const problem = (prop: string, message: string, hint: string, code: ProblemCode = 'conflict'): Problem => (
    { code, path: `${PATH}.${prop}`, message, hint });
  const gradual = gradualCanaryOf(props);
  if (!gradual) {
    return isFields(canary) && canary.image === undefined ? [problem('image',
      'is missing', 'set the image of the canary, or set steps in which a new image of the app gets the traffic', 'missing')] : [];
  }
  const { image, weight, ...own } = gradual;
  if (gradual.steps === undefined) return [problem('analysis', 'has no effect without steps', 'set steps, or remove it')];
  const found = [
    ...image === undefined ? []
      : [problem('image', 'cannot be combined with steps, in which a new image of the app gets the traffic', ONE_OF_THEM)],
    ...weight === undefined ? [] : [problem('weight', 'cannot be combined with steps, which set it', ONE_OF_THEM)],
    ...props.buildFrom === undefined ? [] : [{
      code: 'conflict' as const,
      path: 'buildFrom',
      message: 'cannot be combined with rollout.canary.steps, which need the image',
      hint: 'build the image first, and set image',
    }],
    ...below(PATH, checkStruct('GradualCanary', own)),
  ];
  return found.length > 0 ? found : stepProblems(gradual as unknown as GradualCanary, problem);
}

function stepProblems({ steps }: GradualCanary, problem: (prop: string, ...words: [string, string, ProblemCode]) => Problem): Problem[] {
  if (steps.length === 0) {
    return [problem('steps', 'is empty', 'add steps such as [{ setWeight: 10 }, { pause: { duration: 10m } }]', 'range')];
  }
  return steps.flatMap(({ setWeight, pause }, i) => {
    if ((setWeight === undefined) !== (pause === undefined)) return [];
    const message = pause === undefined ? 'is empty' : 'has both setWeight and pause';
    return [problem(`steps[${i}]`, message, 'set either setWeight or pause', 'missing')];
  });
}

/**
 * The props of the step in which the new version has most of the traffic: what is wrong with them is wrong with the steps. For props
 * without steps, or with steps that have problems themselves, those that the library takes.
 */
export function propsToCheck(props: Fields): Fields {
  const plan = canaryPlanOf(props);
  if (!plan) return withoutGradualCanary(props);
  const image = props.image as string | undefined;
  return withCanary(props, image, { image, weight: Math.max(...plan.steps.map(step => step.weight)) });
}

/**
 * The problems of `propsToCheck` as those of the props: the image is the app's own, and the weight that of a step. That a canary has no
 * image is found by `checkGradualCanary`.
 */
export function problemsOfSteps(found: readonly Problem[], props: Fields): readonly Problem[] {
  const problems = found.filter(({ path, code }) => path !== `${PATH}.image` || code !== 'missing');
  if (!canaryPlanOf(props)) return problems;
  const { steps } = gradualCanaryOf(props) as unknown as GradualCanary;
  const weights = steps.map(({ setWeight = 0 }) => setWeight);
  const step = `${PATH}.steps[${weights.indexOf(Math.max(...weights))}].setWeight`;
  return problems.filter(({ path }) => path !== `${PATH}.image`)
    .map(problem => problem.path === `${PATH}.weight` ? { ...problem, path: step } : problem);
}
