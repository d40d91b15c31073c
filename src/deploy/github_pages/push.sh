set -eu
umask 077
key=$(mktemp) site=$(mktemp -d)
printf '%s\n' "$DEPLOY_KEY" > "$key"
export GIT_SSH_COMMAND="ssh -i $key -o IdentitiesOnly=yes -o StrictHostKeyChecking=accept-new"
umask 022
cp -R out/. "$site"
cd "$site"
# The list of what the build wrote stays here; without .nojekyll, folders that begin with an underscore would not be served.
rm -rf .bookplate
touch .nojekyll
[ -z "$DOMAIN" ] || printf '%s\n' "$DOMAIN" > CNAME
git init --quiet --initial-branch main
git add --all --force
tree=$(git write-tree)
if git fetch --quiet --depth 1 "$REMOTE" main 2>/dev/null && [ "$(git rev-parse 'FETCH_HEAD^{tree}')" = "$tree" ]; then
  echo "unchanged"
  exit 0
fi
# One commit, without a past: what was taken back is not kept for everybody in the history.
git -c user.name=publish -c user.email=publish@localhost commit --quiet --message "Publish"
git push --quiet --force "$REMOTE" HEAD:main
