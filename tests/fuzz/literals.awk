# The string literals of C++ files, one a line, as they are written between their quotes; those side by side are one.
function finish() {
  if (made != "") literal(made)
  made = ""
}
FNR == 1 { finish() }
/^ *\/\// || /^#include/ { next }
{
  rest = $0
  while (match(rest, /"([^"\\]|\\.)*"/)) {
    if (substr(rest, 1, RSTART - 1) !~ /^ *$/) finish()
    made = made substr(rest, RSTART + 1, RLENGTH - 2)
    rest = substr(rest, RSTART + RLENGTH)
  }
  if (rest !~ /^ *$/) finish()
}
END { finish() }
