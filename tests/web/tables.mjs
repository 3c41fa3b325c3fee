// Tables as spreadsheets write them, and as they should not be: XLSX put together part by part, CSV in the encodings of Chinese Excel,
// compound files of old Office.
import { execFileSync } from "node:child_process";
import { constants, crc32, deflateRawSync } from "node:zlib";

// Text that expands to so many MiB of blanks between two pieces, as a zip holds it; declared: the size that the zip tells, if it lies.
export function expanding(before, mib, after, declared) {
	const flush = { finishFlush: constants.Z_FULL_FLUSH }, block = deflateRawSync(Buffer.alloc(1 << 20, " "), { ...flush, level: 9 });
	const packed = Buffer.concat([deflateRawSync(Buffer.from(before), flush), ...Array(mib).fill(block), deflateRawSync(Buffer.from(after))]);
	return { packed, size: declared ?? Buffer.byteLength(before) + mib * (1 << 20) + Buffer.byteLength(after), crc: 0 };
}

// A zip of these [name, content]; content: text, bytes, or what expanding() gives.
export function zip(entries) {
	const locals = [], central = [];
	let at = 0;
	for (const [name, content] of entries) {
		const data = content.packed ? null : Buffer.from(content), packed = content.packed ?? deflateRawSync(data), head = Buffer.alloc(30), entry = Buffer.alloc(46);
		for (const [to, from] of [[head, 0], [entry, 2]]) {
			to.writeUInt16LE(20, 4 + from);
			to.writeUInt16LE(8, 8 + from);
			to.writeUInt32LE(data ? crc32(data) : content.crc, 14 + from);
			to.writeUInt32LE(packed.length, 18 + from);
			to.writeUInt32LE(data ? data.length : content.size, 22 + from);
			to.writeUInt16LE(Buffer.byteLength(name), 26 + from);
		}
		head.writeUInt32LE(0x04034b50, 0);
		entry.writeUInt32LE(0x02014b50, 0);
		entry.writeUInt16LE(20, 4);
		entry.writeUInt32LE(at, 42);
		locals.push(head, Buffer.from(name), packed);
		central.push(entry, Buffer.from(name));
		at += 30 + Buffer.byteLength(name) + packed.length;
	}
	const folder = Buffer.concat(central), end = Buffer.alloc(22);
	end.writeUInt32LE(0x06054b50, 0);
	end.writeUInt16LE(entries.length, 8);
	end.writeUInt16LE(entries.length, 10);
	end.writeUInt32LE(folder.length, 12);
	end.writeUInt32LE(at, 16);
	return Buffer.concat([...locals, folder, end]);
}

const RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const escaped = (text) => String(text).replace(/&/g, "&amp;").replace(/</g, "&lt;");
// A text; {number}: stored as a number; {formula, value}: value undefined when it was never calculated.
function cell(what) {
	if (what?.formula !== undefined) return `<c t="str"><f>${escaped(what.formula)}</f>${what.value === undefined ? "" : `<v>${escaped(what.value)}</v>`}</c>`;
	return what?.number !== undefined ? `<c><v>${what.number}</v></c>` : `<c t="inlineStr"><is><t>${escaped(what)}</t></is></c>`;
}
// An XLSX. rows: arrays of cells. hidden: numbers of rows; columns: their XML; sheets: names; sheet: the XML of the first sheet instead.
export function xlsx(rows, { hidden = [], columns = "", sheets = ["车辆"], sheet } = {}) {
	const body = rows.map((row, i) => `<row r="${i + 1}"${hidden.includes(i + 1) ? ' hidden="1"' : ""}>${row.map(cell).join("")}</row>`).join("");
	return zip([
		["[Content_Types].xml", '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'],
		["_rels/.rels", `<Relationships><Relationship Id="r1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`],
		["xl/workbook.xml", `<workbook xmlns:r="${RELATIONS}"><sheets>${sheets.map((name, i) => `<sheet name="${name}" sheetId="${i + 1}" r:id="s${i + 1}"/>`).join("")}</sheets></workbook>`],
		["xl/_rels/workbook.xml.rels", `<Relationships>${sheets.map((_, i) => `<Relationship Id="s${i + 1}" Type="${RELATIONS}/worksheet" Target="worksheets/sheet${i + 1}.xml"/>`).join("")}</Relationships>`],
		["xl/worksheets/sheet1.xml", sheet ?? `<worksheet>${columns ? `<cols>${columns}</cols>` : ""}<sheetData>${body}</sheetData></worksheet>`],
		...sheets.slice(1).map((_, i) => [`xl/worksheets/sheet${i + 2}.xml`, "<worksheet><sheetData/></worksheet>"]),
	]);
}

// A compound file (OLE) with a stream of this name: "Workbook" in an old .xls, "EncryptedPackage" in an XLSX with a password.
export function compound(stream) {
	const file = Buffer.alloc(512 * 4);
	Buffer.from("d0cf11e0a1b11ae1", "hex").copy(file);
	file.writeUInt16LE(0x3e, 24);
	file.writeUInt16LE(3, 26);
	file.writeUInt16LE(0xfffe, 28);
	file.writeUInt16LE(9, 30);
	for (const [i, name] of ["Root Entry", stream].entries()) {
		Buffer.from(name, "utf16le").copy(file, 1024 + i * 128);
		file.writeUInt16LE(2 * (name.length + 1), 1024 + i * 128 + 64);
	}
	return file;
}

// Text as Chinese Windows writes it: "GBK", "GB18030".
export const encoded = (text, encoding) => execFileSync("iconv", ["-f", "UTF-8", "-t", encoding], { input: text });
