/* Templates: parsed once, escaped always, nothing left over between two pages. */
#include "test.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tpl/tpl.h"

static struct arena *arena;
static char dir[] = "/tmp/test_tpl_XXXXXX";

static void put(const char *name, const char *text)
{
	char path[100];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void drop(const char *name)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	CHECK(remove(path) == 0);
}

static const char *render(struct tpl *t, struct view *v, const char *name)
{
	struct buffer out;

	buffer_init(&out, arena, 1000);
	buffer_text(&out, "");
	CHECK(tpl_render(t, v, name, &out) == ST_OK);
	return out.data;
}

static void test_tpl__renders_and_escapes(void)
{
	struct tpl *t;
	struct view *v;

	CHECK(tpl_open(&t, dir) == ST_OK);
	tpl_site(t, "Site.name", "登记");
	for (int i = 0; i < 3; i++) {
		v = view_create(arena, t);
		view_set(v, "Car.brand", "<b>'\"&");
		view_set(v, "Car.none", NULL);
		view_int(v, "Car.year", -2021);
		view_flag(v, "Page.error", i == 1);
		view_item(v, "Cards", 0, "iccid", "A=1");
		view_item(v, "Cards", 1, "iccid", "B");
		CHECK_TEXT(render(t, v, "step/car"),
		           i == 1 ? "登记 E &lt;b&gt;&#39;&quot;&amp; -2021 A=1,B, set" : "登记  &lt;b&gt;&#39;&quot;&amp; -2021 A=1,B, set");
	}
	v = view_create(arena, t);
	CHECK_TEXT(render(t, v, "plain"), "登记:"); /* the other page's "set" is gone with its dataset */
	tpl_close(t);
}

static void test_tpl__unknown_and_too_large(void)
{
	struct tpl *t;
	struct view *v;
	struct buffer out;

	CHECK(tpl_open(&t, dir) == ST_OK);
	v = view_create(arena, t);
	buffer_init(&out, arena, 1000);
	CHECK(tpl_render(t, v, "missing", &out) == ST_NOT_FOUND);
	CHECK(tpl_render(t, v, "_head", &out) == ST_NOT_FOUND);
	buffer_init(&out, arena, 3);
	CHECK(tpl_render(t, v, "step/car", &out) == ST_ERROR);
	CHECK_TEXT(render(t, v, "plain"), ":");
	arena_reset(arena);
	tpl_close(t);
}

static void test_tpl__errors_stop_the_start(void)
{
	static const char *const bad[] = {
		"<?cs if:x ?>never closed",
		"line\n<?cs nonsense:x ?>",
		"<?cs include!\"missing.cs\" ?>",
		"<?cs var:unknown_function(x) ?>",
	};
	struct tpl *t;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		int result = -1;
		pid_t child;
		put("bad.cs", bad[i]);
		child = fork(); /* the library does not free all of a tree that it could not parse; such a start ends the process */
		if (child == 0)
			_exit(tpl_open(&t, dir) == ST_INVALID && strstr(status_message(), "bad") ? 0 : 1);
		CHECK(child > 0 && waitpid(child, &result, 0) == child && result == 0);
	}
	drop("bad.cs");
	CHECK(tpl_open(&t, "/nonexistent") == ST_INVALID);
}

int main(void)
{
	char path[100];

	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/step", dir);
	mkdir(path, 0700);
	arena = arena_create();
	put("_head.cs", "<?cs var:Site.name ?> <?cs if:Page.error ?>E<?cs /if ?>");
	put("plain.cs", "<?cs var:Site.name ?>:<?cs var:z ?>");
	put("step/car.cs", "<?cs include!\"_head.cs\" ?> <?cs var:Car.brand ?><?cs var:Car.none ?> <?cs var:Car.year ?> "
	                   "<?cs each:c = Cards ?><?cs var:c.iccid ?>,<?cs /each ?><?cs set:z = \" set\" ?><?cs var:z ?>");
	put("step/notes.txt", "<?cs if:broken");
	RUN(test_tpl__renders_and_escapes);
	RUN(test_tpl__unknown_and_too_large);
	RUN(test_tpl__errors_stop_the_start);
	drop("step/notes.txt");
	drop("step/car.cs");
	drop("step");
	drop("plain.cs");
	drop("_head.cs");
	drop("");
	arena_destroy(arena);
	return test_failures;
}
