# The page of cordon check --format html in a real browser: every link is clicked and leads where it says, a leak that is
# chosen is marked in the map and in the chains, every summary opens and shuts, all words have contrast by day and by night,
# and nothing is wider than a phone. The clicking is a script that is put into a copy of the page; the page itself runs nothing.
. tests/command/expect.sh
browser=
for one in chromium chromium-browser google-chrome; do
  [ -n "$browser" ] || browser=$(command -v "$one" || true)
done
[ -n "$browser" ] || { echo 'SKIP: no Chromium, which clicks through the page, is installed'; exit 77; }

# As root Chromium starts only without its own sandbox.
root=
[ "$(id -u)" -ne 0 ] || root=--no-sandbox

# open_page FILE [FLAG...]: what is in the document in the end goes to $work/dom, what the browser complains of to $work/said.
open_page() {
  file=$1
  shift
  HOME=$work timeout 60 "$browser" --headless $root --disable-gpu --no-first-run --user-data-dir="$work/profile" --allow-file-access-from-files \
    --enable-logging=stderr --log-level=0 --dump-dom "$@" "file://$file" >"$work/dom" 2>"$work/said" || true
}

printf '<p>here</p>' >"$work/small.html"
open_page "$work/small.html"
grep -q here "$work/dom" || { echo 'SKIP: Chromium does not start here:'; tail -n 3 "$work/said"; exit 77; }

cat >"$work/clicks.js" <<'SCRIPT'
const faults = [];
const check = (holds, what) => { if (!holds) faults.push(what); };
let checked = 0;
const outlined = one => getComputedStyle(one).outlineStyle === 'solid' && parseFloat(getComputedStyle(one).outlineWidth) > 2;

// The rules' colours, as red, green, blue and how much they cover.
const parts = colour => { const all = colour.match(/[\d.]+/g).map(Number); return all.length < 4 ? [...all, 1] : all; };
const light = ([r, g, b]) => [r, g, b].map(c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
  .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + .05) / (y + .05); };
const ground = one => {
  if (one.ownerSVGElement) {
    const before = one.previousElementSibling && one.previousElementSibling.previousElementSibling;
    const band = before && before.classList.contains('band') ? before : one.closest('g').querySelector('rect.box');
    return parts(getComputedStyle(band).fill);
  }
  for (let at = one; at; at = at.parentElement) {
    const colour = parts(getComputedStyle(at).backgroundColor);
    if (colour[3] > 0) return colour;
  }
  return [255, 255, 255, 1];
};
for (const details of document.querySelectorAll('details')) {
  const before = details.open;
  details.querySelector('summary').click();
  check(details.open !== before, 'a summary does not open: ' + details.textContent.slice(0, 40));
  details.open = true;
  ++checked;
}
const walk = document.createTreeWalker(document.querySelector('.page'), NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const one = walk.currentNode.parentElement;
  if (!walk.currentNode.data.trim() || one.closest('title,desc,style,script')) continue;
  const style = getComputedStyle(one);
  const ratio = contrast(parts(one.ownerSVGElement ? style.fill : style.color), ground(one));
  check(ratio >= 4.5, 'too little contrast, ' + ratio.toFixed(2) + ': ' + walk.currentNode.data.trim().slice(0, 40));
  ++checked;
}
// One click for each place: a browser thinks that a page which is clicked through hundreds of times in a second hangs.
const led_to = new Set();
for (const link of document.querySelectorAll('a[href]')) {
  const href = link.getAttribute('href');
  check(href.startsWith('#') && document.getElementById(href.slice(1)), 'a link leads nowhere: ' + href);
  if (led_to.has(href)) continue;
  led_to.add(href);
  link.dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}));
  const target = document.querySelector(':target');
  check(target && '#' + target.id === href, 'a link does not lead to ' + href);
  if (target && target.classList.contains('leak')) {
    const name = 'of-' + target.id;
    check(outlined(target), target.id + ' is not marked');
    for (const cell of document.querySelectorAll('td.' + name)) check(outlined(cell), 'a cell of ' + target.id + ' is not marked');
    for (const band of document.querySelectorAll('rect.' + name))
      check(getComputedStyle(band).strokeWidth === '3px', 'a rule of ' + target.id + ' is not marked');
    for (const cell of document.querySelectorAll('td[class*=of-leak]:not(.' + name + ')')) check(!outlined(cell), 'a cell of another leak is marked with ' + target.id);
    check(document.querySelectorAll('td.' + name).length > 0, target.id + ' is not in the map');
    check(document.querySelectorAll('rect.' + name).length > 0, target.id + ' is not in the chains');
  }
  ++checked;
}
const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
const wider = [...document.querySelectorAll('.page *')].filter(one => !one.closest('.scroll') && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0);
check(wide <= 0, 'the page is ' + wide + ' pixels too wide: ' + (wider.length ? wider.pop().outerHTML.slice(0, 200) : ''));
for (const svg of document.querySelectorAll('svg.graph'))
  for (const box of svg.querySelectorAll('g.chain')) {
    const outer = box.querySelector('rect.box').getBBox();
    for (const words of box.querySelectorAll('text')) {
      const inner = words.getBBox();
      check(inner.x >= outer.x && inner.x + inner.width <= outer.x + outer.width && inner.y >= outer.y && inner.y + inner.height <= outer.y + outer.height,
            'words leave their box: ' + words.textContent.slice(0, 40));
      ++checked;
    }
  }
