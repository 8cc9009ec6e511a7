# Sourced by build, check and test: installs the packages of package-lock.json. npm ci removes node_modules and makes it anew, so it runs only
# when the lock file is another one than last time.
site=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
if ! cmp -s "$site/package-lock.json" "$site/node_modules/.installed"; then
  npm ci --prefix "$site" --no-audit --no-fund --loglevel=error
  cp "$site/package-lock.json" "$site/node_modules/.installed"
fi
