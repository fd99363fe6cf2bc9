# Makes a seed of each string literal that is a text of the target's kind. With literals.awk.
#   awk -v target=NAME -v into=DIRECTORY -f texts.awk -f literals.awk FILE...

function seed(content,   file) {
  file = into "/text." ++count
  printf "%s", content >file
  close(file)
}

function rules(content) { seed("*filter\n" content "\nCOMMIT\n") }

# An extension's options, which its test writes without its name.
function options(content,   name) {
  name = FILENAME
  sub(/.*\//, "", name)
  sub(/_test.cpp$/, "", name)
  name = (FILENAME ~ /target\// ? "-j " : "-m ") (FILENAME ~ /target\// ? toupper(name) : name)
  rules("-A OUTPUT " name " " content)
  rules("-A OUTPUT -p tcp " name " " content)
}

function literal(content) {
  if (seen[content]++) return
  gsub(/\\n/, "\n", content)
  gsub(/\\t/, "\t", content)
  gsub(/\\"/, "\"", content)
  gsub(/\\\\/, "\\", content)
  if (target == "rules" || target == "agreement") {
    if (content ~ /^[*#]/) seed(content)
    else if (content ~ /^-[AIN] /) rules(content)
    else if (content ~ /^(! )?-[dgijmops] /) rules("-A OUTPUT " content)
    else if (content ~ /^(! )?--[a-z]/) options(content)
  } else if (target == "packet" ? content ~ /=/ : content ~ /[ :]/) seed(content)
}
