// The tasks of a company's batch: certificate, letter, responsible person, attachments, in any order; what is wrong with each is told.
import assert from "node:assert/strict";
import test, { afterEach } from "node:test";

import { Instance, newPhone, Visitor } from "./client.mjs";
import { allTasks, attachmentsTask, carsStep, companyCars, companyTask, letterTask, newCode, newCompany, personTask, scriptLicence, signedIn } from "./company.mjs";
import { heic, jpeg, pdf } from "./media.mjs";
import { PIECE, TUS } from "./tus.mjs";

const instance = Instance.shared();
afterEach(() => instance.script("identity"));
const seed = () => String(Math.random());

async function atTasks(options = {}) {
	const company = newCompany(instance, options), v = await signedIn(instance, company);
	scriptLicence(instance, company);
	await v.begin();
	await v.get("/fleet/register/tasks");
	assert.equal(v.page.path, "/fleet/register/tasks", v.page.text);
	return v;
}
const draft = (v) => `(SELECT a.id FROM application a WHERE a.company_id = '${v.company.id}' ORDER BY a.created_at DESC LIMIT 1)`;
const states = (page) => [...page.html.matchAll(/<em class="status [a-z]*">([^<]*)</g)].map((m) => m[1]);

test("four tasks in any order, each with its state; then on to the verification of the responsible person", async () => {
	const v = await atTasks();
	assert.deepEqual(states(v.page), ["未开始", "未开始", "未开始", "未开始"]);
	assert.equal((await v.get("/fleet/register/consent")).path, "/fleet/register/tasks", "not before the tasks");
	await attachmentsTask(v, [jpeg(seed()), pdf(["一", "二"])]);
	assert.equal(v.page.path, "/fleet/register/tasks");
	assert.deepEqual(states(v.page), ["未开始", "未开始", "未开始", "已完成"]);
	await v.get("/fleet/register/front");
	await v.picture("front", jpeg(seed()));
	assert.equal(v.page.path, "/fleet/register/back", "on within the task");
	assert.deepEqual(states(await v.get("/fleet/register/tasks")), ["未开始", "未开始", "进行中", "已完成"]);
	await personTask(v);
	assert.deepEqual(states(v.page), ["未开始", "未开始", "已完成", "已完成"]);
	await companyTask(v);
	assert.deepEqual(states(v.page), ["已完成", "未开始", "已完成", "已完成"]);
	await letterTask(v, v.person.name);
	assert.equal(v.page.path, "/fleet/register/consent", v.page.text);
	const roles = instance.sql(`SELECT role, certificate_type, telephone_sealed IS NOT NULL, postal_address_sealed IS NOT NULL FROM application_party WHERE application_id = ${draft(v)} ORDER BY role`);
	assert.deepEqual(roles, [["organisation", "BIZ_LICENSE", "f", "t"], ["responsible_person", "ID_CARD", "t", "f"]]);
	v.close();
});

test("the certificate is read; what was read may be mended; a PDF is read by its first page", async () => {
	const v = await atTasks();
	await companyTask(v, { file: pdf(["营业执照", "第二页"]) });
	assert.equal(v.page.path, "/fleet/register/tasks", JSON.stringify(v.page.errors));
	assert.equal(v.typed.name, v.company.name);
	assert.equal(v.typed.code, v.company.code);
	assert.equal(v.typed.long_term, "1");
	const [[original, pages]] = instance.sql(`SELECT media_type, (SELECT count(*) FROM evidence p WHERE p.page_of = e.id) FROM evidence e JOIN application a ON a.business_licence_evidence_id = e.id WHERE a.id = ${draft(v)}`);
	assert.deepEqual([original, pages], ["application/pdf", "2"]);
	for (const page of [1, 2]) {
		const picture = await v.request("GET", `/fleet/register/picture/business?page=${page}`);
		assert.equal(picture.headers["content-type"], "image/jpeg");
		assert.equal(picture.body.subarray(0, 3).toString("hex"), "ffd8ff");
	}
	for (const page of [0, 3, -1, 9999999999]) assert.equal((await v.request("GET", `/fleet/register/picture/business?page=${page}`)).status, 404, page);
	const sent = instance.received("identity").filter((m) => m.action === "BizLicenseOCR");
	assert.ok(sent.length > 0);
	v.close();
});