const result = document.createElement('pre');
result.id = 'result';
result.textContent = (faults.length ? 'FAIL' : 'PASS') + ' ' + checked + ' checks at ' + innerWidth + (matchMedia('(prefers-color-scheme:dark)').matches ? ' by night' : ' by day') + '\n' + faults.join('\n');
document.body.append(result);
SCRIPT

# click_through NAME: clicks through the page in $work/out.
click_through() {
  name=$1
  cp "$work/out" "$work/page.html"
  # The page as it is: the browser has nothing to say of it, and its title is its own.
  open_page "$work/page.html"
  ! grep -E 'CONSOLE|Refused|ERROR:CONSOLE' "$work/said" || fail "$name: the browser complains"
  grep -q '<title>cordon: ' "$work/dom" || fail "$name: the title is another"
  # A copy that may run the test's script.
  { sed -e '/Content-Security-Policy/d' -e '/^<\/body>/d' -e '/^<\/html>/d' "$work/page.html"; echo '<script>'; cat "$work/clicks.js"; echo '</script></body></html>'; } >"$work/clicked.html"
  grep -q 'Content-Security-Policy' "$work/clicked.html" && fail "$name: the copy still has the policy"
  for width in 1280 390; do
    # A window is never narrower than some 500 pixels; a frame is.
    printf '<!DOCTYPE html><meta name="color-scheme" content="light dark"><body style="margin:0"><iframe src="clicked.html" style="border:0;width:%spx;height:900px"></iframe><script>onload = () => document.body.append(document.querySelector("iframe").contentDocument.getElementById("result"))</script>' "$width" >"$work/frame.html"
    for time in day night; do
      open_page "$work/frame.html" --window-size=1400,1000 $([ $time = day ] || echo --force-dark-mode)
      sed -n '/id="result"/,$p' "$work/dom" | head -n 12 >"$work/result"
      grep -q "PASS [0-9]* checks at $width by $time" "$work/result" || { cat "$work/result"; fail "$name at $width pixels by $time"; }
    done
  done
}

policy='--uid 1001 --allow tcp:127.0.0.1:18443 --allow udp,tcp:127.0.0.53:53'
run check --v4 tests/fixtures/incident/before.nft.v4 --v6 tests/fixtures/incident/before.nft.v6 $policy --format html
click_through incident
host=examples/hosts/docker_resolver
run check --v4 $host/by_address.v4 --v6 $host/by_address.v6 --policy $host/policy --format html
click_through 'Docker host'
{
  printf '*filter\n:OUTPUT DROP [0:0]\n'
  for chain in A B C D E F G H I J; do printf ':%s - [0:0]\n' $chain; done
  printf -- '-A OUTPUT -m comment --comment "</script><script>document.title=1</script>" -o lo -j ACCEPT\n'
  for chain in A B C D E F G H I J; do
    printf -- '-A OUTPUT -j %s\n' $chain
    i=0
    while [ "$i" -lt 500 ]; do
      i=$((i + 1))
      printf -- '-A %s -d 10.0.0.%s/32 -p tcp -m tcp --dport %s -j ACCEPT\n' $chain $((i % 250)) $i
    done
  done
  printf 'COMMIT\n'
} >"$work/v4"
run check --v4 "$work/v4" $policy --format html
click_through '5,000 rules'
finish
