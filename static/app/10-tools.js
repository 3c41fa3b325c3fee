// Enhancements of the pages; none is needed. Each is guarded: when one throws, the plain form still works. ES2017, no library.
// All texts come from data-text-* attributes of the templates. The files of this folder become one script, in the order of their
// names, inside one function (nginx/static.sh).
const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
const one = (selector, root) => (root || document).querySelector(selector);
const guard = (enhance) => {
	try {
		enhance();
	} catch (e) {
		// The page works without it.
	}
};
const here = () => location.pathname + location.search;
// Only paths of ours are followed.
const go = (url) => location.replace(/^\/(?![\/\\])/.test(url || '') ? url : here());
const show = (element, on) => {
	if (element)
		element.hidden = !on;
};
