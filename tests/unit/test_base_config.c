/* Settings: sources and their order, what is refused and how it is said, secrets, and that docs/configuration.md agrees. */
#include "base/config.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "test.h"

static char folder[] = "/tmp/test_config_XXXXXX";
static struct arena *a;

static char *write_file(const char *name, const char *content)
{
	char *path = arena_printf(a, "%s/%s", folder, name);
	FILE *f = fopen(path, "w");
	CHECK(f && fputs(content, f) >= 0 && fclose(f) == 0 && chmod(path, 0600) == 0);
	return path;
}

static enum status load(struct config *c, const char *content)
{
	return config_load(c, write_file("realname.conf", content));
}

static char *printed(const struct config *c)
{
	char *text = NULL;
	size_t length = 0;
	FILE *f = open_memstream(&text, &length);
	CHECK(f != NULL);
	config_print(c, f);
	fclose(f);
	char *copy = arena_strdup(a, text);
	free(text);
	return copy;
}

static void test_config_defaults(void)
{
	struct config c;
	CHECK(config_load(&c, NULL) == ST_OK);
	CHECK_TEXT(c.database, "");
	CHECK_TEXT(c.identity_secret_key, "");
	CHECK_TEXT(c.network_date_limit, "2021-09-28");
	CHECK(c.cards_per_person == 10 && c.age_minimum == 16 && c.clip_max_kb == 5900 && c.live_code_seconds == 300);
	CHECK(c.job_delay_scale > 0.99 && c.job_delay_scale < 1.01);
	config_free(&c);
	config_free(NULL);
}

static void test_config_file_and_environment(void)
{
	struct config c;
	setenv("REALNAME_WEB_WORKERS", "7", 1);
	CHECK(load(&c, "# all of it\r\n\n  web_workers = 3 # more\nautomaker=demo\njob_delay_scale = 0.01\nsms_sign = 星#途\r\n"
		       "database = host=/run dbname=realname user=web\n") == ST_OK);
	CHECK(c.web_workers == 7);
	CHECK_TEXT(c.automaker, "demo");
	CHECK_TEXT(c.sms_sign, "星#途");
	CHECK_TEXT(c.database, "host=/run dbname=realname user=web");
	CHECK(c.job_delay_scale < 0.011);
	config_free(&c);
	setenv("REALNAME_WEB_WORKERS", "many", 1);
	CHECK(config_load(&c, NULL) == ST_INVALID);
	CHECK(text_prefix(status_message(), "REALNAME_WEB_WORKERS: wants a whole number"));
	unsetenv("REALNAME_WEB_WORKERS");
}

static void test_config_refusals(void)
{
	static const struct {
		const char *content, *message;
	} cases[] = {
		{"web_workers = 1\ncolour = red\n", ":2: there is no setting \"colour\""},
		{"web_workers = 1\n\nweb_workers = 2\n", ":3: web_workers stands here a second time"},
		{"web_workers = 0\n", ":1: web_workers wants a whole number from 1 to 256"},
		{"web_workers = 99999999999999999999\n", ":1: web_workers wants"},
		{"web_workers = 4x\n", ":1: web_workers wants"},
		{"web_workers =\n", ":1: web_workers wants"},
		{"job_delay_scale = nan\n", ":1: job_delay_scale wants a number"},
		{"job_delay_scale = -1\n", ":1: job_delay_scale wants a number"},
		{"just words\n", ":1: wants \"name = value\""},
		{"sms_secret_key = hunter2\n",
		 ":1: a secret is not written here; put it into a file and write \"sms_secret_key_file = path\""},
		{"sms_secret_key_file = /nonexistent/x\n", ":1: /nonexistent/x: No such file"},
		{"automaker_file = /etc/hostname\n", ":1: there is no setting \"automaker_file\""},
		{"_file = x\n", ":1: there is no setting"},
	};
	struct config c;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(load(&c, cases[i].content) == ST_INVALID);
		CHECK(strstr(status_message(), "realname.conf"));
		if (!strstr(status_message(), cases[i].message))
			CHECK_TEXT(status_message(), cases[i].message);
		CHECK(!strstr(status_message(), "hunter2"));
	}
	CHECK(config_load(&c, "/nonexistent/realname.conf") == ST_INVALID);
	CHECK(config_load(&c, folder) == ST_INVALID);
}

static void test_config_secrets(void)
{
	struct config c;
	char *secret = write_file("key", "hunter2\n"), *other = write_file("other", "hunter3");
	char *content = arena_printf(a, "sms_secret_key_file = %s\n", secret);
	CHECK(load(&c, content) == ST_OK);
	CHECK_TEXT(c.sms_secret_key, "hunter2");
	char *text = printed(&c);
	CHECK(!strstr(text, "hunter2") && strstr(text, "sms_secret_key = (set)") && strstr(text, "identity_secret_key = (not set)"));
	config_free(&c);
	setenv("REALNAME_SMS_SECRET_KEY_FILE", other, 1);
	CHECK(load(&c, content) == ST_OK);
	CHECK_TEXT(c.sms_secret_key, "hunter3");
	config_free(&c);
	setenv("REALNAME_SMS_SECRET_KEY", "hunter4", 1);
	CHECK(load(&c, content) == ST_INVALID && !strstr(status_message(), "hunter"));
	unsetenv("REALNAME_SMS_SECRET_KEY_FILE");
	CHECK(load(&c, content) == ST_OK);
	CHECK_TEXT(c.sms_secret_key, "hunter4");
	config_free(&c);
	unsetenv("REALNAME_SMS_SECRET_KEY");
}

