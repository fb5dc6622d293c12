import { ApiObject, Duration, Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { Contender, DOMAIN, IMAGE, NAMESPACE } from './contender';

/** The same kinds of objects, written with cdk8s-plus-27; those that it does not have are `ApiObject`s. */
export const contender: Contender = {
  prepare: () => (chart, name) => createApp(new Construct(chart, name), name),
};

function createApp(scope: Construct, name: string): void {
  const labels = {
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/component': 'web',
    'app.kubernetes.io/managed-by': 'plus',
  };
  const metadata = { name, labels };

  const serviceAccount = new kplus.ServiceAccount(scope, 'service-account', { metadata });
  const deployment = new kplus.Deployment(scope, 'deployment', {
    metadata,
    podMetadata: { labels },
    serviceAccount,
    spread: true,
    terminationGracePeriod: Duration.seconds(35),
    securityContext: { user: 1000, group: 1000, ensureNonRoot: true },
    strategy: kplus.DeploymentStrategy.rollingUpdate({ maxUnavailable: kplus.PercentOrAbsolute.absolute(0) }),
  });
  const container = deployment.addContainer({
    name: 'web',
    image: IMAGE,
    ports: [{ name: 'http', number: 8080 }],
    envVariables: { PORT: kplus.EnvValue.fromValue('8080') },
    resources: {
      cpu: { request: kplus.Cpu.millis(100) },
      memory: { request: Size.mebibytes(256), limit: Size.mebibytes(256) },
      ephemeralStorage: { request: Size.gibibytes(1), limit: Size.gibibytes(1) },
    },
    startup: kplus.Probe.fromTcpSocket({ port: 8080, failureThreshold: 120, periodSeconds: Duration.seconds(1) }),
    readiness: kplus.Probe.fromTcpSocket({ port: 8080, failureThreshold: 3, periodSeconds: Duration.seconds(5) }),
    liveness: kplus.Probe.fromTcpSocket({ port: 8080, failureThreshold: 6, periodSeconds: Duration.seconds(10) }),
    lifecycle: { preStop: kplus.Handler.fromCommand(['sleep', '5']) },
    securityContext: { readOnlyRootFilesystem: true, ensureNonRoot: true },
  });
  container.mount('/tmp', kplus.Volume.fromEmptyDir(scope, 'tmp', 'tmp', { sizeLimit: Size.gibibytes(1) }));
  new kplus.Service(scope, 'service', { metadata, selector: deployment, ports: [{ name: 'http', port: 80, targetPort: 8080 }] });

  new ApiObject(scope, 'disruption', {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata,
    spec: { maxUnavailable: 1, selector: { matchLabels: deployment.matchLabels } },
  });
  new kplus.NetworkPolicy(scope, 'network', {
    metadata,
    selector: deployment,
    ingress: { rules: [{ peer: kplus.Namespaces.select(scope, 'keda', { names: ['keda'] }), ports: [kplus.NetworkPolicyPort.tcp(8080)] }] },
  });

  const proxy = new kplus.Service(scope, 'proxy', {
    metadata: { name: `${name}-proxy`, labels },
    externalName: 'keda-add-ons-http-interceptor-proxy.keda.svc.cluster.local',
    ports: [{ name: 'http', port: 8080 }],
  });
  const host = `${name}.${DOMAIN}`;
  const inCluster = `${name}-proxy.${NAMESPACE}`;
  new ApiObject(scope, 'interceptor-route', {
    apiVersion: 'http.keda.sh/v1beta1',
    kind: 'InterceptorRoute',
    metadata,
    spec: {
      target: { service: name, portName: 'http' },
      rules: [{ hosts: [host, inCluster, `${inCluster}.svc`, `${inCluster}.svc.cluster.local`] }],
      scalingMetric: { concurrency: { targetValue: 100 } },
      timeouts: { readiness: '120s' },
    },
  });
  new ApiObject(scope, 'scaled-object', {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata,
    spec: {
      scaleTargetRef: { name },
      minReplicaCount: 0,
      maxReplicaCount: 10,
      cooldownPeriod: 300,
      initialCooldownPeriod: 120,
      advanced: {
        horizontalPodAutoscalerConfig: {
          behavior: {
            scaleUp: { stabilizationWindowSeconds: 0, policies: [{ type: 'Pods', value: 10, periodSeconds: 15 }] },
            scaleDown: {
              stabilizationWindowSeconds: 300,
              policies: [{ type: 'Percent', value: 25, periodSeconds: 60 }, { type: 'Pods', value: 1, periodSeconds: 60 }],
              selectPolicy: 'Max',
            },
          },
        },
      },
      triggers: [{
        type: 'external-push',
        metadata: { scalerAddress: 'keda-add-ons-http-external-scaler.keda:9090', interceptorRoute: name },
      }],
    },
  });
  new kplus.Ingress(scope, 'ingress', { metadata, rules: [{ host, path: '/', backend: kplus.IngressBackend.fromService(proxy) }] });
}
