import type { CiPlan } from './plan';
import { deployCommand, placeOf, promoteCommand, scalar } from './plan';

/**
 * A workflow of GitHub Actions.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
 */
export function githubWorkflow(plan: CiPlan): string {
  const { folder, branch, env, promoteTo } = plan;
  const byHand = promoteTo === undefined ? '' : `, promotes it to ${promoteTo} by hand`;
  return `# Deploys ${branch}${byHand}, and gives each pull request a preview.
# webapp ci github wrote this file, and never reads it: change it as you like.
#
# It needs a secret of the repository named KUBECONFIG: a kubeconfig of an account that has only the rights of
# https://github.com/cdk8s-webapp/cdk8s-webapp/blob/main/docs/deploy.md#permissions
# Without a secret: let your cloud trust this repository (OpenID Connect), add id-token: write to the permissions of the jobs, and
# write a kubeconfig with the action of the cloud in the place of the step "Use the cluster".
name: webapp

on:
  push:
    branches: [${scalar(branch)}]
  pull_request:
    types: [opened, reopened, synchronize, closed]
${promoteTo === undefined ? '' : '  workflow_dispatch:\n'}
permissions:
  contents: read
${folder === undefined ? '' : `
defaults:
  run:
    working-directory: ${scalar(folder)}
`}
jobs:
  deploy:
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    timeout-minutes: 30
    environment: ${scalar(placeOf(env))}
    concurrency:
      group: webapp-deploy
    steps:
${STEPS}
      - run: ${deployCommand(plan)}

  preview:
    # A pull request from a fork has no secrets, and must not have them.
    if: >-
      github.event_name == 'pull_request' && github.event.action != 'closed'
      && github.event.pull_request.head.repo.full_name == github.repository
    runs-on: ubuntu-latest
    timeout-minutes: 30
    concurrency:
      group: webapp-preview-\${{ github.event.number }}
    steps:
${STEPS}
      - name: Deploy the preview
        shell: bash
        run: |
          webapp preview up "pr-$NUMBER" --output json > "$RUNNER_TEMP/preview.json"
          node -p 'require(process.argv[1]).map(one => one.url).join(" ")' "$RUNNER_TEMP/preview.json" | tee -a "$GITHUB_STEP_SUMMARY"
        env:
          NUMBER: \${{ github.event.number }}

  remove-preview:
    if: >-
      github.event_name == 'pull_request' && github.event.action == 'closed'
      && github.event.pull_request.head.repo.full_name == github.repository
    runs-on: ubuntu-latest
    timeout-minutes: 10
    concurrency:
      group: webapp-preview-\${{ github.event.number }}
    steps:
${STEPS}
      - run: webapp preview down "pr-$NUMBER" --yes
        env:
          NUMBER: \${{ github.event.number }}
${promoteTo === undefined ? '' : `
  promote:
    if: github.event_name == 'workflow_dispatch' && github.ref_name == '${branch.replaceAll("'", "''")}'
    runs-on: ubuntu-latest
    timeout-minutes: 30
    # The settings of the environment say who has to approve it.
    environment: ${scalar(placeOf(promoteTo))}
    concurrency:
      group: webapp-promote
    steps:
${STEPS}
      - run: ${promoteCommand(plan)}
`}`;
}

/** The major versions are those of November 2026. */
const STEPS = `      - uses: actions/checkout@v7
        with:
          persist-credentials: false
      - uses: actions/setup-node@v7
        with:
          node-version: 24
      - run: npm install --global cdk8s-webapp-cli
      - name: Use the cluster
        run: |
          (umask 077; printf '%s' "$CONTENT" > "$RUNNER_TEMP/kubeconfig")
          echo "KUBECONFIG=$RUNNER_TEMP/kubeconfig" >> "$GITHUB_ENV"
        env:
          CONTENT: \${{ secrets.KUBECONFIG }}`;
