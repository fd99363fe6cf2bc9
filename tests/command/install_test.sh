# cmake --install: the command with its manual, its completions and its schema, where each is looked for.
. tests/command/expect.sh
build=$(dirname "$CORDON")
command -v cmake >/dev/null || { echo 'SKIP: cmake is not on the PATH'; exit 77; }
if grep -q '^CORDON_INSTALL:BOOL=OFF' "$build/CMakeCache.txt"; then
  echo 'SKIP: this build has no install rules (CORDON_INSTALL=OFF)'
  exit 77
fi

# installed TREE: these files and no others are below it.
installed() {
  (cd "$1" && find . -type f | sort) >"$work/out"
  out_is './bin/cordon
./share/bash-completion/completions/cordon
./share/cordon/schema.json
./share/fish/vendor_completions.d/cordon.fish
./share/man/man1/cordon.1
./share/zsh/site-functions/_cordon'
}
last='(installation)'
cmake --install "$build" --component command --prefix "$work/prefix" >"$work/err" 2>&1 || fail 'it is not installed'
installed "$work/prefix"
prefix=$(sed -n 's/^CMAKE_INSTALL_PREFIX:PATH=//p' "$build/CMakeCache.txt")
DESTDIR=$work/stage cmake --install "$build" --component command >"$work/err" 2>&1 || fail 'it is not installed below DESTDIR'
installed "$work/stage$prefix"

# What is there works from there.
share=$work/prefix/share
CORDON=$work/prefix/bin/cordon
run --version
exits 0
for shell in bash/bash-completion/completions/cordon zsh/zsh/site-functions/_cordon fish/fish/vendor_completions.d/cordon.fish; do
  run completion "${shell%%/*}"
  cmp -s "$work/out" "$share/${shell#*/}" || fail "the completion of ${shell%%/*} is another"
done
run schema
cmp -s "$work/out" "$share/cordon/schema.json" || fail 'the schema is another'
run man
grep -v '^\.Dd' "$work/out" >"$work/page"
grep -v '^\.Dd' "$share/man/man1/cordon.1" | cmp -s - "$work/page" || fail 'the manual is another'
if command -v man >/dev/null; then
  found=$(MANPATH=$share/man man -w cordon 2>"$work/err")
  [ "$found" = "$share/man/man1/cordon.1" ] || fail "man finds $found"
fi
if command -v fish >/dev/null; then
  mkdir "$work/home"
  PATH=$work/prefix/bin:$PATH XDG_DATA_DIRS=$share HOME=$work/home XDG_CONFIG_HOME=$work/home XDG_DATA_HOME=$work/home fish --private -c 'complete -C "cordon check --format=sa"' >"$work/out" 2>&1
  out_has --format=sarif
fi
if [ -r /usr/share/bash-completion/bash_completion ]; then
  XDG_DATA_DIRS=$share bash -c '. /usr/share/bash-completion/bash_completion
    if declare -F _comp_load >/dev/null; then _comp_load cordon; else _completion_loader cordon; fi
    complete -p cordon' >"$work/out" 2>"$work/err"
  out_is 'complete -F _cordon cordon'
fi
finish
