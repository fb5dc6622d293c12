/** What a dashboard is known by in URLs: that which `webapp setup --with monitoring` creates. */
export const DASHBOARD = 'cdk8s-webapp';