test("a certificate of another company, one that ran out, a wrong check digit, a kind that does not fit", async () => {
	const v = await atTasks();
	await companyTask(v, { changes: { code: newCode() } });
	assert.match(v.page.error("code"), new RegExp(v.company.code));
	await v.post("/fleet/register/company", { ...v.typed, code: v.company.code, long_term: "", valid_until: "2020-01-01" });
	assert.match(v.page.error("valid_until"), /过有效期/);
	assert.equal(v.page.value("name"), v.company.name, "what was typed is kept");
	await v.post("/fleet/register/company", { ...v.typed, code: v.company.code, type: "INSTITUTION" });
	assert.match(v.page.error("type"), /不符/);
	await v.post("/fleet/register/company", { ...v.typed, code: v.company.code, type: "INSTITUTION", sure: "1" });
	assert.equal(v.page.path, "/fleet/register/tasks");
	for (const [name, value, message] of [["name", "", /单位名称/], ["code", "91", /./], ["address", "短", /地址/], ["valid_until", "明天", /日期/]]) {
		await v.post("/fleet/register/company", { ...v.typed, code: v.company.code, long_term: name === "valid_until" ? "" : "1", [name]: value });
		assert.match(v.page.error(name) ?? "", message, name);
	}
	v.close();
	// A code of early days whose check digit is wrong.
	const good = newCode(), odd = good.slice(0, 17) + (good[17] === "A" ? "B" : "A"), w = await atTasks({ code: odd });
	await companyTask(w);
	assert.match(w.page.error("code"), /校验位/);
	await w.post("/fleet/register/company", { ...w.typed, sure: "1" });
	assert.equal(w.page.path, "/fleet/register/tasks");
	w.close();
});

test("a certificate that cannot be read is typed in; a reader that is away can be asked again", async () => {
	const v = await atTasks();
	scriptLicence(instance, v.company, {}, [{ match: { action: "BizLicenseOCR" }, times: 1, then: { error: "FailedOperation.ImageNoText" } }]);
	await v.get("/fleet/register/company");
	await v.upload(v.page.uploadPath, jpeg(seed()));
	await v.settled("/fleet/register/company");
	assert.ok(v.page.has("没有识别出"), v.page.text);
	instance.script("identity", [{ match: { action: "BizLicenseOCR" }, then: { status: 503, body: "" } }]);
	await v.get("/fleet/register/company");
	await v.upload(v.page.attributes("form", "action").find((path) => path.includes("/upload/")), jpeg(seed()));
	await v.settled("/fleet/register/company");
	assert.ok(v.page.has("识别服务繁忙"), v.page.text);
	scriptLicence(instance, v.company);
	await v.post("/fleet/register/company", { action: "retry" });
	await v.settled("/fleet/register/company");
	assert.equal(v.page.value("code"), v.company.code);
	v.close();
});

test("a letter for somebody else than the responsible person: told at once, whichever came last", async () => {
	const v = await atTasks();
	await letterTask(v, "");
	assert.match(v.page.error("person"), /姓名/);
	await v.post("/fleet/register/letter", { person: "王别人" });
	assert.match(v.page.error("checked"), /核对/);
	await v.post("/fleet/register/letter", { person: "王别人", checked: "1" });
	instance.remember("王别人");
	assert.deepEqual(states(v.page), ["未开始", "已完成", "未开始", "未开始"]);
	await personTask(v);
	assert.deepEqual(states(v.page), ["未开始", "需修改", "已完成", "未开始"], "the letter is of another");
	const page = await v.get("/fleet/register/letter");
	assert.ok(page.has("王别人") && page.has(v.person.name));
	await v.post("/fleet/register/letter", { person: "王别人", checked: "1" });
	assert.match(v.page.error("person"), /不一致/);
	await v.post("/fleet/register/letter", { person: v.person.name, checked: "1" });
	assert.deepEqual(states(v.page), ["未开始", "已完成", "已完成", "未开始"]);
	v.close();
});

