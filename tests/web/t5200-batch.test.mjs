// A batch of a company from its cars to the result: the three ways into the basket, what cannot be chosen and why, one submission, what
// becomes of each card, the result as a file, another try, withdrawing; and nothing of it for anybody else.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test, { afterEach } from "node:test";

import { atCars as atCarsOf, basket, FLOW, importFile, paste, tableBack, takeRight } from "./basket.mjs";
import { importCars, newVin } from "./cars.mjs";
import { cardStates, Instance, until } from "./client.mjs";
import { allTasks, carsStep, newCompany, signedIn, submitted as verifiedAndSubmitted, verified } from "./company.mjs";

const instance = Instance.shared();
afterEach(() => {
	instance.script("identity");
	instance.script("carrier");
});
const atCars = (...what) => atCarsOf(instance, ...what);

// All that stands in the parts of an XLSX file.
const parts = (file) => execFileSync("python3", ["-c", "import io, sys, zipfile\nz = zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read()))\nsys.stdout.buffer.write(b''.join(z.read(name) for name in z.namelist()))"], { input: file }).toString();
// From the basket to the page of the batch.
const submitted = (v) => allTasks(v).then(() => verifiedAndSubmitted(v));

test("the table: search, filters, ticks kept over pages, all that were found", async () => {
	const v = await atCars(55), [first] = v.cars;
	assert.ok(v.page.has("找到 55 辆"));
	assert.equal(v.page.values("car").length, 50);
	const ids = v.page.values("car");
	await v.post(`${FLOW}/cars`, [["action", "next"], ["shown", ids.join(",")], ["car", ids[0]], ["car", ids[1]]]);
	assert.equal(v.page.values("car").length, 5);
	assert.ok(v.page.has("已选 2 辆"));
	await v.post(`${FLOW}/cars`, [["action", "first"], ["shown", v.page.values("car").join(",")]]);
	assert.equal(v.page.html.match(/name="car"[^>]* checked/g).length, 2);
	await v.post(`${FLOW}/cars`, [["action", "keep"], ["shown", ids.join(",")], ["car", ids[1]]]);
	assert.equal(basket(v), 1, "what lost its tick goes");
	await v.post(`${FLOW}/cars`, [["action", "page"], ["shown", ids.join(",")]]);
	assert.equal(basket(v), 50, "all of this page, without script");
	await v.post(`${FLOW}/cars`, { action: "clear" });
	await v.post(`${FLOW}/cars`, { action: "search", q: first.vin.slice(3, 17).toLowerCase(), standing: "", model: "" });
	assert.equal(v.page.values("car").length, 1);
	assert.ok(!v.page.path.includes(first.vin.slice(3)), "no part of a VIN in the address");
	await v.post(`${FLOW}/cars`, { action: "search", q: "<>", standing: "", model: "" });
	assert.match(v.page.error("q"), /字母和数字/);
	await v.post(`${FLOW}/cars`, { action: "search", q: "", standing: "registered", model: "" });
	assert.ok(v.page.has("没有符合条件的车"));
	await v.post(`${FLOW}/cars`, { action: "search", q: "", standing: "fit", model: "没有这个" });
	assert.ok(v.page.has("找到 0 辆"));
	await v.post(`${FLOW}/cars`, { action: "search", q: "", standing: "", model: "" });
	await v.post(`${FLOW}/cars`, { action: "all", filter: v.page.value("filter") });
	assert.ok(v.page.has("已选 55 辆"));
	await v.post(`${FLOW}/cars`, { action: "clear" });
	assert.equal(basket(v), 0);
	await v.post(`${FLOW}/cars`, {});
	assert.match(v.page.error("all"), /请先选好/);
	v.close();
});

test("all that were found are those that this page found, whatever another tab looked for since", async () => {
	const v = await atCars(4), [one, two] = v.cars, search = (q) => v.post(`${FLOW}/cars`, { action: "search", q, standing: "", model: "" });
	await search(one.vin.slice(9));
	const shown = v.page, all = () => [["action", "all"], ["shown", shown.values("car").join(",")], ["car", shown.values("car")[0]], ["filter", shown.value("filter")]];
	assert.ok(shown.has("找到 1 辆"));
	await search("");
	assert.ok(v.page.has("找到 4 辆"), "another tab");
	const answer = await v.post(`${FLOW}/cars`, all());
	assert.equal(answer.status, 422);
	assert.equal(answer.error("all"), "条件在别的页面改过了，没有选上，请核对再选");
	assert.ok(answer.has("找到 4 辆") && answer.has("已选 0 辆"), answer.text);
	assert.equal(basket(v), 0);
	await search(two.vin.slice(9));
	assert.equal((await v.post(`${FLOW}/cars`, all())).value("q"), two.vin.slice(9), "what the table shows now");
	assert.equal((await v.post(`${FLOW}/cars`, { action: "all" })).status, 422, "a page of before");
	assert.equal(basket(v), 0);
	await search(one.vin.slice(9));
	await v.post(`${FLOW}/cars`, all());
	assert.equal(basket(v), 1, "the same again");
	v.close();
});

