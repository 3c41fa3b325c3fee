// Each refusal is a page of its own that says why and where to go, and takes nothing away.
import assert from "node:assert/strict";
import test from "node:test";

import { importAgain, importCars, networkDateColumn } from "./cars.mjs";
import { cardStates, Instance, journey, newIdNumber, newPhone, until } from "./client.mjs";
import { jpeg } from "./media.mjs";

const instance = Instance.shared();

// The page of a refusal; the draft and its answers are still there.
function assertRefused(v, slug, title) {
	assert.equal(v.page.path, `/register/refused/${slug}`);
	assert.equal(v.page.status, 200);
	assert.equal(v.page.heading, title);
	assert.ok(v.page.has("400-000-0000"), "whom to call");
}

test("a car that entered the network after the day goes to a shop", async () => {
	const [first, last] = await importCars(instance, [{ columns: { [networkDateColumn()]: "2021-09-29" } }, { columns: { [networkDateColumn()]: "2021-09-28" } }]);
	const v = await journey(instance, first, { stop: "vehicle" });
	await v.vehicle(first);
	await v.get("/register/cards");
	assertRefused(v, "too-new", "这辆车需要到网点办理");
	assert.ok(v.page.has("2021 年 9 月 28 日") && v.page.has("4S 店"));
	await v.vehicle(last);
	assert.equal(v.page.path, "/register/cards", "the last day itself is in time, and the draft still there");
	v.close();
});

test("a company's car goes to the entry for companies", async () => {
	const [car] = await importCars(instance, [{ columns: { OwnerType: "organisation", OwnerName: "示例物流有限公司", OwnerCertNumber: "91310000MA1FL5GP7X" } }]);
	instance.remember("示例物流有限公司");
	const v = await journey(instance, car, { stop: "vehicle" });
	await v.vehicle(car);
	assertRefused(v, "company", "这是单位名下的车");
	assert.ok(v.page.has("企业车主实名认证"));
	assert.ok(!v.page.html.includes("示例物流"), "whose it is stays untold");
	v.close();
});

test("a car that is registered, and a car that is being registered", async () => {
	const [car, mixed] = await importCars(instance, [{}, { cards: 2 }]), first = await journey(instance, car);
	await cardStates(instance, first.application);
	const second = await journey(instance, car, { stop: "vehicle" });
	await second.vehicle(car);
	assertRefused(second, "registered", "这辆车已完成实名登记");

	// Of two cards one is taken: the other can be registered.
	const one = await journey(instance, mixed, { cards: 1 });
	await cardStates(instance, one.application);
	const rest = await journey(instance, mixed, { stop: "cards" });
	assert.equal(rest.page.values("card").length, 1, "the registered card cannot be ticked");
	assert.ok(rest.page.has("已登记"));
	for (const v of [first, second, one, rest]) v.close();
});

test("a car whose application is open: told at the car, and again by the index at the end", async () => {
	const [car] = await importCars(instance);
	const late = await journey(instance, car, { stop: "check" });
	instance.script("carrier", [{ match: { contains: car.cards[0].iccid }, then: { error: "604" } }]);
	try {
		const first = await journey(instance, car);
		await late.submit();
		assertRefused(late, "open", "这辆车正在办理中");
		assert.equal((await late.get("/register/check")).status, 200, "nothing is lost");
		const third = await journey(instance, car, { stop: "vehicle" });
		await third.vehicle(car);
		assertRefused(third, "open", "这辆车正在办理中");
		instance.script("carrier");
		await cardStates(instance, first.application);
		await late.submit();
		assertRefused(late, "registered", "这辆车已完成实名登记");
		for (const v of [first, third]) v.close();
	} finally {
		instance.script("carrier");
	}
	late.close();
});

test("a card that I registered myself meanwhile: told so; registered by another: not a word on whom", async () => {
	const [car] = await importCars(instance), front = jpeg(`mine ${Math.random()}`);
	const [mine, other] = await Promise.all([journey(instance, car, { front, stop: "check" }), journey(instance, car, { stop: "check" })]);
	const first = await journey(instance, car, { front });
	await cardStates(instance, first.application);
	await mine.submit();
	assertRefused(mine, "registered-mine", "您已登记过");
	await other.submit();
	assertRefused(other, "registered", "这辆车已完成实名登记");
	assert.ok(!other.page.html.includes(first.person.name) && !other.page.has("您已登记过"));
	// The phone that registered it, proved again, is told the same at the car.
	const [next] = await importCars(instance);
	instance.sql("UPDATE attempt SET at = at - interval '61 seconds' WHERE kind = 'sms.phone'");
	const again = await journey(instance, next, { phone: first.number, stop: "code" });
	await again.code(2);
	await again.vehicle(car);
	await again.get("/register/cards");
	assertRefused(again, "registered-mine", "您已登记过");
	for (const v of [mine, other, first, again]) v.close();
});

test("two applications for one card at the same moment: one wins", async () => {
	const [car] = await importCars(instance);
	const both = await Promise.all([1, 2].map(() => journey(instance, car, { stop: "check" })));
	const pages = await Promise.all(both.map((v) => v.submit()));
	assert.deepEqual(pages.map((p) => p.path).sort().map((p) => (p.startsWith("/register/refused/") ? "refused" : p)), ["/register/done", "refused"]);
	assert.equal(instance.value(`SELECT count(*) FROM application_card ac JOIN card c ON c.id = ac.card_id WHERE c.iccid = '${car.cards[0].iccid}' AND ac.state NOT IN ('draft', 'refused', 'expired', 'withdrawn')`), "1");
	both.forEach((v) => v.close());
});

