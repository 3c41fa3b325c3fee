// Pictures and clips for tests, made without any other program. The same seed gives the same bytes, another seed another picture,
// also after the site has written it anew: the grey of every block is drawn from the seed.
import { createHash } from "node:crypto";

// Annex K of the JPEG standard: the table of DC differences. Of AC only "end of block" is needed: blocks are plain.
const DC_COUNTS = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const DC_CODES = ["00", "010", "011", "100", "101", "110", "1110", "11110", "111110", "1111110", "11111110", "111111110"];
const END_OF_BLOCK = "00";

// A stream of bytes drawn from a seed.
function* drawn(seed) {
	for (let n = 0; ; n++) yield* createHash("sha256").update(`${seed}|${n}`).digest();
}

export function bytes(seed, count) {
	const out = Buffer.alloc(count), source = drawn(seed);
	for (let i = 0; i < count; i++) out[i] = source.next().value;
	return out;
}

function segment(marker, body) {
	const head = Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255]);
	return Buffer.concat([head, Buffer.from(body)]);
}

// Bits to bytes; the last byte is filled with ones, 0xff is followed by 0x00.
function packed(bits) {
	const out = [];
	for (let i = 0; i < bits.length; i += 8) {
		const byte = parseInt(bits.slice(i, i + 8).padEnd(8, "1"), 2);
		out.push(byte);
		if (byte === 0xff) out.push(0);
	}
	return Buffer.from(out);
}

function difference(value) {
	if (value === 0) return DC_CODES[0];
	const size = Math.abs(value).toString(2).length;
	return DC_CODES[size] + (value > 0 ? value : value + (1 << size) - 1).toString(2).padStart(size, "0");
}

// A grey JPEG of plain blocks. more: segments put behind the start, for example of metadata.
export function jpeg(seed, { width = 640, height = 480, more = [] } = {}) {
	const source = drawn(seed);
	let bits = "", last = 0;
	for (let block = Math.ceil(width / 8) * Math.ceil(height / 8); block > 0; block--) {
		const level = (source.next().value >> 3) * 4 - 62; // 32 greys with wide steps: they survive another encoding
		bits += difference(level - last) + END_OF_BLOCK;
		last = level;
	}
	return Buffer.concat([
		Buffer.from([0xff, 0xd8]), ...more,
		segment(0xdb, [0, ...Array(64).fill(16)]),
		segment(0xc0, [8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0]),
		segment(0xc4, [0x00, ...DC_COUNTS, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]),
		segment(0xc4, [0x10, 0, 1, ...Array(14).fill(0), 0x00]),
		segment(0xda, [1, 1, 0x00, 0, 63, 0]),
		packed(bits), Buffer.from([0xff, 0xd9]),
	]);
}

// A picture with metadata in it: what stands there must not be kept.
export function jpegWithComment(seed, comment) {
	return jpeg(seed, { more: [segment(0xfe, Buffer.from(comment)), segment(0xe1, Buffer.from(`Exif\0\0${comment}`))] });
}

// What follows looks like a picture of the kind and is none.
export const heic = () => Buffer.concat([Buffer.from("00000018", "hex"), Buffer.from("ftypheic"), Buffer.alloc(400)]);
export const truncated = (seed) => jpeg(seed).subarray(0, 700);

// A PNG that declares more pixels than anybody photographs; its data is short.
export function hugePng() {
	const crc = (data) => {
		let c = ~0;
		for (const byte of data) {
			c ^= byte;
			for (let k = 0; k < 8; k++) c = (c >>> 1) ^ (0xedb88320 & -(c & 1));
		}
		return ~c >>> 0;
	};
	const chunk = (name, data) => {
		const body = Buffer.concat([Buffer.from(name), data]), head = Buffer.alloc(4), tail = Buffer.alloc(4);
		head.writeUInt32BE(data.length);
		tail.writeUInt32BE(crc(body));
		return Buffer.concat([head, body, tail]);
	};
	const size = Buffer.alloc(13);
	size.writeUInt32BE(60000, 0);
	size.writeUInt32BE(60000, 4);
	size.set([8, 2, 0, 0, 0], 8);
	return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), chunk("IHDR", size), chunk("IDAT", Buffer.alloc(64)), chunk("IEND", Buffer.alloc(0))]);
}

// A clip: the first bytes tell its container, the rest is noise.
export function clip(seed, size = 6000, container = "webm") {
	const heads = { webm: "1a45dfa3", mp4: "0000001866747970697336d6", mov: "0000001466747970717420207174", avi: "52494646ffffffff41564920", flv: "464c5601" };
	const out = bytes(seed, Math.min(size, 6000));
	const whole = size > out.length ? Buffer.concat([out, Buffer.alloc(size - out.length, 7)]) : out;
	Buffer.from(heads[container], "hex").copy(whole);
	return whole;
}

// A PDF with one line of text on each page, in fonts that are not embedded. size: of a page in points; password: locked.
export function pdf(lines, { size = [595, 842], locked = false } = {}) {
	const objects = [], add = (text) => objects.push(text);
	add("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
	add("<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800/Descent -200/CapHeight 700/StemV 80>>>>]>>");
	const tree = 2 * lines.length + 3, pages = [];
	lines.forEach((line, i) => {
		const text = Buffer.from(line, "utf16le").swap16().toString("hex"), content = `BT /F1 24 Tf 72 ${size[1] - 140} Td (Page ${i + 1}) Tj ET BT /F2 24 Tf 72 ${size[1] - 240} Td <${text}> Tj ET`;
		const at = add(`<</Length ${content.length}>>stream\n${content}\nendstream`);
		pages.push(add(`<</Type/Page/Parent ${tree} 0 R/MediaBox[0 0 ${size[0]} ${size[1]}]/Resources<</Font<</F1 1 0 R/F2 2 0 R>>>>/Contents ${at} 0 R>>`));
	});
	add(`<</Type/Pages/Count ${lines.length}/Kids[${pages.map((n) => `${n} 0 R`).join(" ")}]>>`);
	const catalog = add(`<</Type/Catalog/Pages ${tree} 0 R>>`);
	const o = "28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a", encrypt = locked ? add(`<</Filter/Standard/V 1/R 2/Length 40/O<${o}>/U<${o}>/P -4>>`) : 0;
	let out = "%PDF-1.4\n";
	const offsets = objects.map((object, i) => {
		const at = out.length;
		out += `${i + 1} 0 obj\n${object}\nendobj\n`;
		return at;
	});
	const table = out.length;
	out += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.map((at) => `${String(at).padStart(10, "0")} 00000 n \n`).join("")}`;
	return Buffer.from(`${out}trailer<</Size ${objects.length + 1}/Root ${catalog} 0 R${locked ? `/Encrypt ${encrypt} 0 R/ID[<00><00>]` : ""}>>\nstartxref\n${table}\n%%EOF\n`, "latin1");
}
