import { ApiObject, Chart, Yaml } from 'cdk8s';
import type * as kplus from 'cdk8s-plus-27';
import { ServiceAccount } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { AppSource } from './app-source';
import type { AmendableProps } from './app-source';
import { createComponent } from './component';
import { createBuild } from './features/build/build';
import { createConnections } from './features/connections/connections';
import { createCronJob } from './features/processes/cron-job';
import type { AppCronJob } from './features/processes/props';
import { createReleaseJob, helmHookOf } from './features/processes/release-job';
import { createAnalysis } from './features/rollout/argo-analysis';
import type { RouteContext } from './features/routing/exposure';
import { createCanaryRoute, createEntry, createInterceptorObjects } from './features/routing/exposure';
import { keepScaledObject } from './features/routing/http-scaled-object';
import type { Trigger } from './features/scaling/props';
import { Scaler } from './features/scaling/scaler';
import { createClaims } from './features/workload/claims';
import type { AppDeployment } from './features/workload/deployment';
import { createLoadBalancers } from './features/workload/load-balancer';
import { AppService } from './features/workload/service';
import { createServiceAccount } from './features/workload/service-account';
import { applyPatch, patchProblems } from './kube/patch';
import { createFiles, hasFiles } from './kube/pod/files';
import type { AppModel, ReleaseModel, Version } from './model/app';
import type { Component } from './model/component';
import type { Caller } from './model/connections';
import { clusterUrl, publicUrl } from './model/names';
import { Platform } from './platform/platform';
import type { RegisteredApp } from './registry/registered-app';
import { Registry } from './registry/registry';
import { misread } from './validation/misread';
import type { Problem } from './validation/problem';
import { entry, sentence } from './validation/problem';
import { warningsOf } from './warnings';
import type { WebAppProps, Worker } from './web-app-props';

/** What another version of an app shares with the app. */
interface VersionContext {
  readonly deployment?: AppDeployment;
  readonly callers: () => readonly Caller[];
}

/** The objects of the web process. */
interface WebObjects {
  readonly service: kplus.Service;
  readonly deployment: AppDeployment;
  scaler?: Scaler;
}

/**
 * A web app: from an image and a few properties to the objects that run it, route requests to it, and scale it from zero and back.
 *
 * The nearest `Platform` says what the cluster is like. Mistakes in the props are found when the tree is validated: all of them, of all
 * apps, in one error, and nothing is written then.
 *
 * @example
 *
 * new WebApp(chart, 'web', { image: 'ghcr.io/acme/web:1.4.2' });
 */
export class WebApp extends Construct {
  /** The ServiceAccount that the pods run as. */
  public readonly serviceAccount: kplus.IServiceAccount;

  /** The add-on's route; undefined for an app that is not scaled by HTTP, and with the add-on's API `v1alpha1`. */
  public readonly interceptorRoute?: ApiObject;

  /** What takes the place of the route with the add-on's API `v1alpha1`. */
  public readonly httpScaledObject?: ApiObject;

  /** The Ingress; undefined for an internal app, and with a gateway. */
  public readonly ingress?: ApiObject;

  /** The Job that runs the release command; undefined without one. */
  public readonly releaseJob?: ApiObject;

  /** The HTTPRoute, or the first of several; undefined for an internal app, and without a gateway. */
  public readonly httpRoute?: ApiObject;

  /** URL of the app for a browser; undefined for an internal app, for one with wildcard hosts alone, and without a web process. */
  public readonly url?: string;

  /**
   * URL of the idle color, or of what Argo Rollouts has not promoted yet; undefined without a blue-green rollout, and where `url` is
   * undefined.
   */
  public readonly previewUrl?: string;

  private readonly web?: WebObjects;
  private readonly source: AppSource;
  private readonly id: string;
  private readonly scalers: Scaler[] = [];
  private readonly registered: RegisteredApp;
  private files!: Construct;
  private readonly clashes: Problem[] = [];
  private sentences?: string[];