test("a card that the import put into another car meanwhile: chosen again, and only what is in the car goes to the carrier", async () => {
	const [car, other] = await importCars(instance, 2), v = await journey(instance, car, { stop: "check" }), [wrong] = car.cards;
	[car.cards, other.cards] = [other.cards, car.cards];
	assert.match(await importAgain(instance, [car, other]), /2 cards moved/);
	await v.submit();
	assertRefused(v, "card-moved", "车上的车联网卡有变化");
	assert.ok(v.page.has("已保存"));
	assert.ok(v.page.attributes("a", "href").includes("/register/cards"));
	assert.equal(instance.value(`SELECT submitted_at IS NULL FROM application WHERE id = ${v.draft}`), "t");
	await v.cards();
	assert.equal(v.page.path, "/register/check", "everything else is still there");
	await v.submit();
	assert.equal(v.page.path, "/register/done");
	await cardStates(instance, instance.value(`SELECT number FROM application WHERE id = ${v.draft}`));
	const told = instance.received("carrier").map((m) => m.decrypted?.ICCID);
	assert.ok(told.includes(car.cards[0].iccid) && !told.includes(wrong.iccid));
	v.close();
});

test("a car whose only card is in another car now", async () => {
	const [car, other] = await importCars(instance, [{}, {}]), v = await journey(instance, car, { stop: "check" });
	await importAgain(instance, [{ ...other, cards: [...other.cards, ...car.cards] }]);
	await v.submit();
	assertRefused(v, "card-moved", "车上的车联网卡有变化");
	await v.get("/register/cards");
	assertRefused(v, "no-card", "这辆车上没有车联网卡");
	v.close();
});

test("a person has ten cards at most, open applications counted", async () => {
	const [eight, two, one] = await importCars(instance, [{ cards: 8 }, { cards: 3 }, {}]), front = jpeg(`ten cards ${Math.random()}`);
	const person = { front };
	const first = await journey(instance, eight, person);
	const second = await journey(instance, two, { ...person, stop: "identity" });
	await second.identity();
	assertRefused(second, "too-many-cards", "名下的车联网卡已到上限");
	assert.ok(second.page.has("10 张"));
	await second.cards(2);
	await second.identity();
	assert.equal(second.page.path, "/register/consent", "ten are allowed");
	// Another application takes the last place while this one is on its way: the count is taken again under a lock.
	await second.consent();
	await second.clip();
	await second.agree();
	const third = await journey(instance, one, { ...person });
	assert.equal(third.page.path, "/register/done");
	await second.submit();
	assertRefused(second, "too-many-cards", "名下的车联网卡已到上限");
	for (const v of [first, second, third]) v.close();
});

test("the count of two that submit at once is not passed", async () => {
	const cars = await importCars(instance, [{ cards: 6 }, { cards: 6 }]), front = jpeg(`at once ${Math.random()}`);
	const both = await Promise.all(cars.map((car) => journey(instance, car, { front, stop: "check" })));
	const paths = (await Promise.all(both.map((v) => v.submit()))).map((p) => p.path).sort();
	assert.deepEqual(paths, ["/register/done", "/register/refused/too-many-cards"]);
	both.forEach((v) => v.close());
});

test("an expired certificate", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "identity" });
	await v.identity({ valid_from: "2000-01-01", valid_until: "2020-01-01", long_term: "" });
	assertRefused(v, "certificate-expired", "证件已过有效期");
	await v.get("/register/identity");
	assert.equal(v.page.value("number"), v.person.number, "what was read is still there");
	assert.equal(v.page.value("valid_until"), "2020-01-01", "and what was typed");
	v.close();
});

test("whoever is too young is told so on a page of its own, and what was typed stays", async () => {
	const [car] = await importCars(instance), v = await journey(instance, car, { stop: "identity" });
	const number = newIdNumber(`${new Date().getFullYear() - 10}0101`);
	await v.identity({ number, address: "北京市东城区测试胡同一号" });
	assertRefused(v, "under-age", "未满 16 周岁不能在线办理");
	assert.ok(v.page.has("家长") && v.page.has("已保存"));
	await v.get("/register/identity");
	assert.equal(v.page.value("number"), number);
	assert.equal(v.page.value("address"), "北京市东城区测试胡同一号");
	assert.equal((await v.get("/register/agreements")).path, "/register/identity", "it does not go on");
	await v.picture("front", jpeg(`another ${Math.random()}`), { next: false });
	await v.get("/register/identity");
	assert.notEqual(v.page.value("number"), number, "another picture: what was typed for the old one is gone");
	v.close();
});

test("a name unlike the known owner's goes to review; the owner's phone is not told before it is done", async () => {
	const known = newPhone(), [car] = await importCars(instance, [{ columns: { OwnerType: "person", OwnerName: "欧阳测试", OwnerPhone: known } }]);
	instance.remember("欧阳测试", known);
	const v = await journey(instance, car);
	assert.equal(v.page.path, "/register/done");
	assert.ok(v.page.has("审核"));
	await cardStates(instance, v.application, ["review"]);
	assert.equal(instance.value(`SELECT array_to_string(review_reasons, ',') FROM application WHERE number = '${v.application}'`), "owner_name");
	assert.equal(instance.received("carrier").filter((m) => m.decrypted?.ICCID === car.cards[0].iccid).length, 0, "nothing goes to the carrier before");
	assert.ok((await v.get("/records")).has("人工审核中"));
	await until("the SMS that a person looks at it", () => instance.sms(v.number).some((m) => m.template === "2000004"));
	assert.equal(instance.sms(known).length, 0);
	v.close();
});