test("the letter to be printed has the company's data and the batch", async () => {
	const v = await atTasks();
	let page = await v.get("/fleet/register/print/letter");
	assert.ok(page.has(v.company.name) && page.has(v.company.code), page.text);
	await companyTask(v);
	await personTask(v);
	page = await v.get("/fleet/register/print/letter");
	assert.ok(page.has(v.person.name) && page.has(v.person.number) && page.has(v.typed.address));
	assert.ok(page.has(instance.value(`SELECT number FROM application WHERE id = ${draft(v)}`)));
	v.close();
});

test("a file that was chosen on the page of another draft is not kept in the one that the browser has by now", async () => {
	const v = await atTasks(), other = newCompany(instance), place = "/fleet/register/attachments";
	await v.get(place);
	const page = v.page.uploadPath;
	// Another tab, another company.
	const member = instance.value(`INSERT INTO company_member (id, company_id, phone_hash, phone_hash_key, state, added_by) SELECT gen_random_uuid(), '${other.id}', phone_hash, phone_hash_key, 'active', 'import' FROM company_member WHERE id = '${v.member}' RETURNING id`);
	await companyCars(instance, other);
	await v.get("/fleet/choose");
	await v.post("/fleet/choose", { member });
	await Visitor.prototype.begin.call(v);
	await carsStep(v);
	await v.get(place);
	assert.equal(v.page.path, place, v.page.text);
	// The page of before asks for the token that the browser has now, and sends again.
	const old = page.replace(/csrf=[^&]*/, `csrf=${v.token}`), json = { Accept: "application/json" };
	const count = (table) => instance.value(`SELECT count(*) FROM ${table} x JOIN application a ON a.id = x.application_id WHERE a.company_id IN ('${v.company.id}', '${other.id}')`);
	const answer = await v.upload(old, pdf(["另一家企业的文件"]), { json: true });
	assert.deepEqual([answer.status, answer.json.location], [200, place], "on to where things are");
	assert.equal((await v.upload(old, pdf(["另一家企业的文件"]))).path, place, "without script too");
	const pieces = (path) => v.request("POST", path.replace("/upload/", "/resume/"), { headers: { ...TUS, ...json, "X-CSRF-Token": v.token, "Upload-Length": String(2 * PIECE) }, body: "" });
	assert.equal((await pieces(old)).json.location, place);
	assert.deepEqual([count("evidence"), count("upload")], ["0", "0"]);
	const begun = await pieces(v.page.uploadPath), at = begun.headers.location, elsewhere = at?.replace(/draft=[^&]*/, /draft=[^&]*/.exec(old)[0]);
	assert.equal(begun.status, 201);
	assert.notEqual(at, elsewhere, "the address of an upload names its draft too");
	for (const [path, status] of [[at, 200], [elsewhere, 404]]) assert.equal((await v.request("HEAD", path, { headers: TUS })).status, status);
	await v.upload(v.page.uploadPath, pdf(["这一家的文件"]));
	assert.equal(count("application_paper"), "1", "its own page goes on as ever");
	v.close();
});

test("attachments: up to ten, each can be removed, a changed list has to be confirmed again", async () => {
	const v = await atTasks();
	await v.get("/fleet/register/attachments");
	for (const path of v.page.attributes("a", "href").filter((one) => one.startsWith("/agreement/")).slice(0, 3)) assert.equal((await v.request("GET", path)).status, 200, path);
	assert.ok(v.page.html.includes("/agreement/allocation"), "what to print");
	await v.post("/fleet/register/attachments", { complete: "1" });
	assert.match(v.page.error("file"), /先上传/);
	await attachmentsTask(v, Array.from({ length: 10 }, () => jpeg(seed())));
	assert.equal(v.page.path, "/fleet/register/tasks");
	await v.get("/fleet/register/attachments");
	assert.equal(v.page.uploadPath, null, "no room for more");
	const eleventh = await v.upload(`/fleet/register/upload/attachment?csrf=${v.token}`, jpeg(seed()));
	assert.match(eleventh.error("file") ?? eleventh.text, /最多 10 个|10 个文件/);
	const ids = [...(await v.get("/fleet/register/attachments")).html.matchAll(/name="remove" value="([^"]*)"/g)].map((m) => m[1]);
	assert.equal(ids.length, 10);
	await v.post("/fleet/register/attachments", { remove: ids[0] });
	assert.ok(v.page.has("已上传 9 个"));
	await v.post("/fleet/register/attachments", { remove: ids[0] });
	assert.ok(v.page.has("已上传 9 个"), "twice is once");
	assert.deepEqual(states(await v.get("/fleet/register/tasks")).at(-1), "进行中");
	assert.equal((await v.request("GET", `/fleet/register/picture/attachment?id=${ids[0]}`)).status, 404);
	assert.equal((await v.request("GET", `/fleet/register/picture/attachment?id=${ids[1]}`)).status, 200);
	await v.get("/fleet/register/attachments");
	await v.post("/fleet/register/attachments", {});
	assert.match(v.page.error("complete"), /已传齐/);
	v.close();
});

