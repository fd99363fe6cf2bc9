# cordon check --format html: one page that is well-formed, fetches nothing, and holds what rules say as words.
. tests/command/expect.sh
command -v python3 >/dev/null || { echo 'SKIP: python3, which reads HTML here, is not installed'; exit 77; }

# page: what was printed is a page; each element is closed in turn, ids are unique, links lead to what is there, and nothing
# is fetched or run. Then what is given as Python holds, of `tags`, [(name, {attribute: value})], and `words`.
page() { python3 -c "import html.parser, sys
class reader(html.parser.HTMLParser):
  def __init__(self):
    super().__init__(convert_charrefs=True)
    self.open, self.tags, self.words = [], [], ''
  def handle_starttag(self, name, attributes):
    assert len(attributes) == len(dict(attributes)), attributes
    self.tags.append((name, dict(attributes)))
    if name not in ('meta', 'br', 'col'): self.open.append(name)
  def handle_endtag(self, name):
    assert self.open and self.open.pop() == name, (name, self.getpos())
  def handle_data(self, data): self.words += data
text = sys.stdin.buffer.read().decode()
assert text.startswith('<!DOCTYPE html>') and not [c for c in text if ord(c) < 32 and c != chr(10)]
read = reader(); read.feed(text); read.close()
assert not read.open, read.open
tags, words = read.tags, read.words
ids = [a['id'] for _, a in tags if 'id' in a]
assert len(ids) == len(set(ids))
for name, a in tags:
  assert name not in ('script', 'img', 'iframe', 'link', 'object', 'embed', 'form', 'base', 'image', 'use'), name
  assert not [key for key in a if key.startswith('on') or key in ('src', 'style', 'background')], a
  assert a.get('href', '#main').startswith('#') and a.get('href', '#main')[1:] in ids, a
  assert all(one in ids for one in a.get('aria-labelledby', 'main').split()), a
assert 'url(' not in text and '@import' not in text
$1" <"$work/out" 2>"$work/err" || fail "not so: $1"; }

policy='--uid 1001 --allow tcp:127.0.0.1:18443 --allow udp,tcp:127.0.0.53:53'
run check --v4 tests/fixtures/incident/before.nft.v4 $policy --format html
exits 1
page '
assert [a["class"] for n, a in tags if n == "header"] == ["verdict is-leak"]
assert len([1 for n, a in tags if n == "section" and a.get("class") == "leak"]) == 2
for one in ("main", "nav", "header", "footer", "h1"): assert len([1 for n, _ in tags if n == one]) == 1, one
assert all(a.get("scope") for n, a in tags if n == "th")
assert [a for n, a in tags if n == "meta" and a.get("name") == "viewport"]
assert "[::1]:80" in words'
cp "$work/out" "$work/page"
run check --v4 tests/fixtures/incident/before.nft.v4 $policy --format html --output "$work/written"
exits 1
out_is_empty
cmp -s "$work/page" "$work/written" || fail '--output writes another page'

# Whoever writes a comment writes no page.
printf '*filter\n:OUTPUT DROP [0:0]\n:<i>&- - [0:0]\n-A OUTPUT -m comment --comment "</code><script>alert(1)</script> \\"x\\" onload=f() \377\342\200\256" -o lo -j ACCEPT\n-A OUTPUT -j <i>&-\n-A <i>&- -o eth0 -j ACCEPT\nCOMMIT\n' >"$work/<b>rules"
run check --v4 "$work/<b>rules" --no-v6 $policy --format html
exits 1
page '
assert "</code><script>alert(1)</script> " in words and "<i>&" in words and "<b>rules" in words
assert chr(0x202e) not in words and "\\xff\\xe2\\x80\\xae" in words'

# What is proved, what is unknown, another chain, many rules.
run render $policy --format restore --family 4
cp "$work/out" "$work/v4"
run check --v4 "$work/v4" --no-v6 $policy --format html
exits 0
page 'assert "Nothing leaks." in words'
printf '*filter\n:OUTPUT DROP [0:0]\n-A OUTPUT -m limit --limit 1/sec -j ACCEPT\nCOMMIT\n' >"$work/v4"
run check --v4 "$work/v4" --no-v6 $policy --format html
exits 2
page 'assert [a for n, a in tags if a.get("id") == "doubts"]'
{
  printf '*filter\n:FORWARD DROP [0:0]\n'
  i=0
  while [ "$i" -lt 5000 ]; do
    i=$((i + 1))
    printf -- '-A FORWARD -i eth1 -p tcp -m tcp --dport %s -j ACCEPT\n' "$i"
  done
  printf 'COMMIT\n'
} >"$work/v4"
run check --v4 "$work/v4" --no-v6 --chain FORWARD --format html
exits 1
page 'assert len(text) < 300000 and "4984 more leaks" in words'
run check --batch "$work/v4" $policy --format html
refused 'error: --batch answers in JSON'
finish
