// The warning before a session ends: two minutes ahead, one tap, every tab; what is said when the time ran out. The browser's clock is
// the test's, the server's times are moved in its rows.
import assert from "node:assert/strict";
import test from "node:test";

import { importCars } from "../web/cars.mjs";
import { journey, newPhone, until, Visitor } from "../web/client.mjs";
import { companyCars, newCompany, scriptLicence, signedIn } from "../web/company.mjs";
import { aMinuteLater } from "../web/fleet.mjs";
import { jpeg } from "../web/media.mjs";
import { Instance, adopt, inspect, newContext, newPage, testBrowser } from "./browser.mjs";

const instance = Instance.shared(), browser = testBrowser();

const warning = (page) => page.getByRole("alertdialog");
const more = (page) => warning(page).getByRole("button", { name: "继续办理" });

// A browser with a draft at this step, its clock stopped; pauseIn moves the server's end.
async function drafted(stop, { care = false, clock = true } = {}) {
	const [car] = await importCars(instance), visitor = await journey(instance, car, { stop }), context = await newContext(browser);
	const one = { context, visitor, path: `/register/${stop}` };
	one.pauseIn = (seconds) => instance.sql(`UPDATE session SET pauses_at = now() + interval '${seconds} seconds' WHERE application_id = ${visitor.draft}`);
	one.left = () => Number(instance.value(`SELECT extract(epoch FROM pauses_at - now())::int FROM session WHERE application_id = ${visitor.draft}`));
	await adopt(context, instance, visitor);
	if (care) await context.addCookies([{ name: "care", value: "1", url: instance.endpoints.https, secure: true }]);
	one.tab = async () => {
		const page = await newPage(context, instance, { refused: true });
		if (clock) await page.clock.install();
		await page.open(one.path);
		return page;
	};
	return one;
}

// From the page that says so, by another code, to the step of before.
async function onFromPause(one, page, step) {
	await warning(page).getByRole("link", { name: "继续" }).click();
	await page.at("/paused");
	instance.sql("UPDATE attempt SET at = at - interval '61 seconds' WHERE kind LIKE 'sms.%'");
	await page.getByRole("button", { name: "获取验证码" }).click();
	await page.at("/records/code");
	await page.getByLabel("短信验证码").fill(await instance.code(one.visitor.number, 2));
	await page.getByRole("button", { name: "下一步" }).click();
	await page.at(`/register/${step}`);
}

test("nothing before; two minutes ahead the warning, with the focus on its button; one tap and it is gone", async () => {
	const one = await drafted("identity"), page = await one.tab();
	await page.getByLabel("姓名").fill("没有提交的字");
	await page.clock.fastForward("57:00");
	assert.equal(await warning(page).count(), 0);
	one.pauseIn(118);
	await page.clock.fastForward("01:05");
	await warning(page).waitFor();
	const told = await warning(page).textContent();
	assert.match(told, / (2 分钟|1 分钟 \d+ 秒)后暂停/);
	assert.equal(await page.evaluate(() => document.activeElement.textContent), "继续办理");
	one.pauseIn(73);
	await page.clock.runFor(16000);
	await until("it counts down", async () => (await warning(page).textContent()) !== told);
	await more(page).click();
	await warning(page).waitFor({ state: "hidden" });
	assert.ok(one.left() > 3500, `${one.left()} seconds`);
	assert.equal(await page.getByLabel("姓名").inputValue(), "没有提交的字", "what was typed is still there");
	await page.clock.fastForward("57:00");
	assert.equal(await warning(page).count(), 0, "the new time counts");
	page.untroubled();
	await one.context.close();
});

test("another tab: no warning where there was time added, and an open one goes by itself", async () => {
	const one = await drafted("consent"), first = await one.tab(), second = await one.tab();
	// The second tab believes that it ends; the server knows better.
	await Promise.all([second.waitForResponse((answer) => new URL(answer.url()).pathname === "/session"), second.clock.fastForward("58:30")]);
	await warning(second).waitFor({ state: "hidden" });
	one.pauseIn(100);
	for (const page of [first, second]) {
		await page.clock.fastForward("58:30");
		await warning(page).waitFor();
	}
	await more(first).click();
	await warning(first).waitFor({ state: "hidden" });
	await second.clock.runFor(16000);
	await warning(second).waitFor({ state: "hidden" });
	for (const page of [first, second]) page.untroubled();
	await one.context.close();
});