test("a paper that is sent once more, since its answer was lost: kept once, read once", async () => {
	const v = await atTasks(), twice = async (step, file) => {
		await v.get(`/fleet/register/${step}`);
		const path = v.page.uploadPath;
		for (let n = 0; n < 2; n++) assert.equal((await v.upload(path, file, { json: true })).status, 200);
	};
	const count = (what) => instance.value(`SELECT count(*) FROM ${what} WHERE application_id = ${draft(v)}`);
	await twice("attachments", pdf(["一", "二"]));
	assert.deepEqual([count("application_paper"), count("evidence")], ["1", "3"]);
	assert.ok((await v.get("/fleet/register/attachments")).has("已上传 1 个"));
	await twice("company", jpeg(seed()));
	await twice("letter", pdf(["授权书"]));
	assert.deepEqual([count("reading"), count("evidence")], ["1", "6"]);
	await twice("front", jpeg(seed()));
	assert.deepEqual([count("reading"), count("evidence")], ["2", "7"]);
	await v.settled("/fleet/register/front");
	await twice("back", jpeg(seed()));
	assert.deepEqual([count("reading"), count("evidence")], ["3", "8"]);
	v.close();
});

test("files that are no papers: each its message, nothing is kept", async () => {
	const v = await atTasks();
	for (const [name, file, message] of [
		["text", Buffer.from("hello ".repeat(100)), /PDF/], ["tiny", Buffer.from("%P"), /PDF/], ["heic", heic(), /HEIC/],
		["broken", Buffer.from("%PDF-1.4\nnothing of it"), /打不开/], ["locked", pdf(["一"], { locked: true }), /密码/],
		["long", pdf(Array.from({ length: 21 }, (_, i) => `${i}`)), /最多 20 页/], ["big", Buffer.concat([pdf(["一"]), Buffer.alloc(10 << 20)]), /10MB/],
		["flat", pdf(["一"], { size: [20000, 3] }), /打不开/],
	]) {
		await v.get("/fleet/register/letter");
		const page = await v.upload(v.page.uploadPath, file);
		assert.match(page.error("file") ?? page.text, message, name);
	}
	assert.equal(instance.value(`SELECT count(*) FROM evidence WHERE application_id = ${draft(v)}`), "0");
	v.close();
});

test("papers of another company are as good as none", async () => {
	const v = await atTasks(), w = await atTasks();
	scriptLicence(instance, v.company);
	await attachmentsTask(v, [jpeg(seed())]);
	const [[paper]] = instance.sql(`SELECT id FROM application_paper WHERE application_id = ${draft(v)}`);
	assert.equal((await w.request("GET", `/fleet/register/picture/attachment?id=${paper}`)).status, 404);
	await w.get("/fleet/register/attachments");
	await w.post("/fleet/register/attachments", { remove: paper });
	assert.equal(instance.value(`SELECT count(*) FROM application_paper WHERE id = '${paper}'`), "1");
	instance.sql(`UPDATE company_member SET state = 'removed', removed_at = now() WHERE id = '${v.member}'`);
	for (const path of ["/fleet/register/tasks", `/fleet/register/picture/attachment?id=${paper}`, "/fleet/register/print/letter"])
		assert.notEqual((await v.request("GET", path)).status, 200, path);
	v.close();
	w.close();
});