test("pasting: any separator, small letters, what is wrong is told and the rest comes in", async () => {
	const v = await atCars(3), [one, two, three] = v.cars, other = (await importCars(instance))[0];
	await paste(v, `${one.vin}，${two.vin.toLowerCase()}\n${one.vin}\t12345 ${other.vin}；${newVin()}`);
	assert.equal(v.page.status, 422);
	assert.ok(v.page.has("识别 6 个，可以办理 2 辆"), v.page.text);
	assert.ok(v.page.has("重复了") && v.page.has("17 位") && v.page.has("不在本企业名下"));
	assert.equal(basket(v), 2);
	await paste(v, three.vin);
	assert.equal(v.page.status, 200);
	assert.equal(basket(v), 3);
	instance.sql(`UPDATE vehicle SET owner_type = 'person' WHERE vin = '${three.vin}'`);
	await paste(v, three.vin);
	assert.ok(v.page.has("识别 1 个，可以办理 0 辆") && v.page.has("车主资料上是个人"), v.page.text);
	await paste(v, " ，。");
	assert.match(v.page.error("vins"), /没有找到/);
	await paste(v, Array.from({ length: 5000 }, (_, i) => `LTEST${String(i).padStart(12, "0")}`).join("\n"));
	assert.ok(v.page.has("识别 5000 个，可以办理 0 辆"), v.page.text.slice(0, 300));
	v.close();
});

test("importing: row numbers as in the file, the file given back with reasons, only the right ones on request", async () => {
	const v = await atCars(3), [one, two, three] = v.cars;
	await importFile(v, `序号,车架号,备注\n1,${one.vin},=1+1\n2,WRONG,b\n3,${two.vin},c\n4,${one.vin},d\n`);
	assert.equal(v.page.status, 422);
	assert.ok(v.page.has("还没有加入") && v.page.has("只加入正确的 2 辆"), v.page.text);
	assert.equal(basket(v), 0);
	const rows = [...v.page.html.matchAll(/data-label="行号">(\d+)</g)].map((m) => m[1]);
	assert.deepEqual(rows, ["3", "5"]);
	const back = await tableBack(v, "csv"), text = back.body.toString();
	assert.equal(back.status, 200);
	assert.match(back.headers["content-disposition"], /attachment/);
	assert.ok(text.startsWith("\ufeff") && text.includes("校验结果") && text.includes("原因") && text.includes("'=1+1"), text);
	assert.equal((await tableBack(v, "xlsx")).body.subarray(0, 2).toString(), "PK");
	await takeRight(v);
	assert.equal(v.page.path, `${FLOW}/cars`);
	assert.equal(basket(v), 2);
	await importFile(v, `VIN\n${three.vin}\n`);
	assert.equal(v.page.status, 200, v.page.text);
	assert.equal(basket(v), 3);
	await importFile(v, "车牌,颜色\n京A,红\n");
	assert.match(v.page.error("file"), /没有“车架号”.*车牌/);
	await importFile(v, "\x89PNG\r\n\x1a\n....");
	assert.match(v.page.error("file"), /不是表格/);
	for (const kind of ["csv", "xlsx"]) assert.equal((await v.request("GET", `${FLOW}/cars/template.${kind}`)).status, 200);
	assert.equal((await v.request("GET", `${FLOW}/cars/other.csv`)).status, 404);
	v.close();
});

test("only the right ones of the table that the page shows, whatever table another tab has sent since", async () => {
	const v = await atCars(3), [one, two, three] = v.cars, stranger = await atCars(1);
	const first = await importFile(v, `VIN\n${one.vin}\nWRONG1\n`);
	const second = await importFile(v, `VIN\n${two.vin}\n${three.vin}\nWRONG2\n`);
	const text = async (page) => (await tableBack(v, "csv", page)).body.toString();
	assert.ok((await text(first)).includes("WRONG1") && !(await text(first)).includes("WRONG2"));
	assert.ok((await text(second)).includes("WRONG2"));
	assert.equal((await tableBack(stranger, "csv", first)).status, 404, "a table of one's own only");
	for (const path of ["back.csv", "back.csv?table=x"]) assert.equal((await v.request("GET", `${FLOW}/cars/${path}`)).status, 404, path);
	await takeRight(v, first);
	assert.equal(basket(v), 1, "what the button said");
	await takeRight(v, second);
	assert.equal(basket(v), 3);
	for (const one of [v, stranger]) one.close();
});