test("a phone that slept through: when it is looked at again the page says that it has paused, and leads back", async () => {
	const one = await drafted("agreements"), page = await one.tab();
	one.pauseIn(-1);
	await page.clock.fastForward("09:00:00");
	await warning(page).getByRole("heading", { name: "已暂停" }).waitFor();
	assert.match(await warning(page).textContent(), /验证手机号后可继续，填过的内容已保存/);
	assert.equal(await more(page).count(), 0);
	await page.keyboard.press("Escape");
	assert.ok(await warning(page).isVisible(), "nothing behind it can be read");
	await onFromPause(one, page, "agreements");
	page.untroubled();
	await one.context.close();
});

test("typed and not sent: after the pause it is there again, numbers are not, and nothing of it stays in the tab", async () => {
	const one = await drafted("identity"), page = await one.tab(), stored = () => page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));
	await page.getByLabel("姓名").fill("没有提交的名字");
	await page.getByLabel("住址").fill("没有提交的住址 1 号");
	await page.getByLabel("证件号码").fill("11010119900307123X");
	assert.equal(await stored(), "{}", "nothing while it can still be sent");
	one.pauseIn(-1);
	await page.clock.fastForward("09:00:00");
	await warning(page).getByRole("heading", { name: "已暂停" }).waitFor();
	assert.doesNotMatch(await stored(), /11010119900307123X/);
	await onFromPause(one, page, "identity");
	assert.deepEqual([await page.getByLabel("姓名").inputValue(), await page.getByLabel("住址").inputValue()], ["没有提交的名字", "没有提交的住址 1 号"]);
	assert.equal(await stored(), "{}");
	// Sent after the pause, before the page could say so: the same.
	await page.clock.fastForward("00:10");
	one.pauseIn(-1);
	await page.getByLabel("姓名").fill("又一个名字");
	await page.getByRole("button", { name: "核对无误，下一步" }).click();
	await page.at("/paused");
	instance.sql("UPDATE session SET pauses_at = now() + interval '1 hour' WHERE application_id = " + one.visitor.draft);
	await page.open("/register/identity");
	assert.equal(await page.getByLabel("姓名").inputValue(), "又一个名字");
	// Another draft in this tab gets nothing of it.
	one.pauseIn(-1);
	await page.getByLabel("姓名").fill("别人不该看到");
	await page.getByRole("button", { name: "核对无误，下一步" }).click();
	await page.at("/paused");
	const other = await drafted("identity");
	await one.context.clearCookies();
	await adopt(one.context, instance, other.visitor);
	await page.open("/register/identity");
	assert.notEqual(await page.getByLabel("姓名").inputValue(), "别人不该看到");
	assert.equal(await stored(), "{}");
	page.untroubled();
	await one.context.close();
	await other.context.close();
});

test("typed at a company's task when the sign-in ran out: it waits over the front page and the tasks, for this draft only", async () => {
	const company = newCompany(instance), v = await signedIn(instance, company, { cars: false }), context = await newContext(browser), task = "/fleet/register/company";
	await companyCars(instance, company);
	scriptLicence(instance, company);
	await v.begin();
	await v.post("/fleet/register/cars", [["shown", v.page.values("car").join(",")], ["car", v.page.values("car")[0]]]);
	await v.get(task);
	await v.upload(v.page.uploadPath, jpeg(String(Math.random())));
	await v.settled(task);
	await adopt(context, instance, v);
	const page = await newPage(context, instance, { refused: true }), stored = () => page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));
	const address = page.getByLabel("通讯地址");
	const signIn = async () => {
		const before = instance.sms(v.number).filter((message) => message.template === "2000001").length;
		await page.at("/records/phone");
		aMinuteLater(instance);
		await page.getByLabel("手机号").fill(v.number);
		await page.getByRole("button", { name: "获取验证码" }).click();
		await page.at("/records/code");
		await page.getByLabel("短信验证码").fill(await instance.code(v.number, before + 1));
		await page.getByRole("button", { name: "下一步" }).click();
		await page.at("/fleet");
	};
	// Typed, and sent after the sign-in had run out; then signed in again.
	const late = async (text) => {
		await page.open(task);
		await address.fill(text);
		instance.sql(`UPDATE session SET signed_in_until = now() WHERE company_member_id = '${v.member}'`);
		await page.getByRole("button", { name: "核对无误，保存" }).click();
		await signIn();
	};
	const goOn = async () => {
		await page.getByRole("button", { name: "继续办理" }).first().click();
		await page.at("/fleet/register/tasks");
	};
	instance.remember("没有提交的路 1 号", "没有提交的路 2 号", "没有提交的路 3 号");
	await late("没有提交的路 1 号");
	await goOn();
	await page.getByRole("link", { name: /^企业信息/ }).click();
	await page.at(task);
	assert.equal(await address.inputValue(), "没有提交的路 1 号");
	assert.equal(await stored(), "{}");
	// Signed out instead: nothing stays.
	await late("没有提交的路 2 号");
	assert.match(await stored(), /没有提交的路 2 号/);
	await page.getByRole("button", { name: "退出登录" }).click();
	await page.at("/");
	assert.equal(await stored(), "{}");
	// A page of another draft instead: the same.
	await page.open("/fleet");
	await signIn();
	await goOn();
	await late("没有提交的路 3 号");
	assert.match(await stored(), /没有提交的路 3 号/);
	await page.open("/fleet/cancel/notice");
	await page.getByRole("button", { name: /开始办理/ }).click();
	await page.at("/fleet/cancel/cars");
	assert.equal(await stored(), "{}");
	page.untroubled();
	await context.close();
	instance.script("identity");
});

