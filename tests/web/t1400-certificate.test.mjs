// 身份证上传: what is wrong with a file or a picture is told in words, the provider's troubles are nobody's fault, and other
// certificates go to people.
import assert from "node:assert/strict";
import test, { afterEach } from "node:test";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey, newIdNumber, until, Visitor } from "./client.mjs";
import { heic, hugePng, jpeg, jpegWithComment, truncated } from "./media.mjs";

const instance = Instance.shared();
afterEach(() => instance.script("identity"));

async function atFront() {
	const [car] = await importCars(instance);
	return journey(instance, car, { stop: "front" });
}
const seed = () => String(Math.random());

test("a file that is no usable picture: each its message, on the page and as JSON", async () => {
	const v = await atFront(), path = () => v.page.uploadPath;
	for (const [name, file, message] of [
		["heic", heic(), /HEIC/], ["text", Buffer.from("<html>not a picture</html>".repeat(50)), /JPG、PNG 或 BMP/], ["truncated", truncated(seed()), /打不开/],
		["huge pixels", hugePng(), /像素太高/], ["too big", Buffer.concat([jpeg(seed()), Buffer.alloc(10 << 20)]), /不能超过 10MB/], ["empty", Buffer.alloc(0), /请拍摄或选择|是空的/],
	]) {
		await v.get("/register/front");
		const page = await v.upload(path(), file);
		assert.equal(page.status, 422, name);
		assert.match(page.error("file") ?? "", message, name);
		assert.match(page.errors.file ?? "", message, `${name} in the summary`);
		const answer = await v.upload(path(), file, { json: true });
		assert.equal(answer.status, 422, name);
		assert.equal(answer.json.errors[0].field, "file");
		assert.match(answer.json.errors[0].text, message);
	}
	assert.equal(instance.value(`SELECT count(*) FROM evidence e JOIN application a ON a.id = e.application_id WHERE a.id = ${v.draft}`), "0", "nothing of it is kept");
	await v.picture("front", jpeg(seed()));
	assert.equal(v.page.path, "/register/back", "a good one goes on");
	v.close();
});

test("a picture is kept as a new JPEG: what was hidden in it is gone", async () => {
	const v = await atFront();
	await v.picture("front", jpegWithComment(seed(), "GPS 39.9042N 116.4074E"), { next: false });
	const picture = await v.request("GET", "/register/picture/front");
	assert.equal(picture.status, 200);
	assert.equal(picture.headers["content-type"], "image/jpeg");
	assert.equal(picture.headers["cache-control"], "no-store");
	assert.equal(picture.body.subarray(0, 3).toString("hex"), "ffd8ff");
	assert.ok(!picture.body.includes("GPS 39"));
	v.close();
});

test("the kind of a file is told by its bytes: a picture named .txt is a picture", async () => {
	const v = await atFront();
	await v.upload(v.page.uploadPath, jpeg(seed()), { filename: "notes.txt", type: "text/plain" });
	await v.settled("/register/front");
	assert.ok(v.page.has("已识别"));
	v.close();
});

test("a picture that the reader refuses: the cause, a try less, and the same picture is not paid for twice", async () => {
	const v = await atFront(), bad = jpeg(seed());
	for (const [warning, message] of [[-9107, /反光/], [-9102, /原件/], [-9101, /四个角/], [-9109, /过有效期/], [-8001, /模糊/]]) {
		instance.script("identity", [{ match: { action: "IDCardOCR" }, then: { warn: [warning] } }]);
		await v.get("/register/front");
		const file = warning === -9107 ? bad : jpeg(seed());
		await v.upload(v.page.uploadPath, file);
		const page = await v.settled("/register/front");
		assert.ok(page.html.includes("note bad"), `${warning}: ${page.text}`);
		assert.match(page.text, message, String(warning));
	}
	const calls = instance.received("identity").length;
	await v.get("/register/front");
	assert.match((await v.upload(v.page.uploadPath, bad)).error("file"), /刚才没有通过/);
	assert.equal(instance.received("identity").length, calls, "the provider was not asked");
	for (const [code, message] of [["FailedOperation.ImageNoIdCard", /没有识别到身份证/], ["FailedOperation.MultiCardError", /不止一张/]]) {
		instance.script("identity", [{ match: { action: "IDCardOCR" }, then: { error: code } }]);
		await v.get("/register/front");
		await v.upload(v.page.uploadPath, jpeg(seed()));
		assert.match((await v.settled("/register/front")).text, message);
	}
	assert.match(v.page.text, /还可以再试 3 次/, "seven of ten");
	instance.script("identity");
	await v.picture("front", jpeg(seed()));
	assert.equal(v.page.path, "/register/back");
	v.close();
});

