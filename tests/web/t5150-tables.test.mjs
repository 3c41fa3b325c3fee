// What companies upload and paste as lists of cars: every way in which such a file is wrong, told so that a clerk can mend it, with row
// numbers as Excel shows them; nothing that was chosen before is lost.
import assert from "node:assert/strict";
import test from "node:test";

import { atCars, basket, faults, FLOW, importFile, paste, tableBack, takeRight } from "./basket.mjs";
import { importCars } from "./cars.mjs";
import { Instance } from "./client.mjs";
import { compound, encoded, expanding, xlsx, zip } from "./tables.mjs";

const instance = Instance.shared();
const vins = (v) => v.cars.map((car) => car.vin);

test("a file that cannot be used as a whole: each its own message, and the basket stays", { timeout: 120000 }, async () => {
	const v = await atCars(instance, 2), [one] = vins(v);
	const good = xlsx([["车架号"], [one]]), bomb = (declared) => xlsx([], { sheet: expanding('<worksheet><sheetData><row><c t="inlineStr"><is><t>车架号</t></is></c></row>', 1024, "</sheetData></worksheet>", declared) });
	await paste(v, one);
	assert.ok(bomb().length < 1.1 * (1 << 20), `${bomb().length} bytes expand to a gigabyte`);
	const many = [["车架号"], ...Array.from({ length: 10001 }, (_, i) => [`LTEST${String(i).padStart(12, "0")}`])];
	for (const [what, content, words] of [
		["an empty file", "", /没有找到车架号|表格里没有车辆/],
		["blanks", " \r\n\r\n", /表格里没有车辆/],
		["a header alone", "车架号\n", /表格里没有车辆/],
		["other columns", "车牌,颜色\n京A,红\n", /没有“车架号”或“ICCID”列，找到的是：车牌、颜色/],
		["the column twice", `车架号,VIN\n${one},${one}\n`, /“车架号”这一列有两个/],
		["a picture", "\x89PNG\r\n\x1a\n....", /不是表格/],
		["a PDF", "%PDF-1.7\n", /不是表格/],
		["another zip", zip([["a.txt", "a"]]), /不是表格|打不开/],
		["half a zip", good.subarray(0, good.length / 2), /文件打不开/],
		["a zip with a damaged part", Buffer.from(good).fill(0x55, 800, 900), /文件打不开/],
		["a bomb", bomb(), /展开后太大/],
		["a bomb that lies", bomb(5000), /展开后太大|文件太大|文件打不开/],
		["a password", compound("EncryptedPackage"), /有密码/],
		["an old .xls", compound("Workbook"), /另存为 XLSX/],
		["a web page named .xls", `<html><table><tr><td>车架号</td></tr><tr><td>${one}</td></tr></table></html>`, /另存为 XLSX/],
		["10,001 rows of XLSX", xlsx(many), /一批最多 10000 辆/],
		["10,001 rows of CSV", many.map(([vin]) => vin).join("\n"), /一批最多 10000 辆/],
		["more than 5 MB", `车架号\n${"A".repeat(5 << 20)}`, /文件太大/],
	]) {
		const page = await importFile(v, content, { filename: "车辆.xlsx", type: "application/octet-stream" });
		assert.equal(page.status, 422, `${what}: ${page.text.slice(0, 300)}`);
		assert.match(page.error("file"), words, what);
		assert.equal(basket(v), 1, what);
	}
	v.close();
});

test("rows of an XLSX: numbers as in Excel, each fault its own words, the table back, and on with the good rows", async () => {
	const v = await atCars(instance, [{ cards: 2 }, {}, {}, {}, {}]), [one, two, three, four, five] = v.cars, [other] = await importCars(instance);
	const file = xlsx([
		["车辆清单"], // a title
		["备注", "ICCID", "车架号"],
		["good", one.cards[0].iccid, one.vin],
		["double", "", one.vin],
		["same car", one.cards[1].iccid, ""],
		["scientific", { number: "8.9860012345678899E+19" }, two.vin],
		["as text", "8.98601E+19", two.vin],
		["by its card", two.cards[0].iccid, ""],
		["another's card", one.cards[0].iccid, three.vin],
		["formula with a value", "", { formula: "T(A1)", value: three.vin }],
		["formula without", "", { formula: "A1" }],
		["short", "123", four.vin],
		["not ours", "", other.vin],
		["its card", other.cards[0].iccid, ""],
		["neither", "", " "],
		["hidden", "", four.vin],
		["letters", "", "LSVAAOOOOAOOOOOOO"],
		["a number", "", { number: "12345678901234567" }],
		["zeros", "89860000000000000000", five.vin],
	], { hidden: [16], columns: '<col min="1" max="1" hidden="1"/>', sheets: ["一月", "二月"] });
	const page = await importFile(v, file, { filename: "cars.xlsx", type: "application/octet-stream" });
	assert.equal(page.status, 422);
	const told = faults(page);
	assert.deepEqual(told.map(([row]) => row), [4, 5, 6, 7, 9, 11, 12, 13, 14, 15, 17, 18, 19]);
	const words = Object.fromEntries(told);
	for (const [row, what] of [[4, /重复/], [5, /同一辆车/], [6, /科学计数法.*文本/], [7, /科学计数法/], [9, /不是这辆车上的卡/], [11, /公式/], [12, /19 或 20 位/], [13, /不在本企业名下/], [14, /不在本企业名下/], [15, /空的/], [17, /没有字母 I、O、Q/], [18, /科学计数法/], [19, /科学计数法/]])
		assert.match(words[row], what, `row ${row}`);
	for (const hint of ["可以办理 4 辆", "1 行是隐藏的", "1 列是隐藏的", "只读了第一张工作表“一月”，另外 1 张没有读", "还没有加入", "只加入正确的 4 辆", "重新上传"]) assert.ok(page.has(hint), hint);
	assert.equal(basket(v), 0);
	const back = (await tableBack(v, "csv")).body.toString().replace("\ufeff", "").split("\r\n");
	assert.match(back[1], /^备注,ICCID,车架号,校验结果,原因$/);
	assert.match(back[2], /,通过,$/);
	assert.match(back[5], /^scientific,.*,有误,成了科学计数法/);
	await takeRight(v);
	assert.equal(basket(v), 4);
	assert.ok(v.page.has("已选 4 辆"));
	v.close();
});

