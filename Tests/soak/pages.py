"""Looks at pages in a headless Chromium, at the width of a phone and of a desktop, in the light and in the dark."""
import html, json, os, re, shutil, subprocess

# What a person would see: everything that has text must have room, lie on the page or in a part that scrolls, be large
# enough, and stand out from what is behind it.
LOOK = """
const frame = document.querySelector('iframe');
frame.onload = () => {
  const page = frame.contentDocument, view = frame.contentWindow, width = frame.clientWidth, found = [];
  const light = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const parts = text => text.match(/[\\d.]+/g).map(Number);
  const behind = e => { for (; e; e = e.parentElement) { const c = parts(view.getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0.5) return c.slice(0, 3); } return [255, 255, 255]; };
  if (page.documentElement.scrollWidth > width) found.push('the page is ' + page.documentElement.scrollWidth + ' wide, the screen ' + width);
  let texts = 0;
  for (const e of page.body.querySelectorAll('*')) {
    const text = [...e.childNodes].filter(n => n.nodeType == 3).map(n => n.data.trim()).join('');
    if (!text || e.closest('details:not([open]) > :not(summary)') || e.closest('style')) continue;
    texts++;
    const box = e.getBoundingClientRect(), style = view.getComputedStyle(e), say = what => found.push(what + ': ' + text.slice(0, 60));
    let scrolls = false;
    for (let p = e.parentElement; p; p = p.parentElement) if (/auto|scroll/.test(view.getComputedStyle(p).overflowX)) scrolls = true;
    if (box.width < 1 || box.height < 1) say('no room');
    if (!scrolls && (box.left < -1 || box.right > width + 1)) say('off the page');
    if (e.scrollWidth > e.clientWidth + 1 && style.overflow == 'hidden' && !e.closest('[title]')) say('cut off');
    if (parseFloat(style.fontSize) < 11) say('too small');
    const [a, b] = [light(parts(style.color).slice(0, 3)), light(behind(e))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 3) say('contrast ' + contrast.toFixed(1));
  }
  const dark = view.matchMedia('(prefers-color-scheme: dark)').matches;
  const out = document.createElement('pre'); out.id = 'seen';
  out.textContent = JSON.stringify({texts, dark, found: found.slice(0, 20)}); document.body.append(out);
};
"""


# What a person would see of a picture: each text lies in it, is the topmost thing where it stands, stands out from what is behind
# it, and has a size.
LOOK_AT_PICTURE = """
const frame = document.querySelector('iframe');
frame.onload = () => {
  const page = frame.contentDocument, view = frame.contentWindow, width = frame.clientWidth, found = [];
  const light = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const parts = text => (text.match(/[\\d.]+/g) || [255, 255, 255]).map(Number).slice(0, 3);
  const picture = page.querySelector('svg'), frameBox = picture.getBoundingClientRect();
  let texts = 0;
  if (frameBox.width < 1 || frameBox.right > width + 1) found.push('the picture is ' + frameBox.width + ' wide, the screen ' + width);
  const boxes = [];
  for (const e of picture.querySelectorAll('text')) {
    const text = e.textContent.trim(), say = what => found.push(what + ': ' + text.slice(0, 60));
    if (!text) continue;
    texts++;
    const box = e.getBoundingClientRect();
    if (box.width < 1 || box.height < 1) { say('no room'); continue; }
    if (box.left < frameBox.left - 1 || box.right > frameBox.right + 1 || box.top < frameBox.top - 1 || box.bottom > frameBox.bottom + 1) say('off the picture');
    if (box.height < SMALLEST) say('too small, ' + box.height.toFixed(1));
    view.scrollTo(0, box.top - 100);
    const now = e.getBoundingClientRect();
    const there = page.elementsFromPoint(now.left + now.width / 2, now.top + now.height / 2);
    const mine = there.findIndex(o => o === e || e.contains(o));
    const above = there.slice(0, mine < 0 ? there.length : mine).filter(o => o !== picture && !o.contains(e) && !e.contains(o));
    if (above.length && view.getComputedStyle(above[0]).fill != 'none') say('covered by ' + above[0].tagName);
    view.scrollTo(0, 0);
    const behind = there.slice(Math.max(mine, 0)).find(o => /rect|circle|path|ellipse|polygon/.test(o.tagName) && view.getComputedStyle(o).fill != 'none');
    const [a, b] = [light(parts(view.getComputedStyle(e).fill)), light(behind ? parts(view.getComputedStyle(behind).fill) : [255, 255, 255])];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 3) say('contrast ' + contrast.toFixed(1));
    for (const [other, name] of boxes) {
      const x = Math.min(box.right, other.right) - Math.max(box.left, other.left), y = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
      if (x > 1 && y > box.height * 0.4) say('over another text, ' + name.slice(0, 30));
    }
    boxes.push([box, text]);
  }
  const dark = view.matchMedia('(prefers-color-scheme: dark)').matches;
  const out = document.createElement('pre'); out.id = 'seen';
  out.textContent = JSON.stringify({texts, dark, found: found.slice(0, 20)}); document.body.append(out);
};
"""


def browser():
    return next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)


def look(page, folder):
    """What is wrong with a page, by screen; fails when the browser says nothing."""
    return seen_by_screens(page, folder, lambda width: LOOK, fewest=11)


def look_at_picture(file, folder):
    """What is wrong with a picture that fills the width of a screen, as pages show it."""
    page = ("<!doctype html><meta charset=utf-8><style>body { margin: 0; background: #fff } svg { width: 100%; height: auto; display: block }</style>"
            + open(file).read())
    return seen_by_screens(page, folder, lambda width: LOOK_AT_PICTURE.replace("SMALLEST", "6" if width < 800 else "11"), fewest=5)


def seen_by_screens(page, folder, script, fewest):
    wrong = {}
    for name, width, height, dark in (("phone", 390, 844, False), ("desktop", 1280, 900, False), ("phone, dark", 390, 844, True)):
        wrapper = os.path.join(folder, "look.html")
        open(wrapper, "w").write(f"<!doctype html><meta charset=utf-8><body><iframe width={width} height={height} style='border:0;color-scheme:normal' "
                                 f"srcdoc=\"{html.escape(page)}\"></iframe><script>{script(width)}</script>")
        done = subprocess.run([browser(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--enable-logging=stderr",
                               f"--user-data-dir={folder}/browser", "--window-size=1400,1000", "--virtual-time-budget=4000",
                               *(["--blink-settings=preferredColorScheme=0"] if dark else []), "--dump-dom", "file://" + wrapper],
                              capture_output=True, text=True, timeout=120)
        seen = re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, re.S)
        assert seen, (name, done.stdout[-500:], done.stderr[-1500:])
        seen = json.loads(html.unescape(seen.group(1)))
        assert seen["texts"] >= fewest and seen["dark"] == dark, (name, seen)
        errors = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
        if seen["found"] or errors:
            wrong[name] = seen["found"] + errors
    return wrong