test("a batch to its end: each card, the message at the end, the result, and who else may see it", async () => {
	const v = await atCars([{ cards: 2 }, { cards: 1 }]);
	await carsStep(v);
	await submitted(v);
	assert.match(v.page.path, /^\/fleet\/batch\/[0-9A-Z]{12}$/);
	assert.ok(v.page.has("2 辆车，3 张卡"), v.page.text);
	const states = await cardStates(instance, v.batch);
	assert.deepEqual(states, ["done", "done", "done"]);
	await v.get(`/fleet/batch/${v.batch}`);
	assert.equal(v.page.heading, "全部成功");
	for (const car of v.cars) assert.ok(v.page.html.includes(car.vin));
	assert.deepEqual((await v.json(`/fleet/batch/${v.batch}`)).json, { waiting: false, counts: { waiting: 0, review: 0, pushing: 0, done: 3, refused: 0, withdrawn: 0 } });
	const told = await until("the message at the end", () => instance.sms(v.number).find((m) => m.template === "2000019"));
	assert.deepEqual(told.parameters, [v.batch, "3", "0"]);
	for (const car of v.cars)
		for (const card of car.cards) {
			const [account] = instance.received("carrier").filter((m) => m.decrypted?.ICCID === card.iccid && m.decrypted.CustomerType);
			assert.equal(account.decrypted.CustomerType, "2");
			assert.equal(account.decrypted.CompanyName, v.company.name);
		}
	const csv = (await v.request("GET", `/fleet/batch/${v.batch}/result.csv`)).body.toString();
	assert.ok(csv.startsWith("\ufeff") && v.cars.every((car) => car.cards.every((card) => csv.includes(card.iccid))) && csv.includes("实名成功"), csv);
	const sheet = parts((await v.request("GET", `/fleet/batch/${v.batch}/result.xlsx`)).body);
	for (const text of ["车架号", "ICCID", "状态", "实名成功", ...v.cars.flatMap((car) => [car.vin, ...car.cards.map((card) => card.iccid)])]) assert.ok(sheet.includes(text), text);
	assert.equal((await v.get(`${FLOW}/done`)).path, `/fleet/batch/${v.batch}`);
	const stranger = await signedIn(instance, newCompany(instance));
	for (const path of ["", "/withdraw", "/result.csv", "/result.xlsx"]) assert.equal((await stranger.request("GET", `/fleet/batch/${v.batch}${path}`)).status, 404, path);
	await stranger.get("/fleet");
	for (const path of ["/withdraw", "/retry"]) assert.equal((await stranger.send(`/fleet/batch/${v.batch}${path}`)).status, 404, path);
	assert.equal(instance.value(`SELECT string_agg(DISTINCT standing, ',') FROM company_vehicle WHERE company_id = '${v.company.id}'`), "registered");
	stranger.close();
	v.close();
});

