// 我的信息: what is stored about a person, the copy, corrections, the withdrawal of the consent, deletion, and how long it is kept.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { inflateRawSync } from "node:zlib";

import { importCars } from "./cars.mjs";
import { cardStates, Instance, journey, newPhone, until, Visitor } from "./client.mjs";
import { clip, jpeg } from "./media.mjs";

const instance = Instance.shared();
const minute = () => instance.sql("UPDATE attempt SET at = at - interval '61 seconds' WHERE kind = 'sms.phone'");

// Signs in to 我的信息 with a code; count: which code of this phone it is.
async function signIn(phone, count) {
	minute();
	const v = new Visitor(instance), first = await v.get("/mine");
	assert.equal(first.path, "/records/phone?to=mine");
	await v.post("/records/phone?to=mine", { phone });
	assert.equal(v.page.path, "/records/code?to=mine");
	await v.post("/records/code?to=mine", { code: await instance.code(phone, count) });
	assert.equal(v.page.path, "/mine");
	return v;
}
const items = (page) => page.attributes("a", "href").filter((path) => path.startsWith("/mine/item/"));
const pictures = (page) => page.attributes("a", "href").filter((path) => path.startsWith("/mine/picture/"));

async function prove(v, item, number) {
	await v.get(`/mine/proof?item=${item.split("/").pop()}`);
	return v.post(`/mine/proof?item=${item.split("/").pop()}`, { last4: number.slice(-4) });
}

// A registered car, its person, and where that person is signed in and proved.
async function registered({ proved = true } = {}) {
	const [car] = await importCars(instance), phone = newPhone(), front = jpeg(`mine ${Math.random()}`);
	const j = await journey(instance, car, { phone, front });
	await cardStates(instance, j.application);
	j.close();
	const v = await signIn(phone, 2), [item] = items(v.page);
	if (proved) await prove(v, item, j.person.number);
	return { car, phone, front, v, item, id: item.split("/").pop(), person: j.person, number: j.application };
}

// A refused registration in the same way.
async function refused() {
	const [car] = await importCars(instance), phone = newPhone();
	instance.script("carrier", [{ match: { contains: car.cards[0].iccid }, then: { error: "400" } }]);
	const j = await journey(instance, car, { phone });
	await cardStates(instance, j.application, ["refused"]);
	instance.script("carrier", []);
	j.close();
	const v = await signIn(phone, 2), [item] = items(v.page);
	await prove(v, item, j.person.number);
	return { car, phone, v, item, id: item.split("/").pop(), person: j.person, number: j.application };
}

function filesOf(id) {
	return instance.sql(`SELECT storage_key FROM evidence WHERE application_id = '${id}'`).map(([key]) => join(instance.runDir, "evidence", key.slice(0, 2), key));
}

// The members of a zip by their names, read from its central directory.
function unzip(bytes) {
	const end = bytes.lastIndexOf(Buffer.from("PK\x05\x06")), found = {};
	for (let n = bytes.readUInt16LE(end + 10), at = bytes.readUInt32LE(end + 16); n > 0; n--) {
		assert.equal(bytes.readUInt32LE(at), 0x02014b50);
		const method = bytes.readUInt16LE(at + 10), packed = bytes.readUInt32LE(at + 20), length = bytes.readUInt16LE(at + 28), local = bytes.readUInt32LE(at + 42);
		const name = bytes.subarray(at + 46, at + 46 + length).toString();
		const from = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28), data = bytes.subarray(from, from + packed);
		found[name] = method === 8 ? inflateRawSync(data) : data;
		at += 46 + length + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
	}
	return found;
}

// Nothing that is sealed for this application can be opened any more, and no keyed hash tells who it was.
function isErased(id) {
	assert.deepEqual(instance.sql(`SELECT k.wrapped IS NULL, k.erased_at IS NOT NULL, a.phone_sealed IS NULL, a.phone_hash IS NULL FROM application a JOIN data_key k ON k.id = a.data_key_id WHERE a.id = '${id}'`), [["t", "t", "t", "t"]]);
	assert.equal(instance.value(`SELECT count(*) FROM application_party WHERE application_id = '${id}' AND (length(name_sealed) + length(number_sealed) + length(address_sealed) + length(number_hash) > 0 OR valid_until IS NOT NULL)`), "0");
	assert.equal(instance.value(`SELECT count(*) FROM reading WHERE application_id = '${id}' AND fields_sealed IS NOT NULL`), "0");
	assert.equal(instance.value(`SELECT count(*) FROM evidence WHERE application_id = '${id}' AND deleted_at IS NULL`), "0");
	assert.equal(instance.value(`SELECT count(*) FROM consent WHERE application_id = '${id}' AND (address <> '' OR browser <> '')`), "0");
	assert.deepEqual(filesOf(id).filter((path) => existsSync(path)), []);
	assert.ok(Number(instance.value(`SELECT count(*) FROM audit WHERE application_id = '${id}'`)) > 3, "the audit stays");
}