test("no network: the tap says what to do and can be repeated; a session of another tab's is taken up", async () => {
	const one = await drafted("consent"), page = await one.tab();
	one.pauseIn(100);
	await page.clock.fastForward("58:30");
	await warning(page).waitFor();
	await page.route("**/session", (route) => route.abort());
	await more(page).click();
	await warning(page).getByText("没有延长成功").waitFor();
	await page.unroute("**/session");
	// The session's id was changed by a sign-in in another tab: the token of this page is old.
	instance.sql("UPDATE attempt SET at = at - interval '61 seconds' WHERE kind LIKE 'sms.%'");
	const tab = await newPage(one.context, instance);
	await tab.open("/records/phone");
	await tab.getByLabel("手机号").fill(one.visitor.number);
	await tab.getByRole("button", { name: "获取验证码" }).click();
	await tab.getByLabel("短信验证码").fill(await instance.code(one.visitor.number, 2));
	one.pauseIn(90);
	await tab.getByRole("button", { name: "下一步" }).click();
	await tab.at("/records");
	one.pauseIn(90);
	await page.bringToFront();
	await more(page).click();
	await warning(page).waitFor({ state: "hidden" });
	assert.ok(one.left() > 3500, `${one.left()} seconds`);
	await one.context.close();
});

test("a sign-in at its limit: told, put away, and at the end the way in again", async () => {
	const context = await newContext(browser), visitor = new Visitor(instance);
	await visitor.records(newPhone());
	const id = instance.value("SELECT encode(id_hash, 'hex') FROM session WHERE signed_in_at IS NOT NULL ORDER BY signed_in_at DESC LIMIT 1");
	const set = (what) => instance.sql(`UPDATE session SET ${what} WHERE id_hash = decode('${id}', 'hex')`);
	set("signed_in_at = now() - interval '239 minutes', signed_in_until = now() + interval '100 seconds'");
	await adopt(context, instance, visitor);
	const page = await newPage(context, instance);
	await page.open("/mine");
	await warning(page).waitFor();
	assert.match(await warning(page).textContent(), /不能再延长/);
	await warning(page).getByRole("button", { name: "知道了" }).click();
	await warning(page).waitFor({ state: "hidden" });
	set("signed_in_until = now()");
	await page.clock.install();
	await page.clock.fastForward("03:00");
	await page.evaluate(() => window.dispatchEvent(new Event("focus")));
	await warning(page).getByRole("link", { name: "重新登录" }).click();
	await page.at("/records/phone");
	page.untroubled();
	await context.close();
});

test("warned, paused, and the pages of the way back: by rule and by eye, in large text too", async () => {
	for (const care of [false, true]) {
		const name = care ? "care-timeout" : "timeout", one = await drafted("consent", { care }), page = await one.tab();
		await inspect(page, `${name}-told`);
		one.pauseIn(118);
		await page.clock.fastForward("58:20");
		await warning(page).waitFor();
		await inspect(page, `${name}-warned`);
		one.pauseIn(-1);
		await page.clock.fastForward("05:00");
		await warning(page).getByRole("heading", { name: "已暂停" }).waitFor();
		await inspect(page, `${name}-paused`);
		await page.open("/");
		await inspect(page, `${name}-home`);
		await page.open("/paused");
		await inspect(page, `${name}-back`);
		await one.context.close();
	}
});
