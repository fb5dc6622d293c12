import { ApiObject, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { buildWarnings, createBuild } from './features/build/build';
import { connectionWarnings, createConnections } from './features/connections/connections';
import { createMonitor } from './features/monitoring/pod-monitor';
import { Processes } from './features/processes/processes';
import type { AppCronJob, Worker } from './features/processes/props';
import { addReleaseFiles, createRelease } from './features/processes/release';
import { createArgo } from './features/rollout/argo';
import { createPreview } from './features/rollout/preview';
import { previewOf } from './features/rollout/resolve-preview';
import { rolloutWarnings } from './features/rollout/rollout-warnings';
import { Tracks } from './features/rollout/tracks';
import { createEntry, createInterceptorEntry } from './features/routing/entry';
import { clusterUrl, publicUrl } from './features/routing/hosts';
import { leaveScaledObject } from './features/routing/http-scaled-object';
import type { Trigger } from './features/scaling/props';
import { createScaler, Scaler } from './features/scaling/scaler';
import { createTriggerAuthentications } from './features/scaling/trigger-authentication';
import { createFiles } from './features/workload/files';
import { createWorkload } from './features/workload/workload';
import { applyPatch, meets } from './kube/patch';
import { ResolvedApp } from './model/app';
import { checkWebApp } from './model/check';
import { Place } from './model/resolve';
import { Platform } from './platform/platform';
import { Ownership, Owner } from './registry/registry';
import { isFloating } from './validation/names';
import { entry, Problem, sentence } from './validation/problem';
import type { WebAppProps } from './web-app-props';

/**
 * A web app: from an image and a few words to the objects that run it, lead requests to it, and scale it from zero and back.
 *
 * What the cluster is like, the nearest `Platform` says. What is wrong with the props is found when the tree is validated: all of it, of all
 * apps, in one error, and nothing is written then.
 *
 * @example
 *
 * new WebApp(chart, 'web', { image: 'ghcr.io/acme/web:1.4.2' });
 */
export class WebApp extends Construct {
  /** The Deployment, or what is written as a Rollout. Containers, volumes and more can be added to it. */
  public readonly deployment: kplus.Deployment;

  /** The container that runs the app. */
  public readonly container: kplus.Container;

  /** The Service that leads to pods that are up. Callers who may find the app asleep use `internalUrl`. */
  public readonly service: kplus.Service;

  /** Who the app is to the cluster. */
  public readonly serviceAccount: kplus.IServiceAccount;

  /** The add-on's route; undefined for an app that is not scaled by HTTP, and with the add-on's API `v1alpha1`. */
  public readonly interceptorRoute?: ApiObject;

  /** What stands for the route with the add-on's API `v1alpha1`. */
  public readonly httpScaledObject?: ApiObject;

  /** The Ingress; undefined for an internal app, and with a gateway. */
  public readonly ingress?: ApiObject;

  /** The Job that runs the release command; undefined without one. */
  public readonly releaseJob?: ApiObject;

  /** The HTTPRoute; undefined for an internal app, and without a gateway. */
  public readonly httpRoute?: ApiObject;

  /** Where a browser finds the app; undefined for an internal app, and for one with wildcard hosts alone. */
  public readonly url?: string;

  /** Where a browser finds the idle color, or what Argo Rollouts has not promoted yet; undefined without blue and green, and where `url` is. */
  public readonly previewUrl?: string;

  /** Where other pods of the cluster find the app. A request there wakes it. */
  public readonly internalUrl: string;

  private scaler: Scaler;
  private readonly processes: Processes;
  private readonly tracks: Tracks;
  private readonly place: Place;
  private readonly app: ResolvedApp;
  private readonly owner: Owner;
  private said: WebAppProps;
  private problems: Problem[];
  private readonly clashes: Problem[] = [];
  private sentences?: string[];

  constructor(scope: Construct, id: string, props: WebAppProps) {
    super(scope, id);
    this.said = props;
    this.place = { id, namespace: Chart.of(this).namespace, platform: Platform._for(this) };
    const { app, problems } = checkWebApp(props, this.place);
    this.app = app;
    this.problems = problems;

    createBuild(this, app);
    createConnections(this, app);
    const callers = () => Ownership.of(this).callersOf(app);
    const { serviceAccount, service, deployment, container, files } = createWorkload(this, app, callers);
    if (app.release) deployment.node.addDependency(this.releaseJob = createRelease(this, app, files));
    createMonitor(this, app);
    const { interceptorRoute, httpScaledObject } = createInterceptorEntry(this, app);
    createArgo(this, app, deployment);
    createPreview(this, app);
    this.scaler = createScaler(this, app);
    this.tracks = new Tracks(this, app, deployment, callers);
    const { ingress, httpRoute } = createEntry(this, app);
    this.processes = new Processes(this, app, serviceAccount);

    this.serviceAccount = serviceAccount;
    this.service = service;
    this.deployment = deployment;
    this.container = container;
    this.interceptorRoute = interceptorRoute;
    this.httpScaledObject = httpScaledObject;
    this.ingress = ingress;
    this.httpRoute = httpRoute;
    this.url = publicUrl(app);
    const preview = previewOf(app.rollout);
    this.previewUrl = preview && publicUrl(preview);
    this.internalUrl = clusterUrl(app);

    for (const patch of app.patches) applyPatch(patch, this.objects());
    for (const warning of warnings(app)) this.node.addMetadata('warning', warning);
    this.owner = { path: this.node.path, app, objects: () => this.objects() };
    Ownership.of(this).add(this.owner);
    this.node.addValidation({ validate: () => this.validate() });
  }

  /** What KEDA scales the app by; undefined with `scaling.replicas`, and where the add-on makes it from the `httpScaledObject`. */
  public get scaledObject(): ApiObject | undefined {
    return this.scaler.scaledObject;
  }

  /**
   * Sets an environment variable, as `env` does.
   *
   * @param name name of the variable
   * @param value its value
   */
  public addEnv(name: string, value: string): void {
    this.say({ env: { ...this.said.env, [name]: value } });
  }

  /**
   * Connects the app to another one, in whatever chart and namespace: sets `<NAME>_URL`, such as `API_URL`, to where the other is found, through the
   * interceptor where it may sleep, and opens its network policy to this app. Two apps may call each other.
   *
   * @param other the app that is called
   * @param name name of the connection; by default the other app's
   */
  public connect(other: WebApp, name: string = other.app.name): void {
    const { name: app, namespace, scaling } = other.app;
    const connection = { type: 'web-app', app, namespace, bypassInterceptor: scaling.http === undefined };
    const { connections = {} } = this.said;
    if (Object.hasOwn(connections, name) && JSON.stringify(connections[name]) !== JSON.stringify(connection)) {
      this.clashes.push({ code: 'duplicate', path: entry('connections', name), message: `is there already, and connect(${app}) would make another one`, hint: 'give connect another name' });
      return;
    }
    this.say({ connections: { ...connections, [name]: connection } });
  }

  /**
   * Adds a text file, as `files` does.
   *
   * @param path absolute path that the app finds it at
   * @param text what is in it
   */
  public addFile(path: string, text: string): void {
    this.say({ files: { ...this.said.files, [path]: text } });
    if (this.node.tryFindChild('files')) return;
    const files = createFiles(this, this.app);
    this.deployment.node.addDependency(files);
    if (this.releaseJob) addReleaseFiles(this.releaseJob, this.app, files);
    this.patchNew([files]);
  }

  /**
   * Adds something to scale on, beside what the app scales on already: unlike `scaling.triggers` alone it never ends HTTP scaling.
   *
   * @param trigger the KEDA trigger
   */
  public addTrigger(trigger: Trigger): void {
    const scaling = this.said.scaling ?? {};
    const { http } = this.app.scaling;
    const onHttp = { concurrency: http?.concurrency ?? scaling.concurrency, requestRate: http?.requestRate ?? scaling.requestRate };
    this.say({ scaling: { ...scaling, ...onHttp, triggers: [...scaling.triggers ?? [], trigger] } });
    const { scaledObject } = this.scaler;
    if (!scaledObject) {
      if (this.httpScaledObject) leaveScaledObject(this.httpScaledObject);
      this.scaler = createScaler(this, this.app);
      return this.patchNew(this.objects().filter(({ apiGroup }) => apiGroup === 'keda.sh'));
    }
    const made = createTriggerAuthentications(this, this.app);
    if (made.length > 0) scaledObject.node.addDependency(...made);
    this.patchNew(made);
  }

  /**
   * Adds a process that nobody sends requests to, as `workers` does.
   *
   * @param name its name; its objects are named `<app>-<name>`
   * @param worker what it runs
   */
  public addWorker(name: string, worker: Worker): void {
    this.sayNew('workers', name, worker, 'addWorker');
  }

  /**
   * Adds a process that runs at certain times, as `cronJobs` does.
   *
   * @param name its name; its objects are named `<app>-<name>`
   * @param job what it runs, and when
   */
  public addCronJob(name: string, job: AppCronJob): void {
    this.sayNew('cronJobs', name, job, 'addCronJob');
  }

  /** Says one more of what has names of its own. */
  private sayNew(prop: 'workers' | 'cronJobs', name: string, value: Worker | AppCronJob, method: string): void {
    if (!Object.hasOwn(this.said[prop] ?? {}, name)) return this.say({ [prop]: { ...this.said[prop], [name]: value } });
    this.clashes.push({ code: 'duplicate', path: entry(prop, name), message: `is there already, and ${method} would make another one`, hint: `give ${method} another name` });
  }

  /**
   * What is wrong with the app, as data: for those who show it at the place where it was written.
   *
   * @internal
   */
  public _problems(): Problem[] {
    return [...this.problems, ...this.clashes, ...this.strayPatches(), ...Ownership.of(this).problems(this.owner)];
  }

  /** Takes in what methods say, as if the props had said it. The rooms' objects read the app when they are written. */
  private say(more: Partial<WebAppProps>): void {
    this.said = { ...this.said, ...more };
    const { app, problems } = checkWebApp(this.said, this.place);
    Object.assign(this.app, app);
    this.problems = problems;
    this.sentences = undefined;
    this.patchNew([...this.tracks.follow(), ...this.processes.follow().flatMap(objectsOf)]);
    Ownership.of(this).changed();
  }

  private patchNew(objects: ApiObject[]): void {
    for (const patch of this.app.patches) applyPatch(patch, objects);
  }

  private objects(): ApiObject[] {
    return objectsOf(this);
  }

  /** cdk8s asks every construct once for each chart: what was found is kept until something changes. */
  private validate(): string[] {
    if (this.sentences === undefined || Ownership.of(this).problems(this.owner).length > 0) {
      this.sentences = this._problems().map(problem => sentence(`WebApp ${JSON.stringify(this.place.id)}`, problem));
    }
    return this.sentences;
  }

  private strayPatches(): Problem[] {
    if (this.app.patches.length === 0) return [];
    const objects = this.objects();
    return this.app.patches.flatMap((patch, i) => objects.some(object => meets(patch, object)) ? [] : [{
      code: 'unknown' as const,
      path: `patches[${i}]`,
      message: `meets no object: there is no ${patch.kind}${patch.name === undefined ? '' : ` named ${JSON.stringify(patch.name)}`}`,
      hint: `the app has ${objects.map(({ kind, name }) => typeof name === 'string' ? `${kind} ${name}` : kind).join(', ')}`,
    }]);
  }
}

function objectsOf(construct: Construct): ApiObject[] {
  return construct.node.findAll().filter((child): child is ApiObject => ApiObject.isApiObject(child));
}

/** What is allowed, and yet may not be what was meant. */
function warnings(app: ResolvedApp): string[] {
  const { process, scaling, routing, metrics } = app;
  const found = [...buildWarnings(app), ...connectionWarnings(app), ...rolloutWarnings(app)];
  if (isFloating(process.image)) found.push(`image "${process.image}" can become another one without a change here; name a version or a digest`);
  if (!scaling.http && scaling.replicas === undefined && scaling.min === 0 && !routing.internal) {
    found.push('scaling.min is 0 and the app is not scaled by HTTP: while it sleeps its hosts answer with an error');
  }
  if (scaling.http && scaling.http.requestRate === undefined && scaling.min === 0 && routing.placeholder && !routing.maxPending) {
    found.push('scaling.concurrency alone hardly wakes an app with a placeholder, as a request that gets it is over at once; write scaling.requestRate too');
  }
  if (process.http2 && metrics?.port === process.port) {
    found.push('metrics are asked for over HTTP/1.1, which a server that speaks only HTTP/2 does not understand; write the metrics.port of another server');
  }
  if (process.http2 && process.health.path !== undefined && process.health.port === undefined) {
    found.push('health.path is asked over HTTP/1.1, which a server that speaks only HTTP/2 does not understand; write health.grpc, or the health.port of another server');
  }
  return found;
}