  constructor(scope: Construct, id: string, props: WebAppProps) {
    super(scope, id);
    this.id = id;
    this.source = new AppSource(props, { id, namespace: Chart.of(this).namespace, platform: Platform._for(this) });
    const app = this.source.model;
    const model = () => this.source.model;
    const callers = () => Registry.of(this).callersOf(app);

    createBuild(this, app);
    createConnections(this, app);
    this.serviceAccount = this.createServiceAccount(app);
    const beforeDeployment = () => {
      createClaims(this, app.web, app.release?.pod.volumes.some(({ source }) => source.kind === 'claim') ? 'release' : 'workload');
      this.files = new Construct(this, 'config-files');
      this.createFiles();
    };
    if (app.runsWeb) {
      const { service, deployment } = createComponent(this, () => model().web, {
        serviceAccount: this.serviceAccount, callers, beforeDeployment,
      });
      this.web = { service: service!, deployment: deployment! };
    } else {
      beforeDeployment();
    }
    if (app.release) {
      this.releaseJob = this.createRelease(app.release);
      this.web?.deployment.node.addDependency(this.releaseJob);
    }
    if (this.web) {
      const { deployment } = this.web;
      for (const [i, version] of app.versions.entries()) this.createVersion(version, () => model().versions[i], { deployment, callers });
      const { interceptorRoute, httpScaledObject } = createInterceptorObjects(this, app.route, this.routeContext);
      this.interceptorRoute = interceptorRoute;
      this.httpScaledObject = httpScaledObject;
      const analysis = createAnalysis(this, app.web);
      if (analysis) deployment.node.addDependency(analysis);
      this.createPreview(app, deployment);
      for (const route of app.portRoutes) createInterceptorObjects(new Construct(this, `${route.name}-route`), route, this.routeContext);
      this.web.scaler = new Scaler(this, () => this.withWakers(model().web));
      this.scalers.push(this.web.scaler);
      for (const [i, { name }] of app.versions.entries()) this.exposeVersion(name, () => this.withWakers(model().versions[i].component));
      createLoadBalancers(this, app.name, app.active);
      for (const route of app.portRoutes) createEntry(new Construct(this, `${route.name}-entry`), route, this.routeContext);
      const { ingress, httpRoute } = createEntry(this, app.route, this.routeContext);
      this.ingress = ingress;
      this.httpRoute = httpRoute;
    }
    this.createProcesses();

    this.url = publicUrl(app.route);
    this.previewUrl = app.preview && publicUrl(app.preview);

    this.patch();
    for (const warning of warningsOf(app)) this.node.addMetadata('warning', warning);
    this.registered = { path: this.node.path, model, objects: () => this.objects(), onWaken: () => this.takeInWakers() };
    Registry.of(this).add(this.registered);
    this.node.addValidation({ validate: () => this.validate() });
  }

  /**
   * The Deployment, or what is written as a Rollout. Containers, volumes and more can be added to it. Reading it is an error for an app
   * without a web process (`web: false`).
   */
  public get deployment(): kplus.Deployment {
    return this.webObjects('deployment').deployment;
  }

  /** The container that runs the app. Reading it is an error for an app without a web process (`web: false`). */
  public get container(): kplus.Container {
    return this.webObjects('container').deployment.container;
  }

  /**
   * The Service of the ready pods. Callers that may find the app asleep use `internalUrl`. Reading it is an error for an app without a web
   * process (`web: false`).
   */
  public get service(): kplus.Service {
    return this.webObjects('service').service;
  }

  /**
   * URL of the app for other pods of the cluster. A request there wakes it. Reading it is an error for an app without a web process
   * (`web: false`).
   */
  public get internalUrl(): string {
    this.webObjects('internalUrl');
    const app = this.source.model;
    return clusterUrl(app, app.route.interceptor !== undefined, app.route.https ? 'https' : 'http');
  }

  /**
   * What KEDA scales the app by; undefined with `scaling.replicas`, if the add-on creates it from the `httpScaledObject`, and for an app
   * without a web process.
   */
  public get scaledObject(): ApiObject | undefined {
    return this.web?.scaler?.scaledObject;
  }

  /**
   * Sets an environment variable, as `env` does.
   *
   * @param name name of the variable
   * @param value its value
   */
  public addEnv(name: string, value: string): void {
    this.amend({ env: { ...this.source.props.env, [name]: value } });
  }

  /**
   * Connects the app to another one, in whatever chart and namespace: sets `<NAME>_URL`, such as `API_URL`, to the URL of the other one,
   * through the interceptor if it may sleep, and opens its network policy to this app. Two apps may call each other.
   *
   * @param other the app that is called
   * @param name name of the connection; by default the other app's
   */
  public connect(other: WebApp, name: string = other.source.model.name): void {
    const { name: app, namespace, route, runsWeb } = other.source.model;
    const connection = { type: 'web-app', app, namespace, bypassInterceptor: runsWeb && route.interceptor === undefined };
    const { connections = {} } = this.source.props;
    if (Object.hasOwn(connections, name) && JSON.stringify(connections[name]) !== JSON.stringify(connection)) {
      this.clash(entry('connections', name), `connect(${app})`, 'connect');
      return;
    }
    this.amend({ connections: { ...connections, [name]: connection } });
  }

  /**
   * Adds a file with text, as `files` does.
   *
   * @param path absolute path of the file in the container
   * @param text its content
   */
  public addFile(path: string, text: string): void {
    this.amend({ files: { ...this.source.props.files, [path]: text } });
  }

