import type { CiPlan } from './plan';
import { deployCommand, placeOf, promoteCommand, scalar } from './plan';

/**
 * A pipeline of GitLab.
 *
 * @see https://docs.gitlab.com/ci/yaml/
 */
export function gitlabPipeline(plan: CiPlan): string {
  const { folder, branch, env, promoteTo } = plan;
  const byHand = promoteTo === undefined ? '' : `, promotes it to ${promoteTo} by hand`;
  return `# Deploys ${branch}${byHand}, and gives each merge request a preview.
# webapp ci gitlab wrote this file, and never reads it: change it as you like.
#
# It needs a CI/CD variable named KUBECONFIG of type File: a kubeconfig of an account that has only the rights of
# https://github.com/cdk8s-webapp/cdk8s-webapp/blob/main/docs/deploy.md#permissions
# A protected variable is for protected branches alone, which those of merge requests need not be. Without a variable: use the agent for
# Kubernetes, or let your cloud trust this project (id_tokens), and write a kubeconfig in before_script.
stages:
  - deploy
${promoteTo === undefined ? '' : '  - promote\n'}
.webapp:
  image: node:24-slim
  timeout: 30 minutes
  before_script:
    - npm install --global cdk8s-webapp-cli
${folder === undefined ? '' : `    - cd ${JSON.stringify(folder)}\n`}
deploy:
  extends: .webapp
  stage: deploy
  script:
    - ${deployCommand(plan)}
  environment:
    name: ${scalar(placeOf(env))}
  resource_group: webapp-deploy
  rules:
    - if: $CI_PIPELINE_SOURCE != "merge_request_event" && $CI_COMMIT_BRANCH == ${JSON.stringify(branch)}

preview:
  extends: .webapp
  stage: deploy
  script:
    - webapp preview up "mr-$CI_MERGE_REQUEST_IID" --output json > "$CI_PROJECT_DIR/preview.json"
    - node -p '"PREVIEW_URL=" + require(process.argv[1])[0].url' "$CI_PROJECT_DIR/preview.json" > "$CI_PROJECT_DIR/preview.env"
  artifacts:
    reports:
      dotenv: preview.env
  environment:
    name: preview/mr-$CI_MERGE_REQUEST_IID
    url: $PREVIEW_URL
    on_stop: remove preview
    auto_stop_in: 1 week
  resource_group: webapp-preview-$CI_MERGE_REQUEST_IID
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"

# GitLab runs it when the merge request is merged or closed.
remove preview:
  extends: .webapp
  stage: deploy
  script:
    - webapp preview down "mr-$CI_MERGE_REQUEST_IID" --yes
  environment:
    name: preview/mr-$CI_MERGE_REQUEST_IID
    action: stop
  resource_group: webapp-preview-$CI_MERGE_REQUEST_IID
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
      when: manual
      allow_failure: true
${promoteTo === undefined ? '' : `
promote:
  extends: .webapp
  stage: promote
  script:
    - ${promoteCommand(plan)}
  environment:
    name: ${scalar(placeOf(promoteTo))}
  resource_group: webapp-promote
  rules:
    - if: $CI_PIPELINE_SOURCE != "merge_request_event" && $CI_COMMIT_BRANCH == ${JSON.stringify(branch)}
      when: manual
      allow_failure: true
`}`;
}
