import { keysOf } from './keys';
import { FORMATS } from '../../src/import/formats';

interface Documented {
  readonly format: string;

  /** Where the keys are documented. */
  readonly source: string;
  readonly keys: string;
}

const DOCUMENTED: readonly Documented[] = [
  {
    format: 'acorn',
    source: 'https://github.com/acorn-io/runtime/blob/main/pkg/appdefinition/acornfile-schema.acorn',
    keys: `
      args profiles localData data images functions assistants readme info icon name description labels annotations image build
      entrypoint command cmd env environment files dirs directories workDir workingDir memory mem user permissions interactive tty
      stdin ports probes probe dependsOn depends_on consumes class metrics metrics.port metrics.path scale sidecars init schedule
      events type params params.job params.instructions params.promptOrder params.* external alias default address container
      containerLabels secrets links consumer generated autoUpgrade autoUpgradeInterval notifyUpgrade serviceArgs deployArgs publish
      publishMode volumes
    `,
  },
  {
    format: 'compose',
    source: 'https://github.com/compose-spec/compose-spec/blob/main/schema/compose-spec.json: service',
    keys: `
      annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent command configs container_name cpu_count
      cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus cpuset credential_spec depends_on deploy
      deploy.endpoint_mode deploy.labels deploy.mode deploy.placement deploy.replicas deploy.resources deploy.restart_policy
      deploy.rollback_config deploy.update_config develop device_cgroup_rules devices domainname entrypoint env_file environment
      expose extends external_links extra_hosts gpus group_add healthcheck hostname image init ipc isolation label_file labels
      links logging mac_address mem_limit mem_reservation mem_swappiness memswap_limit models network_mode networks
      oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_stop privileged profiles provider pull_policy
      pull_refresh_after read_only restart runtime scale secrets security_opt shm_size stdin_open stop_grace_period stop_signal
      storage_opt sysctls tmpfs tty ulimits use_api_socket user userns_mode uts volumes volumes_from working_dir include name
      version dns*
    `,
  },
  {
    format: 'fly',
    source: 'https://github.com/superfly/flyctl/blob/master/internal/appconfig/config.go',
    keys: `
      app primary_region kill_signal kill_timeout swap_size_mb console_command experimental build build.builder build.args
      build.buildpacks build.image build.settings build.builtin build.dockerfile build.ignorefile build.build-target deploy
      deploy.strategy deploy.max_unavailable deploy.wait_timeout deploy.release_command deploy.release_command_timeout
      deploy.release_command_vm deploy.seed_command env processes mounts http_service services checks files host_dedication_id
      machine_config container machine_checks restart vm statics metrics concurrency.type concurrency.soft_limit
      concurrency.hard_limit http_checks tcp_checks tls_options http_options
    `,
  },
  {
    format: 'heroku',
    source: 'https://devcenter.heroku.com/articles/app-json-schema',
    keys: `
      addons buildpacks description env environments formation image keywords logo name repository scripts scripts.postdeploy
      scripts.pr-predestroy stack success_url website
    `,
  },
  {
    format: 'render',
    source: 'https://render.com/docs/blueprint-spec#service-fields',
    keys: `
      name type runtime plan previews buildCommand startCommand schedule preDeployCommand region repo branch autoDeploy domains
      healthCheckPath maxShutdownDelaySeconds numInstances scaling disk envVars rootDir dockerCommand dockerContext dockerfilePath
      image registryCredential staticPublishPath headers routes ipAllowList buildFilter maintenanceMode
    `,
  },
  {
    format: 'digitalocean',
    source: 'https://docs.digitalocean.com/products/app-platform/reference/app-spec/',
    keys: `
      name git github gitlab bitbucket image dockerfile_path build_command run_command source_dir environment_slug envs
      instance_size_slug instance_count autoscaling http_port protocol routes health_check liveness_health_check cors
      internal_ports alerts log_destinations termination kind output_dir index_document error_document catchall_document region
      features functions egress maintenance vpc
    `,
  },
  {
    format: 'appengine',
    source: 'https://cloud.google.com/appengine/docs/standard/reference/app-yaml',
    keys: `
      build_env_variables default_expiration entrypoint env_variables error_handlers handlers inbound_services instance_class
      runtime service service_account vpc_access_connector app_engine_apis automatic_scaling basic_scaling manual_scaling
    `,
  },
  {
    format: 'score',
    source: 'https://github.com/score-spec/spec/blob/main/score-v1b1.json',
    keys: `
      apiVersion metadata metadata.name metadata.annotations service service.ports containers resources image command args variables
      files volumes livenessProbe readinessProbe type class id params
    `,
  },
  {
    format: 'kubevela',
    source: 'https://github.com/kubevela/kubevela/tree/master/vela-templates/definitions/internal: components and traits',
    keys: `
      components policies workflow name type properties traits dependsOn inputs outputs externalRevision labels annotations image
      imagePullPolicy imagePullSecrets port ports exposeType addRevisionLabel cmd args env cpu memory limit limit.cpu limit.memory
      volumeMounts volumes livenessProbe readinessProbe hostAliases schedule startingDeadlineSeconds suspend concurrencyPolicy
      successfulJobsHistoryLimit failedJobsHistoryLimit count restart ttlSecondsAfterFinished activeDeadlineSeconds backoffLimit
      affinity command container-image container-ports cpuscaler cpuscaler.min cpuscaler.max cpuscaler.cpuUtil expose gateway
      hostalias hpa hpa.cpu hpa.mem hpa.podCustomMetrics init-container json-merge-patch json-patch k8s-update-strategy lifecycle
      nocalhost podsecuritycontext pure-ingress resource scaler scaler.replicas securitycontext service-account service-binding
      sidecar startup-probe storage topologyspreadconstraints domain secretName class classInSpec gatewayHost pathType
      existingServiceName
    `,
  },
  {
    format: 'containerapps',
    source: 'https://learn.microsoft.com/azure/templates/microsoft.app/containerapps, and /jobs',
    keys: `
      name type location tags identity properties extendedLocation managedBy kind configuration configuration.secrets
      configuration.activeRevisionsMode configuration.ingress configuration.registries configuration.dapr configuration.runtime
      configuration.maxInactiveRevisions configuration.service configuration.identitySettings configuration.triggerType
      configuration.replicaTimeout configuration.replicaRetryLimit configuration.manualTriggerConfig
      configuration.scheduleTriggerConfig configuration.scheduleTriggerConfig.cronExpression configuration.eventTriggerConfig
      template template.revisionSuffix template.terminationGracePeriodSeconds template.initContainers template.containers
      template.scale template.volumes template.serviceBinds managedEnvironmentId environmentId workloadProfileName provisioningState
      runningStatus latestRevisionName latestReadyRevisionName latestRevisionFqdn customDomainVerificationId outboundIpAddresses
      eventStreamEndpoint fqdn external targetPort exposedPort transport traffic customDomains allowInsecure ipSecurityRestrictions
      stickySessions clientCertificateMode corsPolicy corsPolicy.allowedOrigins corsPolicy.allowedMethods corsPolicy.allowedHeaders
      corsPolicy.exposeHeaders corsPolicy.maxAge corsPolicy.allowCredentials additionalPortMappings image command args env resources
      volumeMounts probes
    `,
  },
  {
    format: 'apprunner',
    source: 'https://docs.aws.amazon.com/apprunner/latest/dg/config-file-ref.html',
    keys: `
      version runtime build build.commands build.commands.pre-build build.commands.build build.commands.post-build
      build.commands.pre-run build.env run run.runtime-version run.pre-run run.command run.network run.network.port run.network.env
      run.env run.secrets
    `,
  },
  {
    format: 'beanstalk',
    source: 'https://docs.aws.amazon.com/elasticbeanstalk/latest/dg/command-options-general.html and others',
    keys: `
      option_settings container_commands commands packages files sources services users groups Resources aws:autoscaling:asg
      aws:autoscaling:asg.MinSize aws:autoscaling:asg.MaxSize aws:autoscaling:launchconfiguration aws:autoscaling:scheduledaction
      aws:autoscaling:trigger aws:autoscaling:updatepolicy:rollingupdate aws:ec2:instances aws:ec2:vpc
      aws:elasticbeanstalk:application aws:elasticbeanstalk:application:environment aws:elasticbeanstalk:cloudwatch:*
      aws:elasticbeanstalk:command aws:elasticbeanstalk:environment aws:elasticbeanstalk:environment:process:*
      aws:elasticbeanstalk:environment:proxy:staticfiles aws:elasticbeanstalk:healthreporting:system aws:elasticbeanstalk:hostmanager
      aws:elasticbeanstalk:managedactions* aws:elasticbeanstalk:monitoring aws:elasticbeanstalk:sns:topics aws:elasticbeanstalk:sqsd
      aws:elasticbeanstalk:trafficsplitting aws:elasticbeanstalk:xray aws:elb:healthcheck aws:elb:* aws:elbv2:*
      aws:elbv2:listenerrule:* AWSConfigurationTemplateVersion SolutionStack OptionSettings EnvironmentName CName EnvironmentTier
      EnvironmentLinks Tags Platform aws:rds:dbinstance aws:elasticbeanstalk:container:* AWSEBDockerrunVersion Authentication Image
      Image.Name Image.Update Ports Volumes Logging Command Entrypoint containerDefinitions volumes
    `,
  },
  {
    format: 'vercel',
    source: 'https://openapi.vercel.sh/vercel.json',
    keys: `
      $schema alias build build.env builds cleanUrls env passiveRegions functionFailoverRegions functions git github headers images name
      redirects bulkRedirectsPath regions rewrites routes scope trailingSlash version wildcard buildCommand ignoreCommand devCommand
      framework installCommand outputDirectory crons schedules relatedProjects fluid bunVersion experimentalServices
      experimentalServiceGroups public
    `,
  },
  {
    format: 'netlify',
    source: 'https://docs.netlify.com/build/configure-builds/file-based-configuration/',
    keys: `
      build build.base build.publish build.command build.environment build.functions build.edge_functions build.ignore
      build.processing context redirects headers functions edge_functions plugins dev template images database functionsDirectory
    `,
  },
  {
    format: 'dockerfile',
    source: 'https://docs.docker.com/reference/dockerfile/',
    keys: 'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR',
  },
  {
    format: 'kubernetes',
    source: 'https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/',
    keys: `
      containers initContainers imagePullSecrets enableServiceLinks volumes nodeSelector nodeName affinity tolerations
      schedulerName runtimeClassName priorityClassName priority preemptionPolicy topologySpreadConstraints overhead restartPolicy
      terminationGracePeriodSeconds activeDeadlineSeconds readinessGates hostname setHostnameAsFQDN subdomain hostAliases
      dnsConfig dnsPolicy hostNetwork hostPID hostIPC shareProcessNamespace serviceAccountName automountServiceAccountToken
      securityContext hostUsers os resourceClaims schedulingGates ephemeralContainers name image imagePullPolicy command args
      workingDir ports env envFrom volumeMounts volumeDevices resources resizePolicy lifecycle terminationMessagePath
      terminationMessagePolicy livenessProbe readinessProbe startupProbe stdin stdinOnce tty
    `,
  },
];

describe('a format has a line for each key of its documentation', () => {
  test.each(DOCUMENTED)('$format: $source', ({ format, keys }) => {
    const known = new Set(FORMATS.find(({ name }) => name === format)!.tables.flatMap(table => keysOf(table)));
    expect(keys.trim().split(/\s+/).filter(key => !known.has(key))).toEqual([]);
  });
});
