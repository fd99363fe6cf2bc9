# Help and version.
. tests/command/expect.sh

run --version
exits 0
version=$(sed -n 's/^project(cordon VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
out_is "cordon $version"

run --help
exits 0
for command in check diff audit graph lint matrix trace why fmt render; do
  out_has "  $command "
done
for command in check diff audit graph lint matrix trace why fmt render; do
  run $command --help
  exits 0
  out_has 'Example:'
  out_has "cordon $command "
  err_is_empty
done
finish
