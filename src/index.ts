export * from './connections/connection-props';
export * from './platform';
export * from './platform-props';
export * from './routing/routing-props';
export * from './scaling/scaling-props';
export * from './web-app';
export * from './web-app-props';
export * from './workload/workload-props';
