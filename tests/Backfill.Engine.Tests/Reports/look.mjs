// Opens a report in a real Chromium and says, as JSON, what it found. Judging is the test's.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const order = JSON.parse(await new Promise((resolve) => {
  let text = '';
  process.stdin.on('data', (chunk) => { text += chunk; }).on('end', () => resolve(text));
}));
const { chromium } = createRequire(order.modules)('playwright-core');
const address = pathToFileURL(order.file).href;
const browser = await chromium.launch({ executablePath: order.chromium, args: ['--no-sandbox'] });

// In the page: every text that is seen, whose contrast with what lies behind it is low.
const lowContrast = () => {
  const parse = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const low = new Map();
  let lowest = 21;
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || element.closest('script, title') || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    // A plotting library paints its own background.
    if (element.closest('.paper svg')) continue;
    const [a, b] = [luminance(parse(element instanceof SVGElement ? style.fill : style.color)), luminance(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    lowest = Math.min(lowest, ratio);
    if (ratio < 4.5) low.set(`${element.tagName}.${element.getAttribute('class')} ${element.textContent.trim().slice(0, 40)}`, ratio);
  }
  return { lowest, low: [...low].map(([what, ratio]) => `${ratio.toFixed(2)} ${what}`) };
};

const widest = () => ({ page: document.scrollingElement.scrollWidth, screen: document.scrollingElement.clientWidth });

const open = async (options) => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const [said, asked] = [[], []];
  page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => said.push(`error: ${error.message}`));
  page.on('dialog', (dialog) => { said.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(address);
  return { page, said, asked: () => asked.filter((url) => url !== address), close: () => context.close() };
};

const shot = (page, name) => (order.pictures ? page.screenshot({ path: `${order.pictures}/${name}.png`, fullPage: true }) : null);

const look = async () => {
  const found = {};
  const light = await open({ colorScheme: 'light' });
  const { page } = light;
  const column = (name) => page.$$eval(
    '#sessions tbody tr:not([hidden])',
    (rows, n) => {
      const heading = [...document.querySelectorAll('#sessions thead th')].findIndex((h) => h.textContent.trim() === n);
      return rows.map((row) => row.cells[heading].textContent.trim());
    },
    name);
  found.light = await page.evaluate(lowContrast);
  found.scripts = await page.$$eval('script', (all) => all.length);
  found.handlers = await page.$$eval('*', (all) => all.filter((e) => [...e.attributes].some((a) => a.name.startsWith('on') || a.name === 'style')).length);
  await shot(page, 'light');
  found.foreign = await page.$$eval('img, iframe, object, embed, form, link, base, video, audio', (all) => all.map((e) => e.tagName));
  found.landmarks = {};
  for (const role of ['banner', 'navigation', 'main', 'contentinfo']) found.landmarks[role] = await page.getByRole(role).count();
  found.sections = await page.$$eval('main > section', (all) => all.map((s) => document.getElementById(s.getAttribute('aria-labelledby'))?.textContent));
  found.headings = await page.$$eval('h1, h2, h3, h4', (all) => all.map((h) => Number(h.tagName[1])));
  found.unnamed = await page.$$eval(
    'table, svg[role="img"], [role="region"], input, select',
    (all) => all.filter((e) => e.tagName === 'TABLE'
      ? !e.caption?.textContent.trim() || [...e.querySelectorAll('th')].some((th) => !th.scope)
      : e.labels ? e.labels.length === 0
        : !(e.getAttribute('aria-label') ?? document.getElementById(e.getAttribute('aria-labelledby'))?.textContent.trim())).map((e) => e.outerHTML.slice(0, 80)));
  found.ids = await page.$$eval('[id]', (all) => all.map((e) => e.id).filter((id, i, ids) => ids.indexOf(id) !== i));
  found.lang = await page.getAttribute('html', 'lang');

  await page.keyboard.press('Tab');
  found.firstFocus = await page.evaluate(() => document.activeElement.textContent);
  found.outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  await page.keyboard.press('Enter');
  found.skippedTo = await page.evaluate(() => location.hash);

  found.reasons = await page.$$eval('#sessions td.why', (cells) => cells.map((cell) => (cell.querySelector('details bdi') ?? cell.querySelector('bdi') ?? cell).textContent));
  found.order = await column('#');
  const sort = async (name) => {
    await page.locator('#sessions thead').getByRole('button', { name, exact: true }).press('Enter');
    return column(name);
  };
  found.sorted = { once: await sort('ms'), twice: await sort('ms'), session: await sort('Session') };
  found.ariaSort = await page.$$eval('#sessions thead th', (all) => all.map((th) => th.getAttribute('aria-sort')).filter(Boolean));
  found.status = await page.locator('[role="status"]').textContent();
  const outcome = page.getByLabel('Outcome', { exact: true });
  // One outcome only leaves nothing to choose.
  if (await outcome.isVisible()) {
    await outcome.selectOption('Failed');
    found.failed = await column('Outcome');
    await outcome.selectOption('');
  }
  await page.getByLabel('Text', { exact: true }).fill(order.find);
  found.matching = await column('Session');
  found.filtered = await page.locator('[role="status"]').textContent();
  found.pwned = await page.evaluate(() => globalThis.pwned ?? null);
  [found.said, found.asked] = [light.said, light.asked()];
  await light.close();

  const dark = await open({ colorScheme: 'dark' });
  await shot(dark.page, 'dark');
  found.dark = await dark.page.evaluate(lowContrast);
  await dark.close();

  for (const [name, width] of [['narrow', 360], ['smallest', 320]]) {
    const narrow = await open({ viewport: { width, height: 740 }, isMobile: true, hasTouch: true });
    await shot(narrow.page, name);
    await narrow.page.$$eval('details', (all) => all.forEach((d) => { d.open = true; }));
    found[name] = await narrow.page.evaluate(widest);
    await narrow.close();
  }

  // Nothing is cut: neither the page nor a part of it has to be moved sideways.
  found.cut = [];
  for (const width of [390, 768, 1200]) {
    const sized = await open({ viewport: { width, height: 900 }, isMobile: width < 500 });
    await shot(sized.page, `${width}`);
    await sized.page.$$eval('details', (all) => all.forEach((d) => { d.open = true; }));
    found.cut.push(...(await sized.page.$$eval(
      'html, nav ul, .scroll, .paper',
      (all) => all.filter((e) => e.scrollWidth > e.clientWidth + 1).map((e) => `${e.tagName} ${e.getAttribute('aria-labelledby')} ${e.scrollWidth} > ${e.clientWidth}`),
    )).map((what) => `${width}: ${what}`));
    await sized.close();
  }

  // A4 upright, less its margins.
  const print = await open({ viewport: { width: 703, height: 1000 } });
  await print.page.emulateMedia({ media: 'print' });
  await print.page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  await shot(print.page, 'print');
  found.print = await print.page.evaluate(widest);
  found.printFolded = await print.page.$$eval('details:not([open])', (all) => all.length);
  if (order.pictures) await print.page.pdf({ path: `${order.pictures}/print.pdf`, format: 'A4' });
  await print.close();

  const plain = await open({ javaScriptEnabled: false });
  found.withoutScript = { rows: await plain.page.locator('#sessions tbody tr:visible').count(), filter: await plain.page.locator('.filter').isVisible() };
  await plain.close();
  return found;
};

try {
  console.log(JSON.stringify(await look()));
} finally {
  await browser.close();
}