test("nobody who is not signed in sees anything; the place to return to is one of a table", async () => {
	const v = new Visitor(instance);
	for (const path of ["/mine", "/mine/item/00000000-0000-4000-8000-000000000000", "/mine/picture/00000000-0000-4000-8000-000000000000", "/mine/proof", "/mine/correct"])
		assert.equal((await v.request("GET", path)).headers.location, "/records/phone?to=mine", path);
	await v.get("/records/phone?to=https://example.org/");
	assert.deepEqual(v.page.attributes("form", "action").filter((path) => path.includes("phone")), ["/records/phone"]);
	for (const path of ["/mine/download", "/mine/delete", "/mine/withdraw"]) assert.equal((await v.send(path)).headers.location, "/records/phone?to=mine", path);
	v.close();
});

test("what is stored, in plain words; pictures only after the last 4 of the certificate", async () => {
	const { v, item, person, car, number, id } = await registered({ proved: false });
	const page = await v.get(item);
	for (const words of ["填写的内容", "提供给了谁", "做过的核验", "您同意过的文本", "人脸照片", "证件照片（正面）", "停止服务后再保存两年", "运营商", number, "版本"]) assert.ok(page.has(words), words);
	assert.ok(page.has("现在不能删除") && page.attributes("a", "href").includes("/cancel/notice"));
	for (const secret of [person.name, person.number, person.address, car.vin]) assert.ok(!page.html.includes(secret), "masked");
	assert.deepEqual(pictures(page), []);
	const [[picture]] = instance.sql(`SELECT id FROM evidence WHERE application_id = '${id}' LIMIT 1`);
	assert.equal((await v.request("GET", `/mine/picture/${picture}`)).headers.location, `/mine/proof?item=${id}`);
	assert.equal((await v.send("/mine/delete", { id })).headers.location, `/mine/proof?item=${id}`);
	await v.post(`/mine/proof?item=${id}`, { last4: "12" });
	assert.equal(v.page.status, 422);
	assert.ok(v.page.error("last4").includes("后 4 位"));
	await prove(v, item, person.number);
	assert.equal(v.page.path, item);
	assert.ok(pictures(v.page).length >= 3);
	const file = await v.request("GET", pictures(v.page)[0]);
	assert.equal(file.status, 200);
	assert.match(file.headers["content-type"], /^(image\/jpeg|video\/webm)$/);
	assert.ok(Number(instance.value(`SELECT count(*) FROM audit WHERE application_id = '${id}' AND action = 'own.picture'`)) === 1);
	instance.sql("UPDATE session SET own_proved_at = own_proved_at - interval '31 minutes' WHERE own_proved_at IS NOT NULL");
	assert.deepEqual(pictures(await v.get(item)), [], "the proof lasts half an hour");
	v.close();
});

test("tries at the last 4 are limited for the phone, also over sessions", async () => {
	const { v, phone, item, person } = await registered({ proved: false });
	const wrong = person.number.slice(-4) === "0000" ? "1111" : "0000";
	for (let left = 4; left >= 0; left--) {
		await prove(v, item, wrong);
		assert.equal(v.page.status, 422);
		assert.ok(v.page.error("last4").includes(left > 0 ? `还可以再试 ${left} 次` : "后再试"), v.page.error("last4"));
	}
	await prove(v, item, person.number);
	assert.equal(v.page.status, 422, "the right one comes too late");
	v.close();
	const w = await signIn(phone, 3);
	await prove(w, item, person.number);
	assert.equal(w.page.status, 422);
	instance.sql("UPDATE attempt SET at = at - interval '1 day' WHERE kind = 'own.proof'");
	assert.equal((await prove(w, item, person.number)).path, item);
	w.close();
});

