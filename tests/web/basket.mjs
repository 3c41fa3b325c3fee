// A company's admin at the table of cars, and the three ways into the basket as the page offers them.
import { companyCars, newCompany, scriptLicence, signedIn } from "./company.mjs";

export const FLOW = "/fleet/register";

// A company with cars, its admin at the table of cars.
export async function atCars(instance, cars = 3, options = {}) {
	const company = newCompany(instance, options), v = await signedIn(instance, company, { cars: false });
	v.cars = await companyCars(instance, company, cars);
	scriptLicence(instance, company);
	await v.begin();
	if (v.page.path !== `${FLOW}/cars`) throw new Error(`not at the cars: ${v.page.text}`);
	return v;
}
export const basket = (v) => Number(v.instance.value(`SELECT count(*) FROM batch_vehicle b JOIN application a ON a.id = b.application_id WHERE a.company_id = '${v.company.id}'`));
const uploadPath = (v) => v.page.attributes("form", "action").find((path) => path.includes("/upload/cars"));
export async function paste(v, text) {
	await v.get(`${FLOW}/cars`);
	const path = uploadPath(v), boundary = "x".repeat(30);
	const body = Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="vins"\r\n\r\n${text}\r\n--${boundary}--\r\n`);
	v.page = await v.follow(await v.request("POST", path, { headers: { "Content-Type": `multipart/form-data; boundary=${boundary}` }, body }));
	return v.page;
}
export async function importFile(v, content, part = { filename: "cars.csv", type: "text/csv" }) {
	await v.get(`${FLOW}/cars`);
	return v.upload(uploadPath(v), Buffer.from(content), part);
}
// The table with its reasons, as the page that told of it links to it; and only what is right of that table.
export const tableBack = async (v, kind, page = v.page) => v.request("GET", page.attributes("a", "href").find((path) => path.includes(`/cars/back.${kind}`)));
export const takeRight = (v, page = v.page) => v.post(`${FLOW}/cars/good`, { table: page.value("table") });
// What the page says of each row that is wrong: [row, text].
export const faults = (page) => [...page.html.matchAll(/data-label="(?:行号|第几个)">(\d+)<.*?data-label="问题">([^<]*)</gs)].map(([, row, text]) => [Number(row), text]);
