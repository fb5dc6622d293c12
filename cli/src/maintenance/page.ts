/** The page that visitors get during maintenance, unless the user has one. It needs no other file, and fits light and dark screens. */
export const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>Down for maintenance</title>
<style>
:root { color-scheme: light dark; --back: #f6f7f9; --text: #1c2430; --soft: #4a5565; --line: #2457c5; }
@media (prefers-color-scheme: dark) { :root { --back: #12161d; --text: #eef1f5; --soft: #b3bdcb; --line: #8fb4ff; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 2rem; background: var(--back); color: var(--text);
  font: 1.125rem/1.6 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 32rem; text-align: center; }
svg { width: 4rem; height: 4rem; stroke: var(--line); }
h1 { margin: 1rem 0 .5rem; font-size: 2rem; line-height: 1.2; }
p { margin: 0; color: var(--soft); }
</style>
</head>
<body>
<main>
<svg viewBox="0 0 24 24" fill="none" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">
<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3 2"/></svg>
<h1>We’ll be back soon</h1>
<p>This site is down for maintenance. Please try again in a few minutes.</p>
</main>
</body>
</html>
`;
