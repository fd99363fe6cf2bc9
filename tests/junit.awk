# From the JUnit file that ctest writes to lines of "passed|skipped|failed <tab> name <tab> why it was skipped".
# The reason is what follows `SKIP:` in the test's output.
function text(xml) {
  gsub(/&lt;/, "<", xml); gsub(/&gt;/, ">", xml); gsub(/&quot;/, "\"", xml); gsub(/&apos;/, "'", xml)
  gsub(/&amp;/, "\\&", xml)
  return xml
}
/<testcase / {
  match($0, / name="[^"]*"/); name = text(substr($0, RSTART + 7, RLENGTH - 8))
  match($0, / status="[^"]*"/); status = substr($0, RSTART + 9, RLENGTH - 10)
  kind = status == "run" ? "passed" : "failed"
  reason = "no reason given"
}
/<skipped message="SKIP_RETURN_CODE=/ { kind = "skipped" }
match($0, /SKIP: /) { reason = text(substr($0, RSTART + RLENGTH)); sub(/<\/system-out>.*/, "", reason) }
/<\/testcase>/ { print kind "\t" name "\t" reason }