test("tries of a phone run out over its drafts, and come back with time", async () => {
	const v = await atFront();
	instance.script("identity", [{ match: { action: "IDCardOCR" }, then: { error: "FailedOperation.ImageBlur" } }]);
	for (let n = 0; n < 10; n++) {
		await v.get("/register/front");
		await v.upload(v.page.uploadPath, jpeg(seed()));
		await v.settled("/register/front");
	}
	instance.script("identity");
	await v.get("/register/front");
	assert.match((await v.upload(v.page.uploadPath, jpeg(seed()))).error("file"), /次数已用完/);
	const mine = `(SELECT id FROM application WHERE phone_hash = (SELECT phone_hash FROM application WHERE id = ${v.draft}))`;
	instance.sql(`UPDATE reading SET created_at = created_at - interval '7 hours' WHERE application_id IN ${mine}`);
	await v.picture("front", jpeg(seed()));
	assert.equal(v.page.path, "/register/back");
	v.close();
});

test("a provider in trouble: no try is lost, the picture stays, reading again or typing in leads on", async () => {
	const v = await atFront();
	for (const [name, then, rule] of [
		["error", { error: "InternalError" }], ["http 500", { status: 500, body: "oops" }], ["garbage", { garbage: true }], ["cut", { cut: true }],
		["truncated", { truncate: 20 }], ["wrong types", { wrong_type: true }], ["a bill of ours", { error: "FailedOperation.ArrearsError" }],
	]) {
		instance.script("identity", [{ match: { action: "IDCardOCR" }, then, ...rule }]);
		await v.get("/register/front");
		await v.upload(v.page.uploadPath, jpeg(seed()));
		const page = await v.settled("/register/front");
		assert.ok(page.has("不计入次数"), `${name}: ${page.text}`);
		assert.ok(!/还可以再试 \d+ 次/.test(page.text), name);
		assert.match(page.html, /picture\/front/, "the picture is there");
	}
	// A slow answer is waited for and is an answer.
	instance.script("identity", [{ match: { action: "IDCardOCR" }, times: 1, delay_ms: 1500, then: { pass: true } }]);
	const reads = () => instance.received("identity").filter((m) => m.action === "IDCardOCR").length, before = reads();
	await v.post("/register/front", { action: "retry" });
	await v.settled("/register/front");
	assert.ok(v.page.has("已识别"));
	assert.equal(reads(), before + 1, "reads again");
	const file = jpeg(seed());
	instance.script("identity", [{ match: { action: "IDCardOCR" }, times: 1, then: { error: "InternalError" } }]);
	await v.upload(v.page.uploadPath, file);
	await v.settled("/register/front");
	await v.post("/register/front", { action: "retry" });
	await v.settled("/register/front");
	const then = reads();
	await v.upload(v.page.uploadPath, file);
	assert.ok(v.page.has("已识别") && !v.page.waiting);
	assert.equal(reads(), then, "the same once more is not read once more");
	v.close();
});

test("typed in by hand because the reader is away: review, approved, done", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "front" });
	instance.script("identity", [{ match: { action: "IDCardOCR" }, then: { status: 503, body: "" } }]);
	for (const [side, next] of [["front", "back"], ["back", "identity"]]) {
		await v.get(`/register/${side}`);
		await v.upload(v.page.uploadPath, jpeg(seed()));
		await v.settled(`/register/${side}`);
		await v.post(`/register/${side}`, { action: "manual" });
		assert.equal(v.page.path, `/register/${next}`);
	}
	assert.ok(v.page.has("由工作人员审核"));
	const typed = newIdNumber();
	await v.identity({ name: "钱手写", number: typed, address: "北京市朝阳区测试路 1 号", valid_from: "2015-08-01", valid_until: "2035-08-01" });
	instance.script("identity");
	await v.consent();
	await v.clip();
	await v.agree();
	const done = await v.submit();
	assert.equal(done.path, "/register/done", done.text);
	const number = done.text.match(/受理编号\s*([0-9A-Za-z-]+)/)[1];
	await cardStates(instance, number, ["review"]);
	assert.equal(instance.value(`SELECT array_to_string(review_reasons, ',') FROM application WHERE number = '${number}'`), "not_read");
	const shown = await instance.ctl("review", "show", number);
	assert.ok(!shown.includes(typed) && !shown.includes("钱手写"), "masked");
	await instance.ctl("review", "approve", number);
	await cardStates(instance, number);
	assert.equal(instance.received("carrier").find((m) => m.decrypted?.ICCID === car.cards[0].iccid).decrypted.CustomerName, "钱手写");
	await until("the result", () => instance.sms(v.number).some((m) => m.template === "2000002"));
	v.close();
});