test("two persons: nothing of the other", async () => {
	const a = await registered(), b = await registered();
	assert.deepEqual(items(await a.v.get("/mine")), [a.item]);
	assert.equal((await a.v.request("GET", b.item)).status, 404);
	const [[picture]] = instance.sql(`SELECT id FROM evidence WHERE application_id = '${b.id}' LIMIT 1`);
	assert.equal((await a.v.request("GET", `/mine/picture/${picture}`)).status, 404);
	assert.equal((await a.v.request("GET", `/mine/correct?item=${b.id}`)).status, 404);
	for (const path of ["/mine/delete", "/mine/withdraw", "/mine/download"]) assert.equal((await a.v.send(path, { id: b.id, confirm: "1" })).status, 404, path);
	for (const id of ["x", "", "00000000-0000-4000-8000-00000000000g", "'"]) assert.equal((await a.v.send("/mine/delete", { id, confirm: "1" })).status, 404);
	const mine = unzip((await a.v.send("/mine/download")).body);
	const text = mine["data.json"].toString();
	assert.ok(text.includes(a.number) && !text.includes(b.number) && !text.includes(b.person.number));
	assert.ok(Object.keys(mine).every((name) => name === "data.json" || name.startsWith(`${a.number}/`)));
	a.v.close();
	b.v.close();
});

test("the copy: everything in clear with the files, five a day", async () => {
	const { v, person, car, phone, number, id } = await registered();
	await v.get("/mine");
	const answer = await v.send("/mine/download");
	assert.equal(answer.status, 200);
	assert.equal(answer.headers["content-type"], "application/zip");
	assert.match(answer.headers["content-disposition"], /^attachment; filename="my-data-\d{8}\.zip"$/);
	assert.equal(answer.headers["cache-control"], "no-store");
	const files = unzip(answer.body), data = JSON.parse(files["data.json"]), [one] = data.办理;
	assert.equal(data.手机号, phone);
	assert.equal(data.办理.length, 1);
	assert.equal(one.编号, number);
	assert.deepEqual([one.登记人.姓名, one.登记人.证件号码, one.登记人.地址], [person.name, person.number, person.address]);
	assert.equal(one.车.车架号, car.vin);
	assert.equal(one.车联网卡[0].ICCID, car.cards[0].iccid);
	assert.ok(one.车联网卡[0].提供时间 && one.同意.length >= 4 && one.核验.length >= 2 && one.证件识别.length >= 2, JSON.stringify([one.同意.length, one.核验.length, one.证件识别.length]));
	const names = one.文件.map((file) => file.文件名);
	assert.ok(names.length >= 4);
	assert.deepEqual(Object.keys(files).sort(), ["data.json", ...names].sort());
	for (const name of names.filter((n) => n.endsWith(".jpg"))) assert.equal(files[name].subarray(0, 3).toString("hex"), "ffd8ff");
	assert.equal(instance.value(`SELECT count(*) FROM audit WHERE application_id = '${id}' AND action = 'own.copied'`), "1");
	await v.get("/mine");
	for (let n = 1; n < 5; n++) assert.equal((await v.send("/mine/download", { id })).status, 200);
	assert.ok((await v.post("/mine/download")).has("下载次数已用完"));
	v.close();
});

test("the copy of a manual review: the note, what was asked for, and what was sent", async () => {
	const [car] = await importCars(instance), phone = newPhone(), j = await journey(instance, car, { phone, stop: "consent" }), note = `我听不见 ${Math.random()}`;
	await j.post("/register/consent", { action: "manual" });
	await j.upload(j.page.uploadPath, jpeg("licence"));
	await j.post("/register/papers", { note });
	await j.agree();
	await j.submit();
	const number = j.page.text.match(/受理编号\s*([0-9A-Za-z-]+)/)[1];
	await cardStates(instance, number, ["review"]);
	await instance.ctl("review", "ask", number, "certificate_front", "--text", "人像面反光，请重拍");
	await instance.ctl("review", "ask", number, "other_photo");
	await j.get(`/supplement?number=${number}`);
	await j.upload(j.page.uploadPath, jpeg("once more"));
	await j.get(`/records/misuse/${number}`);
	await j.post(`/records/misuse/${number}`);
	const v = await signIn(phone, 2), [item] = items(v.page);
	await prove(v, item, j.person.number);
	const files = unzip((await v.send("/mine/download", { id: item.split("/").pop() })).body), [one] = JSON.parse(files["data.json"]).办理;
	assert.equal(one.给审核人员的话, note);
	assert.deepEqual(one.补充材料.map((s) => [s.材料, s.要求, !!s.提出时间, !!s.收到时间]), [["certificate_front", "人像面反光，请重拍", true, true], ["other_photo", one.补充材料[1].要求, true, false]]);
	assert.equal(one.不是我办的.length, 1);
	const fronts = one.文件.filter((file) => file.文件名.includes("certificate_front"));
	assert.equal(fronts.length, 2, "the picture before and the one that was asked for");
	assert.ok(one.文件.some((file) => file.内容 === "行驶证照片") && fronts.every((file) => files[file.文件名]));
	j.close();
	v.close();
});