  /**
   * Adds something to scale on, beside what the app scales on already: unlike `scaling.triggers` alone it never ends HTTP scaling.
   *
   * @param trigger the KEDA trigger
   */
  public addTrigger(trigger: Trigger): void {
    const { scaling = {} } = this.source.props;
    const { http } = this.source.model.active.scaling;
    const onHttp = { concurrency: http?.concurrency ?? scaling.concurrency, requestRate: http?.requestRate ?? scaling.requestRate };
    this.amend({ scaling: { ...scaling, ...onHttp, triggers: [...scaling.triggers ?? [], trigger] } });
    if (this.httpScaledObject) keepScaledObject(this.httpScaledObject);
  }

  /**
   * Adds a process that gets no requests, as `workers` does.
   *
   * @param name its name; its objects are named `<app>-<name>`
   * @param worker what it runs
   */
  public addWorker(name: string, worker: Worker): void {
    this.addProcess('workers', name, worker, 'addWorker');
  }

  /**
   * Adds a process that runs on a schedule, as `cronJobs` does.
   *
   * @param name its name; its objects are named `<app>-<name>`
   * @param job what it runs, and when
   */
  public addCronJob(name: string, job: AppCronJob): void {
    this.addProcess('cronJobs', name, job, 'addCronJob');
  }

  /**
   * What is wrong with the app, as data: for those who show it at the place where it was written.
   *
   * @internal
   */
  public _problems(): Problem[] {
    const { patches } = this.source.model;
    return [
      ...this.source.problems, ...this.clashes, ...patchProblems(patches, patches.length > 0 ? this.objects() : []),
      ...Registry.of(this).problems(this.registered),
    ];
  }

  /**
   * Whether requests reach the app.
   *
   * @internal
   */
  public get _runsWeb(): boolean {
    return this.web !== undefined;
  }

  /**
   * The apps that it connects to.
   *
   * @internal
   */
  public get _connectsTo(): { readonly name: string; readonly namespace?: string }[] {
    return this.source.model.connections.calls.map(({ app, namespace }) => ({ name: app, namespace }));
  }

  /**
   * The values that are generated outside of its objects, by variable: their lengths.
   *
   * @internal
   */
  public get _generated(): { readonly [variable: string]: number } {
    return this.source.model.generated;
  }

  private webObjects(attribute: string): WebObjects {
    if (this.web) return this.web;
    throw new Error(`WebApp ${JSON.stringify(this.id)} has no ${attribute}, because its web is false: it has no web process`);
  }

  private createServiceAccount(app: AppModel): kplus.IServiceAccount {
    if (app.serviceAccount) return createServiceAccount(this, app, app.serviceAccount);
    return ServiceAccount.fromServiceAccountName(this, 'service-account', app.web.pod.serviceAccount.name);
  }

  private createRelease(release: ReleaseModel): ApiObject {
    const job = createReleaseJob(this, () => this.source.model.release!);
    const claims = createClaims(new Construct(this, 'release-claims'), release, 'release');
    if (claims.length > 0) job.node.addDependency(...claims);
    if (release.serviceAccount) {
      job.node.addDependency(createServiceAccount(new Construct(this, 'release-needs'), helmHookOf(release), release.serviceAccount));
    }
    return job;
  }

  /** Creates the ConfigMap of files, once there are any; a release command that is a hook of Helm needs one of its own. */
  private createFiles(): void {
    const { web, release } = this.source.model;
    if (!hasFiles(web.pod.files) || this.files.node.children.length > 0) return;
    createFiles(this.files, web, () => this.source.model.web.pod.files);
    if (!release?.helmHook) return;
    createFiles(new Construct(this.files, 'release'), helmHookOf(release), () => this.source.model.release!.pod.files);
  }

  /** The route to a version that gets no requests yet. It must exist before the ScaledObjects, of which one refers to it. */
  private createPreview({ web, preview }: AppModel, deployment: kplus.Deployment): void {
    if (!preview) return;
    if (web.strategy.type === 'argo') {
      const { server, isPublic } = web;
      deployment.node.addDependency(new AppService(this, 'preview-service', preview, { ...server, selector: {}, isPublic }));
    }
    const scope = new Construct(this, 'preview');
    createInterceptorObjects(scope, preview, this.routeContext);
    createEntry(scope, preview, this.routeContext);
  }

  private get routeContext(): RouteContext {
    return {
      component: () => this.withWakers(this.source.model.web),
      further: backend => Registry.of(this).furtherRulesOf(backend),
      certificate: route => Registry.of(this).certificateOf(route),
    };
  }

