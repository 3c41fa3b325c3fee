// By a signed link on a phone, with taps and typed characters counted; a desk and a phone at one draft; every page of both looked at.
import assert from "node:assert/strict";
import test from "node:test";

import { importCars } from "../web/cars.mjs";
import { cardStates, journey } from "../web/client.mjs";
import { DESKTOP, Instance, PHONE, adopt, inspect, newContext, newPage, screenshot, testBrowser } from "./browser.mjs";
import { cardFile } from "./media.mjs";
import { Person } from "./person.mjs";

const instance = Instance.shared(), browser = testBrowser();

const link = async (...words) => new URL((await instance.ctl("link", ...words)).trim()).pathname;

// Comes by a link instead of the front page: the car is there already.
class Guest extends Person {
	async arrive(path) {
		await this.page.open(path); // the tap on the link is made elsewhere
		await this.picture("landing");
		await this.tap(/开始办理/);
	}
}

test("one car by a signed link: at most 24 taps and 23 typed characters", async (t) => {
	const [car] = await importCars(instance), context = await newContext(browser), page = await newPage(context, instance);
	const person = new Guest(instance, page, { shots: "link" });
	person.begin = async () => person.arrive(await link(car.vin, "--flow", "register"));
	await person.upTo(car, "submit");
	t.diagnostic(`${person.taps} taps, ${person.typed} typed characters`);
	assert.ok(person.taps <= 24, `${person.taps} taps`);
	assert.equal(person.typed, 11 + 6, "phone and code");
	assert.ok(person.typed <= 23);
	assert.deepEqual(page.watch.requests.filter((one) => one.includes(car.vin)), [], "no VIN in an address");
	page.untroubled();
	await context.close();
	assert.deepEqual(await cardStates(instance, person.application), ["done"]);
});

test("a desk and a phone: code, link, camera, and the desk goes on without a touch", async () => {
	const [car] = await importCars(instance), desk = await newContext(browser, { viewport: DESKTOP, hasTouch: false }), hand = await newContext(browser);
	await adopt(desk, instance, await journey(instance, car, { stop: "front" }));
	const screen = await newPage(desk, instance), phone = await newPage(hand, instance);
	await screen.open("/register/front");
	await screen.locator(".wide-only").getByRole("button", { name: "显示二维码" }).click();
	const qr = screen.getByRole("img", { name: "用手机扫描的二维码" });
	await qr.waitFor();
	const box = await qr.boundingBox();
	assert.ok(box.width >= 200 && Math.abs(box.width - box.height) < 1, JSON.stringify(box));
	assert.ok(box.y + box.height < DESKTOP.height, "seen without scrolling");
	const url = await screen.locator("a[href*='/c/']").getAttribute("href");
	await phone.goto(url);
	await phone.getByText("如非本人发起请关闭").waitFor();
	await phone.getByRole("button", { name: "继续", exact: true }).click();
	await phone.at("/register/front");
	await screen.getByText("手机已连接").waitFor();
	const [chooser] = await Promise.all([phone.waitForEvent("filechooser"), phone.getByRole("button", { name: "打开相机" }).click()]);
	await chooser.setFiles(cardFile("front", String(Math.random()).slice(2).padEnd(18, "1").slice(0, 18)));
	await phone.at("/handover");
	await phone.getByRole("heading", { name: "请回到电脑" }).waitFor();
	await screen.at("/register/back");
	// The phone says no more: the desk is told.
	await phone.getByRole("button", { name: /^取消/ }).click();
	await screen.getByText("手机上已取消").waitFor();
	screen.untroubled();
	phone.untroubled();
	await desk.close();
	await hand.close();
});

test("the pages: at four widths, by rule and by eye", async () => {
	const cars = await importCars(instance, 3), context = await newContext(browser, { viewport: DESKTOP, hasTouch: false }), hand = await newContext(browser);
	await adopt(context, instance, await journey(instance, cars[0], { stop: "front" }));
	const desk = await newPage(context, instance), phone = await newPage(hand, instance, { refused: true });
	await desk.open("/register/front");
	await inspect(desk, "handover-none");
	await desk.getByRole("button", { name: "显示二维码" }).first().click();
	await desk.getByRole("img", { name: "用手机扫描的二维码" }).waitFor();
	await inspect(desk, "handover-shown");
	const url = await desk.locator("a[href*='/c/']").getAttribute("href");
	await phone.goto(url);
	await inspect(phone, "handover-open");
	await phone.getByRole("button", { name: "继续", exact: true }).click();
	await phone.at("/register/front");
	await inspect(phone, "handover-phone");
	await desk.getByText("手机已连接").waitFor();
	await inspect(desk, "handover-connected");
	await phone.open("/handover");
	await inspect(phone, "handover-back");
	await desk.getByRole("button", { name: "取消", exact: true }).click();
	await desk.getByRole("button", { name: "显示二维码" }).first().waitFor();
	await phone.getByText("已取消").first().waitFor();
	await inspect(phone, "handover-cancelled");
	await phone.goto(url);
	assert.equal(new URL(phone.url()).pathname, "/handover", "whoever used it is told the same");
	await phone.open(`/c/${"A".repeat(24)}`);
	await inspect(phone, "handover-gone");
	await phone.open(await link(cars[1].vin, "--flow", "cancel"));
	await inspect(phone, "link-one");
	await phone.open(await link(...cars.map((car) => car.vin)));
	await inspect(phone, "link-several");
	await phone.getByRole("button", { name: /开始办理登记/ }).click();
	await phone.at("/register/vehicle");
	await inspect(phone, "link-cars");
	await phone.getByRole("button", { name: "下一步" }).first().click();
	await phone.getByText("请选择一辆车").first().waitFor();
	await inspect(phone, "link-cars-error");
	await phone.open("/e/used");
	await inspect(phone, "link-dead");
	await screenshot(phone, "link-dead", PHONE);
	await context.close();
	await hand.close();
});

test("the block: a card of its own on a wide screen, folded away on a phone", async () => {
	const [car] = await importCars(instance), context = await newContext(browser);
	await adopt(context, instance, await journey(instance, car, { stop: "front" }));
	const page = await newPage(context, instance);
	await page.open("/register/front");
	const wide = page.locator(".wide-only"), narrow = page.locator("details.narrow-only");
	for (const [width, card] of [[390, false], [899, false], [900, true], [1280, true]]) {
		await page.setViewportSize({ width, height: 900 });
		assert.equal(await wide.isVisible(), card, `${width} px`);
		assert.equal(await narrow.isVisible(), !card, `${width} px`);
	}
	await context.close();
});