test("a copy of some megabytes is whole, of a draft too", async () => {
	const [car] = await importCars(instance), phone = newPhone(), j = await journey(instance, car, { phone, stop: "liveness" }), sent = clip("large", 4_000_000);
	await j.clip(sent);
	const id = instance.value(`SELECT id FROM application WHERE id = ${j.draft}`), v = await signIn(phone, 2);
	await prove(v, `/mine/item/${id}`, j.person.number);
	const answer = await v.send("/mine/download", { id }), files = unzip(answer.body);
	assert.ok(answer.body.length > sent.length);
	assert.ok(files[Object.keys(files).find((name) => name.endsWith(".webm"))].equals(sent));
	j.close();
	v.close();
});

test("a correction: asked once, answered by staff, read by the person", async () => {
	const { v, id, item, person } = await registered(), path = `/mine/correct?item=${id}`, wanted = `正确地址 ${Math.random()}`;
	const form = await v.get(path);
	assert.ok(form.has("4S 店") && form.has("15 个工作日"));
	await v.post(path, { field: "number", wanted: "x" });
	assert.equal(v.page.status, 422);
	assert.deepEqual(Object.keys(v.page.errors), ["field", "wanted"]);
	await v.post(path, { field: "address", wanted });
	assert.equal(v.page.path, `${item}?done=asked`);
	const [[number]] = instance.sql(`SELECT number FROM correction WHERE application_id = '${id}'`);
	assert.ok(v.page.has(number) && v.page.has("正在处理"));
	await v.get(path);
	await v.post(path, { field: "address", wanted });
	assert.ok(v.page.error("field").includes("已提交过"));
	assert.ok(!instance.dump().includes(wanted), "sealed");
	assert.ok((await instance.ctl("correction", "list")).includes(number));
	assert.ok(!(await instance.ctl("correction", "list")).includes(wanted));
	assert.ok((await instance.ctl("correction", "list", "--reveal", "--reason", "test")).includes(wanted));
	await instance.ctl("correction", "answer", number, "请带证件到网点更正");
	await assert.rejects(instance.ctl("correction", "answer", number, "再答一次"));
	assert.ok((await v.get(item)).has("答复：请带证件到网点更正"));
	assert.ok(!(await instance.ctl("correction", "list")).includes(number));
	assert.ok(person);
	v.close();
});

test("the consent to the face withdrawn on a registration: the clip goes, the portrait stays with the reason", async () => {
	const { v, id, item } = await registered();
	const clip = instance.value(`SELECT storage_key FROM evidence WHERE application_id = '${id}' AND purpose = 'clip'`);
	const portrait = instance.value(`SELECT storage_key FROM evidence WHERE application_id = '${id}' AND purpose = 'portrait'`);
	const path = (key) => join(instance.runDir, "evidence", key.slice(0, 2), key);
	assert.ok(existsSync(path(clip)) && existsSync(path(portrait)));
	await v.get(item);
	await v.post("/mine/withdraw", { id });
	assert.ok(v.page.has("停止服务后两年") && v.page.has("会立刻删除"));
	assert.ok(existsSync(path(clip)), "nothing yet");
	await v.post("/mine/withdraw", { id, confirm: "1" });
	assert.equal(v.page.path, `${item}?done=withdrawn`);
	assert.ok(!existsSync(path(clip)) && existsSync(path(portrait)));
	assert.ok(v.page.has("撤回") && v.page.has("人脸照片") && !v.page.has("人脸核验录像"));
	assert.equal(instance.value(`SELECT count(*) FROM consent c JOIN agreement_text t ON t.id = c.agreement_text_id WHERE c.application_id = '${id}' AND c.withdrawn_at IS NOT NULL AND t.kind = 'face'`), "1");
	assert.equal(instance.value(`SELECT count(*) FROM consent WHERE application_id = '${id}' AND withdrawn_at IS NULL`) > 0, true, "only that one");
	assert.equal(instance.value(`SELECT count(*) FROM audit WHERE application_id = '${id}' AND action = 'consent.withdrawn'`), "1");
	v.close();
});

test("withdrawn in a draft: the verification is gone and is asked for again", async () => {
	const [car] = await importCars(instance), phone = newPhone(), j = await journey(instance, car, { phone, stop: "agreements" });
	const id = instance.value(`SELECT id FROM application WHERE id = ${j.draft}`), v = await signIn(phone, 2);
	await prove(v, `/mine/item/${id}`, j.person.number);
	await v.post("/mine/withdraw", { id, confirm: "1" });
	assert.equal(instance.value(`SELECT count(*) FROM evidence WHERE application_id = '${id}' AND purpose IN ('clip', 'portrait') AND deleted_at IS NULL`), "0");
	assert.deepEqual(filesOf(id).filter((path) => existsSync(path)).length, 2, "the pictures of the certificate stay");
	assert.equal((await j.get("/register/agreements")).path, "/register/consent");
	j.close();
	v.close();
});