test("some cards are refused: reasons, and another try with those cars only", async () => {
	const v = await atCars(2), [bad] = v.cars;
	instance.script("carrier", [{ match: { iccid: bad.cards[0].iccid }, then: { result: "2", cause: "400" } }]);
	instance.sql(`UPDATE vehicle SET sales_time = 'yesterday' WHERE vin = '${bad.vin}'`);
	await carsStep(v);
	await submitted(v);
	await cardStates(instance, v.batch, ["done", "refused"]);
	await v.get(`/fleet/batch/${v.batch}`);
	assert.equal(v.page.heading, "部分成功");
	assert.ok(v.page.has("车辆资料不完整"));
	await v.get(`/fleet/batch/${v.batch}?show=refused`);
	assert.ok(v.page.html.includes(bad.vin) && !v.page.html.includes(v.cars[1].vin));
	await v.post(`/fleet/batch/${v.batch}/retry`);
	assert.match(v.page.path, /^\/fleet\/register\//, v.page.text);
	const drafts = () => instance.sql(`SELECT a.id, (SELECT string_agg(x.vin, ',') FROM batch_vehicle b JOIN vehicle x ON x.id = b.vehicle_id WHERE b.application_id = a.id) FROM application a JOIN application o ON o.id = a.retry_of WHERE o.number = '${v.batch}'`);
	assert.deepEqual(drafts().map(([, vins]) => vins), [bad.vin]);
	await v.get(`/fleet/batch/${v.batch}`);
	await v.post(`/fleet/batch/${v.batch}/retry`);
	assert.equal(drafts().length, 1, "pressed twice: the draft that is there");
	v.close();
});

test("a company that is not trusted waits for people; until then all of it can be withdrawn", async () => {
	const v = await atCars(2, { trusted: false });
	await carsStep(v);
	await submitted(v);
	assert.equal(v.page.heading, "这一批正在核验", v.page.text);
	await v.get(`/fleet/batch/${v.batch}/withdraw`);
	assert.ok(v.page.has("2 张卡还没有送到运营商"));
	await v.post(`/fleet/batch/${v.batch}/withdraw`);
	assert.equal(v.page.heading, "这一批已撤回");
	await v.post(`/fleet/batch/${v.batch}/withdraw`);
	assert.equal(v.page.heading, "这一批已撤回", "pressed twice");
	assert.ok(v.page.has("没有送出的已经撤回"), "and it worked");
	await v.get("/fleet");
	assert.ok(v.page.has("已撤回 2 张") && !v.page.has("失败"), v.page.text);
	const w = await atCars(1, { trusted: false });
	await carsStep(w);
	await submitted(w);
	await instance.ctl("company", "close", w.company.code, "--reason", "x");
	await assert.rejects(instance.ctl("company", "close", w.company.code, "--reason", "x"), /closed already/);
	await assert.rejects(instance.ctl("review", "approve", w.batch), /company is closed/);
	assert.deepEqual(instance.sql(`SELECT DISTINCT state FROM application_card WHERE application_id = (SELECT id FROM application WHERE number = '${w.batch}')`), [["review"]]);
	await instance.ctl("company", "reopen", w.company.code, "--reason", "x");
	// Approved, and closed before all of it was sent (test_batch): people end the rest.
	const x = await atCars(1, { trusted: false });
	await carsStep(x);
	await submitted(x);
	instance.sql(`UPDATE application SET push_decided_at = now() WHERE number = '${x.batch}'`);
	await assert.rejects(instance.ctl("review", "refuse", x.batch, "--reason", "x"), /approved already/);
	assert.ok((await instance.ctl("company", "close", x.company.code, "--reason", "x")).includes(`the rest of ${x.batch}`));
	for (const verb of ["approve", "ask"]) await assert.rejects(instance.ctl("review", verb, x.batch, ...(verb === "ask" ? ["authorisation"] : [])), /approved already/);
	assert.ok((await instance.ctl("review", "refuse", x.batch, "--reason", "x")).includes("1 cards are not sent any more"));
	assert.deepEqual(await cardStates(instance, x.batch, ["withdrawn"]), ["withdrawn"]);
	await assert.rejects(instance.ctl("review", "refuse", x.batch, "--reason", "x"), /approved already/);
	x.close();
	await w.get(`/fleet/batch/${w.batch}/withdraw`);
	await instance.ctl("review", "approve", w.batch);
	assert.deepEqual(await cardStates(instance, w.batch), ["done"]);
	assert.equal(instance.value(`SELECT trusted_at IS NOT NULL FROM company WHERE id = '${w.company.id}'`), "t");
	// Sent while the question stood there.
	await w.post(`/fleet/batch/${w.batch}/withdraw`);
	assert.ok(w.page.has("都已送到运营商，没有可以撤回的。") && !w.page.has("已经撤回"), w.page.text);
	assert.ok((await w.get(`/fleet/batch/${w.batch}/withdraw`)).has("都已送到运营商"));
	assert.ok(!(await w.get(`/fleet/batch/${w.batch}?said=withdrawn`)).has("已经撤回"));
	v.close();
	w.close();
});

test("another admin was faster: told before anything is sent", async () => {
	const v = await atCars(2);
	await carsStep(v);
	await allTasks(v);
	await verified(v);
	const page = await v.get(`${FLOW}/check`);
	assert.ok(page.has("这一批 2 辆车"));
	instance.sql(`INSERT INTO application_card (id, application_id, card_id, vehicle_id, state) SELECT gen_random_uuid(), (SELECT id FROM application WHERE submitted_at IS NOT NULL LIMIT 1), b.card_id, b.vehicle_id, 'review' FROM card_binding b JOIN vehicle x ON x.id = b.vehicle_id WHERE x.vin = '${v.cars[0].vin}'`);
	const answer = await v.post(`${FLOW}/check`, { token: page.value("token") });
	assert.equal(answer.status, 409);
	assert.ok(answer.has("这一批 1 辆车") && answer.has("正在办理"), answer.text);
	await v.submit();
	v.batch = v.page.path.split("/").pop();
	assert.deepEqual(await cardStates(instance, v.batch), ["done"]);
	v.close();
});
