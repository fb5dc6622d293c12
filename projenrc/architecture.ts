/**
 * The rules of CONTRIBUTING.md that the linter enforces. Features do not import each other; only the files at the top of `src/` compose
 * them. There are no import cycles, type imports included.
 */
import { readdirSync } from 'node:fs';
import { javascript } from 'projen';

const FEATURES = readdirSync('src/features');

export function addArchitectureRules(eslint: javascript.Eslint): void {
  eslint.addRules({ '@stylistic/max-len': ['error', { code: 140, ignoreUrls: true }] });
  eslint.addOverride({
    files: ['src/**/*.ts', 'cli/src/**/*.ts'],
    rules: {
      'import/no-cycle': 'error', // misses type imports, which test/architecture.test.ts checks
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  });
  eslint.addOverride({
    files: ['src/**/*.ts'],
    rules: { 'import/no-restricted-paths': ['error', { zones: [...FEATURES.map(apart), ...LAYERS.map(below)] }] },
  });
  eslint.addOverride({
    files: ['cli/src/**/*.ts'],
    rules: { 'import/no-restricted-paths': ['error', { zones: [LIBRARY] }] },
  });
}

/** The command imports of the library only what `internal.ts` and `internal-models.ts` export, and its public names. */
const LIBRARY = {
  target: './cli/src',
  from: './src',
  except: ['./internal.ts', './internal-models.ts', './index.ts'],
  message: 'cli/ reaches the library through src/internal.ts.',
};

function apart(feature: string) {
  return {
    target: `./src/features/${feature}`,
    from: './src/features',
    except: [`./${feature}`],
    message: 'Features do not import each other: what they share is in src/model, and the files at the top of src/ compose them.',
  };
}

/** The folders that import neither features nor the constructs that compose them. */
const LAYERS = ['model', 'kube'];

function below(layer: string) {
  return {
    target: `./src/${layer}`,
    from: './src',
    except: [
      ...LAYERS.map(other => `./${other}`),
      './validation',
      './generated',
      './platform/resolve.ts',
      './web-app-props.ts',
      ...FEATURES.map(feature => `./features/${feature}/props.ts`),
    ],
    message: `src/${layer} is below the features.`,
  };
}
