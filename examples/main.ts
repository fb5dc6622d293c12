/**
 * Synthesizes every example: `npx cdk8s synth`. Each is a complete cdk8s app.
 */
import './minimal/main';
import './shop/main';
import './grpc/main';
import './team-platform/main';
import './queue-and-night/main';
import './legacy-add-on/main';
import './escape-hatches/main';
import './connected/main';
import './built/main';
import './background/main';
import './canary/main';
import './blue-green/main';
import './argo/main';