test("a table whose rows are all hidden is read, with a warning", async () => {
	const v = await atCars(instance, 2), page = await importFile(v, xlsx([["VIN"], ...vins(v).map((vin) => [vin])], { hidden: [2, 3] }));
	assert.equal(page.status, 200, page.text);
	assert.ok(page.has("全都是隐藏的"));
	assert.equal(basket(v), 2);
	v.close();
});

test("CSV as Chinese Windows and others write it", async () => {
	const v = await atCars(instance, 1), [vin] = vins(v), text = `序号,备注,车架号\r\n1,㐀京𠀀,${vin}\r\n`, plain = `序号,备注,车架号\r\n1,京津冀,${vin}\r\n`;
	for (const [what, content] of [["UTF-8", text], ["with BOM", `\ufeff${text}`], ["GB18030", encoded(text, "GB18030")], ["GBK", encoded(plain, "GBK")], ["UTF-16", Buffer.from(`\ufeff${text.replaceAll(",", "\t")}`, "utf16le")], ["semicolons", text.replaceAll(",", ";")], ["quoted", `"车架号"\n="${vin}"\n`]]) {
		const page = await importFile(v, content);
		assert.equal(page.status, 200, `${what}: ${page.text.slice(0, 200)}`);
		assert.equal(basket(v), 1, what);
	}
	const page = await importFile(v, `车架号,ICCID\n=A1&B1,\n${vin},8.98601E+19\n"${vin}"x,\n`);
	assert.deepEqual(faults(page).map(([row]) => row), [2, 3, 4]);
	for (const [i, words] of [/公式/, /科学计数法/, /引号/].entries()) assert.match(faults(page)[i][1], words);
	v.close();
});

test("pasted lists of any shape", async () => {
	const v = await atCars(instance, [{ cards: 2 }, {}, {}]), [one, two, three] = v.cars;
	for (const [text, count, words] of [
		[`${one.vin}\t京A12345\n`, 1, /17 位/], // a row of a spreadsheet with its other cells
		[`1. ${one.vin}；2、${two.vin}。`, 2, /17 位/],
		[`"${one.vin}" | ${two.vin}/${three.vin}`, 3],
		[`${one.vin.slice(0, 9)}-${one.vin.slice(9)}　${two.vin.toLowerCase()}`, 2],
		[`${one.cards[0].iccid}\n${two.cards[0].iccid}`, 2],
		[`${one.cards[0].iccid} ${one.cards[1].iccid}`, 1, /同一辆车/],
		[`${one.vin} ${one.cards[1].iccid}`, 1, /同一辆车/],
		[`8.98601E+19\n${three.vin}`, 1, /科学计数法/],
		["<script>alert(1)</script>", 0, /17 位/],
	]) {
		await v.get(`${FLOW}/cars`);
		await v.post(`${FLOW}/cars`, { action: "clear" });
		const page = await paste(v, text);
		assert.equal(basket(v), count, text);
		assert.equal(page.status, words ? 422 : 200, text);
		if (words) assert.match(faults(page).map(([, what]) => what).join(), words, text);
	}
	await paste(v, "中文，而已");
	assert.match(v.page.error("vins"), /没有找到/);
	await paste(v, Array.from({ length: 10001 }, (_, i) => `LTEST${String(i).padStart(12, "0")}`).join(" "));
	assert.match(v.page.error("vins"), /一批最多 10000 辆/);
	v.close();
});
