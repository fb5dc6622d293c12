/** A file that tells which language a program is written in. */
export interface LanguageFile {
  readonly file: string;
  readonly language: string;
}

/** The first one that a folder has counts. A name that starts with a star stands for all names that end so. */
export const LANGUAGES: readonly LanguageFile[] = [
  { file: 'package.json', language: 'JavaScript' },
  { file: 'requirements.txt', language: 'Python' },
  { file: 'pyproject.toml', language: 'Python' },
  { file: 'Pipfile', language: 'Python' },
  { file: 'go.mod', language: 'Go' },
  { file: 'Gemfile', language: 'Ruby' },
  { file: 'pom.xml', language: 'Java' },
  { file: 'build.gradle', language: 'Java' },
  { file: 'build.gradle.kts', language: 'Java' },
  { file: 'Cargo.toml', language: 'Rust' },
  { file: 'composer.json', language: 'PHP' },
  { file: 'index.php', language: 'PHP' },
  { file: 'mix.exs', language: 'Elixir' },
  { file: 'build.sbt', language: 'Scala' },
  { file: '*.csproj', language: '.NET' },
];

/** The language of the program in a folder, and the file that tells it. */
export function languageOf(names: readonly string[]): LanguageFile | undefined {
  for (const { file, language } of LANGUAGES) {
    const found = names.find(name => (file.startsWith('*') ? name.endsWith(file.slice(1)) : name === file));
    if (found !== undefined) return { file: found, language };
  }
  return undefined;
}