  private createVersion(version: Version, latest: () => Version, { deployment, callers }: VersionContext): void {
    const scope = new Construct(this, version.name);
    const context = { serviceAccount: this.serviceAccount, callers, versionOf: deployment };
    const { workload } = createComponent(scope, () => latest().component, context);
    if (version.release) workload.node.addDependency(createReleaseJob(scope, () => latest().release!));
  }

  /** The route to a canary, and what scales a version. Nothing comes before what it names: the first route may be to this version. */
  private exposeVersion(version: string, component: () => Component): void {
    const { route } = this.source.model;
    const [, canary] = route.backends;
    const scope = new Construct(this, `${version}-exposure`);
    if (canary) createCanaryRoute(scope, route, canary, this.routeContext.further);
    this.scalers.push(new Scaler(scope, component));
  }

  /** Creates the workers and cron jobs that are not there yet: workers first, however methods add them. */
  private createProcesses(): void {
    const { workers, cronJobs } = this.source.model;
    if (workers.length + cronJobs.length === 0) return;
    const scopeOf = (id: string) => (this.node.tryFindChild(id) ?? new Construct(this, id)) as Construct;
    const [workerScope, cronJobScope] = [scopeOf('workers'), scopeOf('cron-jobs')];
    for (const { name } of workers) {
      if (workerScope.node.tryFindChild(name)) continue;
      const scope = new Construct(workerScope, name);
      const worker = (): Component => this.source.model.workers.find(one => one.name === name)!;
      createComponent(scope, worker, { serviceAccount: this.serviceAccount, beforeDeployment: () => createClaims(scope, worker()) });
      this.scalers.push(new Scaler(scope, worker));
    }
    for (const { name } of cronJobs) {
      if (cronJobScope.node.tryFindChild(name)) continue;
      const scope = new Construct(cronJobScope, name);
      const job = () => this.source.model.cronJobs.find(one => one.name === name)!;
      createClaims(scope, job());
      createCronJob(scope, job);
    }
  }

  private addProcess(prop: 'workers' | 'cronJobs', name: string, value: Worker | AppCronJob, method: string): void {
    const existing = this.source.props[prop] ?? {};
    if (Object.hasOwn(existing, name)) return this.clash(entry(prop, name), method, method);
    this.amend({ [prop]: { ...existing, [name]: value } });
  }

  private clash(path: string, call: string, method: string): void {
    const message = `exists already, and ${call} would add another one`;
    this.clashes.push({ code: 'duplicate', path, message, hint: `give ${method} another name` });
    this.sentences = undefined;
  }

  /** A version of the web process as it is scaled: the one that gets the app's requests is woken by those for other apps too. */
  private withWakers<T extends Component>(component: T): T {
    const app = this.source.model;
    const wokenBy = component.name === app.active.name ? Registry.of(this).wakingRoutesTo(app) : [];
    return wokenBy.length === 0 ? component : { ...component, scaling: { ...component.scaling, byHttpAlone: false, wokenBy } };
  }

  /** Creates what KEDA needs to wake the app with others. */
  private takeInWakers(): void {
    if (this.httpScaledObject && !this.withWakers(this.source.model.web).scaling.byHttpAlone) keepScaledObject(this.httpScaledObject);
    this.createMissing();
  }

  /** Takes in what a method adds, as if the props had it, and creates what that needs. */
  private amend(more: AmendableProps): void {
    this.source.amend(more);
    this.sentences = undefined;
    this.createMissing();
    Registry.of(this).changed(this.registered);
  }

  /** Creates the objects that the app needs by now, and that do not exist. */
  private createMissing(): void {
    const before = this.source.model.patches.length > 0 ? this.objects() : [];
    this.createFiles();
    this.createProcesses();
    for (const scaler of this.scalers) scaler.update();
    this.patch(before);
  }

  /** @param before objects that are patched already */
  private patch(before: readonly ApiObject[] = []): void {
    const { patches } = this.source.model;
    if (patches.length === 0) return;
    const known = new Set(before);
    const added = this.objects().filter(object => !known.has(object));
    for (const patch of patches) applyPatch(patch, added);
  }

  private objects(): ApiObject[] {
    return this.node.findAll().filter((child): child is ApiObject => ApiObject.isApiObject(child));
  }

  /** cdk8s asks every construct once for each chart: what was found is kept until something changes. */
  private validate(): string[] {
    if (this.sentences === undefined || Registry.of(this).problems(this.registered).length > 0) {
      const problems = this._problems();
      const found = problems.length > 0 ? problems : misread(this.source.props, Yaml.stringify);
      this.sentences = found.map(problem => sentence(`WebApp ${JSON.stringify(this.id)}`, problem));
    }
    return this.sentences;
  }
}