static void test_config_prints_no_database_password(void)
{
	static const struct {
		const char *dsn, *shown;
	} cases[] = {
		{"host=db port=5432 password=hunter2 user=web", "database = host=db port=5432 user=web  #"},
		{"host=db password = hunter2", "database = host=db  #"},
		{"host=db password='a hunter2' user=web", "database = (set)  #"},
		{"postgresql://web:hunter2@db:5432/realname?sslmode=require", "database = postgresql://db:5432/realname  #"},
		{"postgresql://db/realname?user=web&password=hunter2", "database = postgresql://db/realname  #"},
		{"postgresql://db/realname?password=a@hunter2", "database = (set)  #"},
		{"postgresql://web:p@hunter2@db/realname", "database = (set)  #"},
		{"password=x://hunter2", "database = (set)  #"},
	};
	struct config c;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(load(&c, arena_printf(a, "database = %s\n", cases[i].dsn)) == ST_OK);
		char *text = printed(&c);
		if (!strstr(text, cases[i].shown))
			CHECK_TEXT(arena_strndup(a, text, strcspn(text, "\n")), cases[i].shown);
		CHECK(!strstr(text, "hunter2"));
		config_free(&c);
	}
}

static void test_config_carrier_secrets(void)
{
	static const char *const bad[] = {"", ".", "..", "../key", "a/b", "KEY", ".key", "a b", "ключ"};
	struct config c = {.secrets_dir = folder};
	char *text = NULL;
	write_file("carrier-1.password", "pass word\r\n");
	CHECK(config_secret(a, &c, "carrier-1.password", &text) == ST_OK);
	CHECK_TEXT(text, "pass word");
	CHECK(config_secret(a, &c, "unknown", &text) == ST_NOT_FOUND);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(config_secret(a, &c, bad[i], &text) == ST_INVALID);
	char *large = arena_alloc(a, 4098);
	memset(large, 'x', 4097);
	write_file("large", large);
	CHECK(config_secret(a, &c, "large", &text) == ST_INVALID);
	c.secrets_dir = NULL;
	CHECK(config_secret(a, &c, "carrier-1.password", &text) == ST_INVALID);
}

static void test_config_keys(void)
{
	static const char key[] = "k1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
	struct config c = {.master_keys_file = write_file("master", key), .lookup_keys_file = write_file("lookup", key)};
	struct keys keys;
	CHECK(config_keys(&keys, &c) == ST_INVALID && strstr(status_message(), "code_keys_file"));
	c.code_keys_file = write_file("code", key);
	CHECK(config_keys(&keys, &c) == ST_OK && keys.code.count == 1);
	CHECK_TEXT(keys_current(&keys.master)->id, "k1");
	/* another look-up key would find nobody again: refused at the start; of the others an older line is fine */
	static const char two[] = "k2 ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff\n"
				  "k1 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
	c.master_keys_file = write_file("master", two);
	c.code_keys_file = write_file("code", two);
	CHECK(config_keys(&keys, &c) == ST_OK && keys.master.count == 2 && keys.code.count == 2);
	c.lookup_keys_file = write_file("lookup", two);
	CHECK(config_keys(&keys, &c) == ST_INVALID && strstr(status_message(), "lookup_keys_file") && strstr(status_message(), "only the first is in use"));
}

/* The document lists each setting as "| `name` | type | default |". */
static void test_config_document_agrees(void)
{
	static char text[64 * 1024];
	const char *name, *type, *preset;
	FILE *f = fopen("docs/configuration.md", "r");
	CHECK(f != NULL);
	if (!f)
		return;
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	int count = 0, rows = 0;
	for (; config_setting(count, &name, &type, &preset); count++) {
		char *row = arena_printf(a, "\n| `%s` | %s | %s |", name, type, preset[0] ? arena_printf(a, "`%s`", preset) : "–");
		if (!strstr(text, row))
			CHECK_TEXT("docs/configuration.md", row);
	}
	for (const char *p = text; (p = strstr(p, "\n| `")); p += 4)
		rows++;
	CHECK(rows == count); /* nothing that no longer exists */
}

int main(void)
{
	a = arena_create();
	if (!mkdtemp(folder))
		return 1;
	RUN(test_config_defaults);
	RUN(test_config_file_and_environment);
	RUN(test_config_refusals);
	RUN(test_config_secrets);
	RUN(test_config_prints_no_database_password);
	RUN(test_config_carrier_secrets);
	RUN(test_config_keys);
	RUN(test_config_document_agrees);
	static const char *const names[] = {"realname.conf", "key", "other", "carrier-1.password", "large", "master", "lookup", "code"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		unlink(arena_printf(a, "%s/%s", folder, names[i]));
	rmdir(folder);
	arena_destroy(a);
	return test_failures;
}