test("staff see the company, whom the letter names, and every page of every paper", async () => {
	const v = await atTasks({ trusted: false });
	await allTasks(v);
	const number = instance.value(`SELECT number FROM application WHERE id = ${draft(v)}`);
	const shown = await instance.ctl("review", "show", number);
	for (const words of [v.company.code, "not trusted yet", "the letter names", "attachment: files 1, pages 3", "authorisation: files 1, pages 1", "business_licence: files 1, pages 1", "responsible_person", "telephone"])
		assert.ok(shown.includes(words), `${words}: ${shown}`);
	assert.ok(!shown.includes(v.person.name) && !shown.includes(v.person.telephone), "masked");
	const picture = (...words) => instance.ctlBytes("review", "picture", number, ...words, "--reason", "核对材料");
	for (const words of [["business_licence"], ["authorisation"], ["attachment"], ["attachment", "--page", "3"]])
		assert.equal((await picture(...words)).subarray(0, 3).toString("hex"), "ffd8ff", words.join(" "));
	await assert.rejects(picture("attachment", "--page", "4"), /no page 4/);
	await assert.rejects(picture("table"), /PURPOSE/);
	assert.equal(instance.value(`SELECT count(*) FROM audit WHERE action = 'evidence.revealed' AND application_id = ${draft(v)}`), "4");
	v.close();
});

test("papers of the last batch are used again while they are valid", async () => {
	const v = await atTasks();
	assert.ok(!v.page.has("沿用"), "there is none");
	await allTasks(v);
	const [[first, number]] = instance.sql(`SELECT id, number FROM application WHERE id = ${draft(v)}`);
	instance.sql(`UPDATE application SET submitted_at = now() WHERE id = '${first}'`);
	await v.begin();
	await v.get("/fleet/register/tasks");
	assert.ok(v.page.has("沿用") && v.page.has(number), v.page.text);
	await v.post("/fleet/register/tasks", { action: "reuse" });
	assert.deepEqual(states(v.page), ["已完成", "未开始", "已完成", "已完成"], "the letter is for one batch");
	const papers = instance.sql(`SELECT purpose, media_type, page, data_key_id = (SELECT data_key_id FROM application WHERE id = ${draft(v)}) FROM evidence WHERE application_id = ${draft(v)} ORDER BY purpose, page NULLS FIRST`);
	assert.deepEqual(papers.map((row) => row.slice(0, 3).join(" ").trim()), ["attachment application/pdf", "attachment image/jpeg 1", "attachment image/jpeg 2", "attachment image/jpeg 3", "business_licence image/jpeg", "certificate_back image/jpeg", "certificate_front image/jpeg"]);
	assert.ok(papers.every((row) => row[3] === "t"), "under a key of its own");
	const page = await v.get("/fleet/register/company");
	assert.equal(page.value("name"), v.typed.name);
	const identity = await v.get("/fleet/register/identity");
	assert.deepEqual([identity.value("name"), identity.value("number"), identity.value("telephone")], [v.person.name, v.person.number, v.person.telephone]);
	for (const path of ["business", "front", "back"]) assert.equal((await v.request("GET", `/fleet/register/picture/${path}`)).headers["content-type"], "image/jpeg");
	await letterTask(v, v.person.name);
	assert.equal(v.page.path, "/fleet/register/consent", "his face is verified anew");
	// What has run out, or was erased, is asked for again; another company's is never offered.
	instance.sql(`UPDATE application SET submitted_at = now() WHERE id = ${draft(v)}; UPDATE application_party SET valid_until = '2020-01-01', long_term = false WHERE application_id = ${draft(v)}`);
	await v.begin();
	await v.get("/fleet/register/tasks");
	await v.post("/fleet/register/tasks", { action: "reuse" });
	assert.deepEqual(states(v.page), ["未开始", "未开始", "未开始", "已完成"]);
	v.close();
	const w = await atTasks();
	assert.ok(!w.page.has("沿用"));
	await w.post("/fleet/register/tasks", { action: "reuse" });
	assert.deepEqual(states(w.page), ["未开始", "未开始", "未开始", "未开始"]);
	w.close();
});