test("a passport: one side, typed in, review; a refusal shows its reason", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "front" });
	await v.post("/register/front", { action: "type", type: "PASSPORT_FOREIGN" });
	assert.ok(v.page.has("外国公民护照"));
	const calls = instance.received("identity").filter((m) => m.action === "IDCardOCR").length;
	await v.picture("front", jpeg(seed()));
	assert.equal(v.page.path, "/register/identity", "no other side");
	assert.equal(instance.received("identity").filter((m) => m.action === "IDCardOCR").length, calls, "not read as an identity card");
	await v.identity({ name: "ANNA TESTPERSON", number: "E12345678", address: "Beijing Chaoyang District 1", valid_from: "2020-01-01", valid_until: "2035-01-01" });
	assert.equal(v.page.path, "/register/consent");
	await v.consent();
	await v.clip();
	assert.ok(instance.received("identity").some((m) => m.action === "LivenessCompare"), "compared with the picture, not with a register");
	await v.agree();
	const number = (await v.submit()).text.match(/受理编号\s*([0-9A-Za-z-]+)/)[1];
	assert.ok(v.page.has("审核"));
	await cardStates(instance, number, ["review"]);
	await instance.ctl("review", "refuse", number, "--reason", "照片不清楚");
	await cardStates(instance, number, ["refused"]);
	assert.equal(instance.received("carrier").filter((m) => m.decrypted?.ICCID === car.cards[0].iccid).length, 0);
	const list = await v.get("/records");
	assert.ok(list.has("未通过") && list.has("原因："), list.text);
	await until("told by SMS", () => instance.sms(v.number).some((m) => m.template === "2000003"));
	// The card is free again.
	const again = await journey(instance, car);
	await cardStates(instance, again.application);
	v.close();
	again.close();
});

test("what a person corrects is kept beside the reading and goes to review", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { changes: { name: "改过的名", number: newIdNumber() } });
	await cardStates(instance, v.application, ["review"]);
	const [[edited, reasons]] = instance.sql(`SELECT array_to_string(p.edited, ','), array_to_string(a.review_reasons, ',') FROM application a JOIN application_party p ON p.application_id = a.id WHERE a.number = '${v.application}'`);
	assert.deepEqual([edited, reasons.split(",").sort()], ["name,number", ["name_edited", "number_edited"]]);
	v.close();
});

test("each wrong field of the identity page: a message beside it, all kept", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "identity" });
	const good = Object.fromEntries(["name", "number", "address", "valid_from", "valid_until"].map((name) => [name, v.page.value(name)]));
	const dates = { valid_from: "2015-08-01", valid_until: "2035-08-01" };
	for (const [field, value, message] of [
		["name", "", /请输入姓名/], ["name", "李", /2 到 50/], ["name", "李4", /数字或符号/], ["number", "", /请输入身份证号/], ["number", "110101900307461", /18 位/],
		["number", "110101199003074611", /核对第 \d+ 位/], ["number", "110101199013074610", /核对第 \d+ 位/], ["address", "", /请输入证件上的地址/], ["address", "短", /至少 6 个字/],
		["valid_from", "yesterday", /日期不正确/], ["valid_until", "2035-02-30", /日期不正确/], ["valid_until", "", /请输入日期/], ["valid_until", "2010-01-01", /早于开始日期/],
	]) {
		const page = await v.post("/register/identity", { ...good, ...dates, [field]: value });
		assert.equal(page.status, 422, `${field}=${value}`);
		assert.match(page.error(field) ?? "", message, `${field}=${value}`);
		assert.match(page.errors[field] ?? "", message);
		assert.equal(page.value(field), value, "what was typed stays");
		if (field !== "address") assert.equal(page.value("address"), good.address);
	}
	await v.post("/register/identity", { ...good, ...dates, valid_until: "长期" });
	assert.equal(v.page.status, 200, "as it is printed");
	assert.equal(instance.value(`SELECT long_term AND valid_until IS NULL FROM application_party WHERE application_id = ${v.draft}`), "t");
	v.close();
});

test("a page that waits has a link to press when the script did not load", async () => {
	const v = await atFront();
	await v.picture("front", jpeg(seed()), { next: false });
	instance.sql(`UPDATE reading SET state = 'waiting' WHERE application_id = ${v.draft}; UPDATE application SET front_ready_at = NULL WHERE id = ${v.draft}`);
	await v.get("/register/front");
	assert.ok(v.page.has("正在识别"));
	const [, link] = /<a href="([^"]+)">等了很久？/.exec(v.page.html);
	instance.sql(`UPDATE reading SET state = 'done' WHERE application_id = ${v.draft}; UPDATE application SET front_ready_at = now() WHERE id = ${v.draft}`);
	assert.ok((await v.get(link)).has("已识别") || v.page.path !== "/register/front", v.page.text);
	v.close();
});

test("nobody else sees a picture", async () => {
	const v = await atFront();
	await v.picture("front", jpeg(seed()), { next: false });
	const stranger = new Visitor(instance);
	const answer = await stranger.request("GET", "/register/picture/front?v=1");
	assert.equal(answer.status, 303);
	assert.equal(answer.body.length, 0);
	v.close();
	stranger.close();
});
