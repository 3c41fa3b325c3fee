// Lists of cars in a browser: what is wrong with a spreadsheet, ticks that outlive another form of the page, and the same without script and
// with the browser's Back.
import assert from "node:assert/strict";
import test, { afterEach } from "node:test";

import { atCars, basket, FLOW } from "../web/basket.mjs";
import { xlsx } from "../web/tables.mjs";
import { DESKTOP, Instance, adopt, inspect, newContext, newPage, testBrowser } from "./browser.mjs";

const instance = Instance.shared(), browser = testBrowser();
afterEach(() => instance.script("identity"));

async function desk(v, options = {}) {
	const context = await newContext(browser, { viewport: DESKTOP, ...options }), page = await newPage(context, instance, { refused: true });
	await adopt(context, instance, v);
	await page.open(`${FLOW}/cars`);
	return page;
}
const sheet = (buffer) => ({ name: "车辆.xlsx", mimeType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", buffer });

test("a spreadsheet with many faults: told by row, and what was hidden", async () => {
	const v = await atCars(instance, 4), [one, two, three] = v.cars, page = await desk(v);
	await page.setInputFiles("#file", sheet(xlsx([["备注", "ICCID", "车架号"], ["", { number: "8.9860012345678899E+19" }, one.vin], ["", "", two.vin], ["", "", two.vin], ["", one.cards[0].iccid, three.vin], ["x", "", { formula: "A1" }], ["x", "", "LSVAA"]], { hidden: [3], columns: '<col min="1" max="1" hidden="1"/>', sheets: ["一月", "二月"] })));
	await page.getByRole("button", { name: "上传" }).click();
	await page.getByRole("button", { name: "只加入正确的 1 辆" }).waitFor();
	await inspect(page, "lists-faults");
	await page.goBack();
	await page.getByRole("heading", { name: "选择车辆" }).waitFor();
	await page.setInputFiles("#file", sheet(Buffer.from("PK\x03\x04 broken")));
	await page.getByRole("button", { name: "上传" }).click();
	await page.locator("#file-error").waitFor();
	await inspect(page, "lists-broken");
	page.untroubled();
	await page.context().close();
});

test("ticks that were not saved outlive a paste and an import", async () => {
	const v = await atCars(instance, 4), page = await desk(v), vins = await page.locator("td.mono").allTextContents();
	await page.locator("input[name=car]").nth(0).check({ force: true });
	await page.locator("#vins").fill(vins[1]);
	await page.getByRole("button", { name: "加入", exact: true }).click();
	await page.getByText("现在一共选了 2 辆").waitFor();
	await page.goBack();
	await page.locator("#file").waitFor();
	await page.reload();
	await page.locator("input[name=car]").nth(2).check({ force: true });
	await page.setInputFiles("#file", sheet(xlsx([["VIN"], [vins[3]]])));
	await page.getByRole("button", { name: "上传" }).click();
	await page.getByText("现在一共选了 4 辆").waitFor();
	assert.equal(basket(v), 4);
	page.untroubled();
	await page.context().close();
});

test("pressed twice while unsaved ticks are kept: the paste goes once", async () => {
	const v = await atCars(instance, 4), page = await desk(v), vins = await page.locator("td.mono").allTextContents(), pastes = () => page.watch.requests.filter((one) => /^POST .*\/upload\/cars/.test(one)).length;
	let go;
	const gone = new Promise((done) => (go = done));
	await page.route((url) => url.pathname === `${FLOW}/cars`, (route) => (route.request().method() === "POST" ? gone.then(() => route.continue()) : route.continue()));
	await page.locator("input[name=car]").nth(0).check({ force: true });
	await page.locator("#vins").fill(vins[1]);
	const button = page.getByRole("button", { name: "加入", exact: true });
	const kept = page.waitForRequest((request) => request.method() === "POST");
	for (let n = 0; n < 2; n++) await button.click({ noWaitAfter: true });
	await kept;
	assert.equal(page.watch.requests.filter((one) => one.startsWith("POST ")).length, 1, "the ticks, once");
	go();
	await page.getByText("现在一共选了 2 辆").waitFor();
	assert.equal(pastes(), 1);
	page.untroubled();
	await page.context().close();
});

test("without script: search, tick, paste, import, Back, and on", async () => {
	const v = await atCars(instance, 3), page = await desk(v, { javaScriptEnabled: false }), vins = await page.locator("td.mono").allTextContents();
	await page.locator("#q").fill(vins[0].slice(-6));
	await page.getByRole("button", { name: "查找" }).click();
	await page.getByText("找到 1 辆").waitFor();
	await page.locator("input[name=car]").check({ force: true });
	await page.locator("#q").fill("");
	await page.getByRole("button", { name: "查找" }).click();
	await page.getByText("已选 1 辆").waitFor();
	await page.locator("#vins").fill(`${vins[1]} 123`);
	await page.getByRole("button", { name: "加入", exact: true }).click();
	await page.getByText("现在一共选了 2 辆").waitFor();
	await page.goBack();
	await page.getByText("已选 2 辆").waitFor();
	await page.setInputFiles("#file", sheet(xlsx([["VIN"], [vins[2]], ["X"]])));
	await page.getByRole("button", { name: "上传" }).click();
	await page.getByRole("button", { name: "只加入正确的 1 辆" }).click();
	await page.getByText("已选 3 辆").waitFor();
	await page.getByRole("button", { name: "下一步" }).click();
	await page.waitForURL(`**${FLOW}/tasks`);
	await page.goBack();
	await page.getByText("已选 3 辆").waitFor();
	assert.equal(basket(v), 3);
	page.untroubled();
	await page.context().close();
});
