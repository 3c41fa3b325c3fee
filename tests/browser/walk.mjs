// Walks through a flow, in earnest or in practice, and shows every page of a step before it is filled in. Which pages there are is
// what the site leads to; a step that the way does not know how to fill in ends the walk with an error.
import { importCars } from "../web/cars.mjs";
import { cardStates, journey, newPhone, Visitor } from "../web/client.mjs";
import { jpeg } from "../web/media.mjs";

export const EARNEST = ["register", "cancel", "update"], FLOWS = [...EARNEST, "practice/register", "practice/cancel"];

// A car whose cards its holder has registered; front is the picture of the certificate.
async function registered(instance) {
	const [car] = await importCars(instance, [{ cards: 2 }]), front = jpeg(`holder ${Math.random()}`), v = await journey(instance, car, { front, phone: newPhone() });
	await cardStates(instance, v.application);
	v.close();
	return { car, front };
}

// What else a step shows on the way: the picture once it is read, the photographs for people in place of a face.
const side = async (name, v, show) => {
	await v.picture(name, jpeg(Math.random()), { next: false });
	await show(`${name}-read`);
};
const MORE = {
	front: (v, show) => side("front", v, show),
	back: (v, show) => side("back", v, show),
	consent: async (v, show) => {
		await v.post(`/${v.flow}/consent`, { action: "manual" });
		await show("papers");
		await v.upload(v.page.uploadPath, jpeg(Math.random()));
		await show("papers-given");
		await v.post(`/${v.flow}/papers`, { action: "face" });
	},
};

async function earnest(instance, flow, look) {
	const { car, front } = flow === "register" ? { car: (await importCars(instance, [{ cards: 2 }]))[0] } : await registered(instance), visitor = new Visitor(instance, { flow });
	const show = async (name) => {
		await look(name, visitor);
		visitor.connect(); // looking may take longer than a kept connection lives
	};
	await visitor.get(`/${flow}/notice`);
	await show("notice");
	await journey(instance, car, { visitor, front, look: async (step) => {
		if (visitor.page.waiting) await visitor.settled(`/${flow}/${step}`);
		await show(step);
		await MORE[step]?.(visitor, show);
	} });
	visitor.close();
}

// Practice brings its own samples: the page after the button that fills them in holds all that is to be posted.
async function practised(instance, flow, look) {
	const v = new Visitor(instance, { flow }), step = () => v.page.path.split("/").pop();
	await v.get(`/${flow}/notice`);
	for (;;) {
		const here = step(), path = v.page.path;
		await look(here, v);
		v.connect();
		if (here === "done") break;
		if (v.page.html.includes('value="sample"')) {
			await v.post(path, { action: "sample" });
			if (v.page.path === path && v.page.html.includes('value="next"')) await look(`${here}-read`, v);
		}
		if (v.page.path === path && here === "identity") await v.identity();
		else if (v.page.path === path) await v.post(path, v.page.html.includes('value="next"') ? { action: "next" } : v.page.filled);
		if (step() === here) throw new Error(`${path} does not go on: ${v.page.status}`);
	}
	v.close();
}

// look(name, visitor) is called for each page in turn; visitor.page is the page, its cookies show it to a browser too.
export const walk = (instance, flow, look) => (flow.startsWith("practice/") ? practised : earnest)(instance, flow, look);
