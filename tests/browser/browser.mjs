// Debian's Chromium with a fake camera and microphone, a page that keeps a list of all that is wrong with it, and the checks that
// every page must pass.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { after, before } from "node:test";
import { HtmlValidate } from "html-validate";
import { chromium } from "playwright-core";

import { Instance, TOP } from "../web/instance.mjs";
import { FOLDER, cameraFile, speak } from "./media.mjs";

const PROGRAM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SHOTS = resolve(TOP, process.env.BUILD ?? "build", "screenshots");
export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 900 };
export const WIDTHS = [320, 390, 768, 1280];

export const voiceFile = join(FOLDER, `microphone-${process.pid}.wav`);

// camera: "file" plays the face and voiceFile, "denied" refuses every question.
function flags(camera) {
	if (camera === "denied") return ["--deny-permission-prompts", "--use-fake-device-for-media-stream"];
	speak("0000", voiceFile);
	return ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${cameraFile()}`, `--use-file-for-fake-audio-capture=${voiceFile}`];
}
export const launch = (camera = "file") => chromium.launch({ executablePath: PROGRAM, args: flags(camera) });

const CONTEXT = { ignoreHTTPSErrors: true, locale: "zh-CN", timezoneId: "Asia/Shanghai", viewport: PHONE, hasTouch: true, isMobile: false, reducedMotion: "reduce" };
// The browser of a test file: there before its first test, closed after its last. For newContext.
export function testBrowser() {
	let browser;
	before(async () => {
		browser = await launch();
	});
	after(() => browser?.close());
	return { newContext: (options) => browser.newContext(options) };
}
// A browser with a profile on disk, as a phone's is.
export const launchProfile = (folder, camera = "file") => chromium.launchPersistentContext(folder, { ...CONTEXT, executablePath: PROGRAM, args: flags(camera) });
export const newContext = (browser, more = {}) => browser.newContext({ ...CONTEXT, ...more });

// The visit of a Visitor of tests/web, in this context too: how a test comes to a later page quickly.
export const share = (context, instance, visitor) => context.addCookies([...visitor.cookies].map(([name, value]) => ({ name, value, url: instance.endpoints.https, secure: true, httpOnly: true, sameSite: "Lax" })));
// In this context from now on.
export async function adopt(context, instance, visitor) {
	if (visitor.page?.waiting) await visitor.settled(visitor.page.path); // a page that comes back by itself is nothing to look at
	await share(context, instance, visitor);
	visitor.close();
}

// A page that notes: requests elsewhere, console errors (blocked content among them), exceptions, documents as they came.
// scriptless: the site's script does not come, but checks can run; refused: answers of 4xx are part of the test; the browser's own line about them is then no error.
export async function newPage(context, instance, { refused = false, scriptless = false } = {}) {
	const page = await context.newPage(), watch = { troubles: [], requests: [], document: null };
	page.setDefaultTimeout(45000);
	if (scriptless) await page.route("**/*.js", (route) => route.abort());
	const own = new URL(instance.endpoints.https).origin;
	page.on("request", (request) => {
		const url = request.url();
		watch.requests.push(`${request.method()} ${url}`);
		if (!/^(data|blob|about):/.test(url) && new URL(url).origin !== own) watch.troubles.push(`request to ${url}`);
	});
	page.on("console", (message) => {
		if (message.type() !== "error" && message.type() !== "warning") return;
		if (refused && /^Failed to load resource: (the server responded with a status of (4\d\d|50\d)|net::ERR_)/.test(message.text())) return;
		watch.troubles.push(`${message.type()}: ${message.text()} (${message.location().url})`);
	});
	page.on("pageerror", (error) => watch.troubles.push(`exception: ${error.stack}`));
	page.on("response", (response) => {
		const request = response.request();
		if (request.isNavigationRequest() && request.frame() === page.mainFrame() && (response.status() < 300 || response.status() >= 400)) watch.document = response;
	});
	page.watch = watch;
	page.untroubled = () => assert.deepEqual(watch.troubles, []);
	page.at = (path) => page.waitForURL((url) => url.pathname === path);
	page.open = (path) => page.goto(instance.endpoints.https + path);
	return page;
}

const validator = new HtmlValidate({
	extends: ["html-validate:recommended"],
	rules: {
		"doctype-style": ["error", { style: "lowercase" }],
		"meta-refresh": "off", // without script, a waiting page has nothing else; it never leads elsewhere
		"no-trailing-whitespace": "off",
		"no-unused-disable": "off",
		"tel-non-breaking": ["error", { ignoreClasses: ["nobreak"] }],
		"form-dup-name": ["error", { shared: ["radio", "button", "reset", "submit", "checkbox"] }], // a tick a card, all of one name
	},
});
// Errors of the HTML as the server sent it.
export async function invalid(html) {
	const report = await validator.validateString(html);
	return report.results.flatMap((result) => result.messages).map((one) => `${one.line}:${one.column} ${one.ruleId}: ${one.message}`);
}

export async function violations(page) {
	if (!(await page.evaluate("typeof axe === 'object'"))) await page.evaluate(AXE);
	return page.evaluate(async () => {
		const report = await axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], resultTypes: ["violations"] });
		return report.violations.map((one) => `${one.id}: ${one.help} ${one.nodes.map((node) => `${node.target.join(" ")} ${node.any.concat(node.all).map((check) => check.message).join("; ")}`).join(" | ")}`);
	});
}

// What does not fit or is too small to touch. Runs in the page.
function layout() {
	const found = [], root = document.documentElement;
	if (root.scrollWidth > root.clientWidth) {
		const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1).map((e) => `${e.tagName}.${e.className}`);
		found.push(`scrolls sideways: ${root.scrollWidth} > ${root.clientWidth}: ${wide.slice(0, 5).join(", ")}`);
	}
	const ticks = (e) => e.matches("input[type=checkbox], input[type=radio]");
	for (const e of document.querySelectorAll("button, input:not([type=hidden]), textarea, a.btn, summary, a.tile")) {
		if (!e.checkVisibility({ checkVisibilityCSS: true }) || e.closest("[aria-hidden=true], .hide")) continue;
		const box = (ticks(e) ? e.closest("label") ?? e : e).getBoundingClientRect();
		if (box.height < 48 || box.width < 48) found.push(`too small to touch: ${e.tagName} "${(e.textContent || e.name).trim()}" ${Math.round(box.width)} x ${Math.round(box.height)}`);
	}
	// A few letters, one under the other.
	for (const e of document.querySelectorAll("main :is(a, .btn, dt, em, strong)")) {
		const range = document.createRange(), text = e.firstChild?.nodeType === Node.TEXT_NODE ? e.firstChild.data.trim() : "";
		if (text.length < 2 || text.length > 4 || !e.checkVisibility() || getComputedStyle(e).display === "inline") continue;
		range.selectNode(e.firstChild);
		if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) found.push(`squeezed: ${e.tagName} "${text}"`);
	}
	const buttons = [...document.querySelectorAll(".btn")].filter((e) => e.checkVisibility({ checkVisibilityCSS: true }) && !e.closest(".hide, .basket")).map((e) => [e, e.getBoundingClientRect()]); // the basket stays over what is scrolled under it
	for (const [a, one] of buttons) for (const [b, two] of buttons)
		if (a !== b && one.top <= two.top && two.top < one.bottom + 6 && one.left < two.right + 6 && two.left < one.right + 6) found.push(`buttons that touch: "${a.textContent.trim()}", "${b.textContent.trim()}"`);
	// A row that is cut off or lies over another's text.
	for (const e of document.querySelectorAll("main *, header *, footer *")) {
		if (!e.checkVisibility() || e.closest(".hide, svg")) continue;
		const style = getComputedStyle(e);
		if (style.overflowX !== "visible" && e.scrollWidth > e.clientWidth + 1 && !e.matches("input, textarea")) found.push(`text is cut off: ${e.tagName}.${e.className}`);
	}
	return found;
}

export async function screenshot(page, name, size = PHONE) {
	mkdirSync(SHOTS, { recursive: true });
	const before = page.viewportSize();
	if (before.width !== size.width || before.height !== size.height) await page.setViewportSize(size);
	const take = () => page.screenshot({ path: join(SHOTS, `${name}-${size.width}.png`), fullPage: true, animations: "disabled", timeout: 20000 });
	await take().catch(take).catch(take); // beside other browsers Chromium has been seen not to hand one over in 45 s
	if (before.width !== size.width || before.height !== size.height) await page.setViewportSize(before);
}

// The text size of the page, "" or "care"; with `to` it is switched in place, as the link in the header does it.
const mode = (page, to) => page.evaluate((to) => {
	if (to !== null) document.body.dataset.mode = to;
	return document.body.dataset.mode ?? "";
}, to ?? null);

// A waiting page stays as it is while it is looked at: it takes itself for one that nobody sees. hide also runs before a page's own script.
export const hide = () => Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
const hold = (page, on) => page.evaluate(on ? hide : () => delete document.hidden);

// All checks of the page as it is now, at every width, and in large text at those of large; window and size are put back. picture: also
// keeps screenshots.
export async function inspect(page, name, { widths = WIDTHS, large = widths, picture = true, html } = {}) {
	const found = [], before = page.viewportSize(), own = await mode(page);
	await hold(page, true);
	found.push(...(await invalid(html ?? (await page.watch.document.text()))).map((one) => `html ${one}`));
	for (const [to, at] of [["", widths], ["care", large]]) {
		await mode(page, to);
		for (const width of at) {
			await page.setViewportSize({ width, height: width > 1000 ? DESKTOP.height : PHONE.height });
			found.push(...(await violations(page)).map((one) => `${width} px ${to}: axe ${one}`));
			found.push(...(await page.evaluate(layout)).map((one) => `${width} px ${to}: ${one}`));
			if (picture && (width === PHONE.width || width === DESKTOP.width)) await screenshot(page, to ? `${name}-large` : name, page.viewportSize());
		}
	}
	await mode(page, own);
	await page.setViewportSize(before);
	await hold(page, false);
	assert.deepEqual(found, [], `${name} (${page.url()})`);
}

// A page of errors says each of them twice, above and beside the field, in the same words, and its title says it too. With script the
// line above leads to the field. which: the fields, when known.
export async function told(page, which, { script = true } = {}) {
	const fields = [];
	await page.waitForLoadState();
	for (const link of await page.locator('.summary a[href^="#"]').all()) {
		const field = (await link.getAttribute("href")).slice(1);
		fields.push(field);
		assert.equal((await page.locator(`#${field}-error`).textContent()).replace("错误：", "").trim(), (await link.textContent()).trim(), "the same words above and beside");
		if (script) await link.click();
		if (script) assert.equal(await page.evaluate(() => document.activeElement.id), field, "the link leads to the field");
	}
	assert.ok(which ? which.every((field) => fields.includes(field)) : fields.length > 0, `${fields}`);
	assert.match(await page.title(), /^错误：/);
}

export { Instance };