test("a draft is deleted at once: cards, files, key; the browser that had it begins anew", async () => {
	const [car] = await importCars(instance), phone = newPhone(), j = await journey(instance, car, { phone, stop: "check" });
	const id = instance.value(`SELECT id FROM application WHERE id = ${j.draft}`), v = await signIn(phone, 2);
	assert.ok(filesOf(id).length >= 4 && filesOf(id).every((path) => existsSync(path)));
	await prove(v, `/mine/item/${id}`, j.person.number);
	const ask = await v.post("/mine/delete", { id });
	assert.ok(ask.has("不能恢复"));
	await v.post("/mine/delete", { id, confirm: "1" });
	assert.ok(v.page.path.startsWith("/mine") && v.page.has("已经删除") && v.page.has("没有保存您的信息"));
	isErased(id);
	assert.deepEqual(instance.sql(`SELECT DISTINCT state FROM application_card WHERE application_id = '${id}'`), [["expired"]]);
	assert.equal((await v.send("/mine/delete", { id, confirm: "1" })).status, 404, "pressed twice");
	assert.equal((await j.get("/register/check")).path, "/register/notice");
	j.close();
	v.close();
});

test("a refused application is deleted on request", async () => {
	const { v, id, item, number } = await refused();
	const page = await v.get(item);
	assert.ok(page.has("保存 90 天"));
	await v.post("/mine/delete", { id, confirm: "1" });
	assert.ok(v.page.has("已经删除"));
	isErased(id);
	assert.ok(!(await v.get("/records")).has(number));
	v.close();
});

test("what somebody disputes is not deleted by who applied for it, until that is settled; the page says why", async () => {
	const { v, id, item } = await refused();
	instance.sql(`INSERT INTO misuse_report (id, number, application_id) VALUES (gen_random_uuid(), gen_random_uuid()::text, '${id}')`);
	const page = await v.get(item);
	assert.ok(page.has("不是本人办理") && page.has("现在不能删除"));
	assert.ok(!page.attributes("form", "action").includes("/mine/delete"));
	await v.post("/mine/delete", { id, confirm: "1" });
	assert.equal(v.page.path, `${item}?done=kept`);
	assert.ok(filesOf(id).every((path) => existsSync(path)));
	instance.sql(`UPDATE misuse_report SET closed_at = now(), closed_by = 'operator:x', outcome = 'own' WHERE application_id = '${id}'`);
	await v.post("/mine/delete", { id, confirm: "1" });
	assert.ok(v.page.has("已经删除"));
	isErased(id);
	v.close();
});

test("what is registered is not deleted; after cancelling the day is told, and on that day everything goes", async () => {
	const { v, id, item, car, front, phone } = await registered();
	await v.post("/mine/delete", { id, confirm: "1" });
	assert.equal(v.page.path, `${item}?done=kept`);
	assert.equal(instance.value(`SELECT count(*) FROM application WHERE id = '${id}' AND erased_at IS NULL`), "1");
	assert.throws(() => instance.sql(`SET ROLE realname_web; SELECT application_erase('${id}', 90, true)`), /insufficient|rules want/, "nor by the web program's rights");
	minute();
	const c = await journey(instance, car, { flow: "cancel", front, phone: newPhone() });
	await cardStates(instance, c.application);
	const cancelId = instance.value(`SELECT id FROM application WHERE number = '${c.application}'`);
	c.close();
	const day = instance.value(`SELECT to_char((ended_at + interval '2 years') AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD') FROM registration WHERE from_application_id = '${id}'`);
	const page = await v.get(item);
	assert.ok(page.has(day) && page.has("自动删除"), day);
	instance.sql(`UPDATE registration SET ended_at = ended_at - interval '2 years 1 day', began_at = began_at - interval '3 years' WHERE from_application_id = '${id}'`);
	instance.sql("UPDATE job_schedule SET next_at = now() WHERE kind = 'retention'");
	await until("the retention job", () => instance.value(`SELECT count(*) FROM application WHERE id IN ('${id}', '${cancelId}') AND erased_at IS NOT NULL`) === "2");
	await until("files gone", () => filesOf(id).concat(filesOf(cancelId)).every((path) => !existsSync(path)));
	isErased(id);
	isErased(cancelId);
	assert.equal((await v.get("/mine")).has("没有保存您的信息"), true);
	assert.ok(phone);
	v.close();
});
