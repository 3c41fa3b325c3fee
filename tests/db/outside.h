/* Jobs whose providers answer what a test says: one answer at a time is set, and what was asked is kept. */
#ifndef TESTS_DB_OUTSIDE_H
#define TESTS_DB_OUTSIDE_H

#include "fixture.h"
#include "jobs/job.h"
#include "jobs/lane.h"
#include "providers/provider.h"

static struct catalogue cat;
static struct lanes *lanes;
static int worker;

/* ---- the outside ---- */

static struct {
	enum provider_class class;
	const char *raw_code, *cause;
	bool acted;
	struct bytes frame;
	int calls;
	char phone[16], parameters[2][16];
	void (*meanwhile)(void);
} outside;

static void answer_provider(struct provider_result *result)
{
	outside.calls++;
	static char raw[32];
	snprintf(raw, sizeof(raw), "%s", outside.raw_code ? outside.raw_code : "ok");
	*result = (struct provider_result){.class = outside.class, .raw_code = raw, .cause = outside.cause, .score = 90};
	if (outside.meanwhile)
		outside.meanwhile();
}

static void fake_front(const struct config *c, struct arena *ar, struct bytes picture, struct identity_card_front *out,
		       struct provider_result *result)
{
	(void)c, (void)picture;
	*out = (struct identity_card_front){arena_strdup(ar, "张\"三"), "男", "汉", "1990/3/7", "北京", "110101199003070011"};
	answer_provider(result);
}

static void fake_back(const struct config *c, struct arena *ar, struct bytes picture, struct identity_card_back *out,
		      struct provider_result *result)
{
	(void)c, (void)picture, (void)ar;
	*out = (struct identity_card_back){"公安局", "2010.07.21-2020.07.21"};
	answer_provider(result);
}

static void fake_licence(const struct config *c, struct arena *ar, struct bytes picture, struct identity_licence *out, struct provider_result *result)
{
	(void)c, (void)picture, (void)ar;
	*out = (struct identity_licence){0};
	answer_provider(result);
}

static void fake_live_code(const struct config *c, struct arena *ar, char **digits, struct provider_result *result)
{
	(void)c;
	*digits = arena_strdup(ar, "1234");
	answer_provider(result);
}

static void fake_liveness(const struct config *c, struct arena *ar, const char *name, const char *number, const char *digits,
			  struct bytes clip, struct bytes *frame, struct provider_result *result)
{
	(void)c, (void)ar;
	CHECK_TEXT(name, "张三");
	CHECK_TEXT(number, "110101199003070011");
	CHECK_TEXT(digits, "1234");
	CHECK(clip.length == 4);
	*frame = outside.frame;
	answer_provider(result);
}

static void fake_compare(const struct config *c, struct arena *ar, struct bytes picture, const char *digits, struct bytes clip,
			 struct bytes *frame, struct provider_result *result)
{
	(void)c, (void)ar, (void)picture, (void)digits, (void)clip;
	*frame = outside.frame;
	answer_provider(result);
}

const struct identity_provider *identity_provider(const struct config *c)
{
	static const struct identity_provider p = {"fake", fake_front, fake_back, fake_licence, fake_live_code, fake_liveness, fake_compare};
	(void)c;
	return &p;
}

static void fake_send(const struct config *c, struct arena *ar, const char *phone, const char *template_id, const char *const *parameters,
		      int count, char **serial, struct provider_result *result)
{
	(void)c, (void)template_id;
	snprintf(outside.phone, sizeof(outside.phone), "%s", phone);
	for (int i = 0; i < 2 && i < count; i++)
		snprintf(outside.parameters[i], sizeof(outside.parameters[i]), "%s", parameters[i]);
	*serial = arena_strdup(ar, "serial-1");
	answer_provider(result);
}

const struct sms_provider *sms_provider(const struct config *c)
{
	static const struct sms_provider p = {"fake", fake_send};
	(void)c;
	return &p;
}

bool provider_may_have_acted(const struct provider_result *result)
{
	(void)result;
	return outside.acted;
}

/* ---- help ---- */

static void outside_answers(enum provider_class class, const char *raw_code, const char *cause)
{
	outside.class = class;
	outside.raw_code = raw_code;
	outside.cause = cause;
	outside.acted = false;
	outside.meanwhile = NULL;
	outside.calls = 0;
	outside.frame = (struct bytes){(const unsigned char *)"jpeg", 4};
}

/* Makes every waiting job due and runs one. False when there was none. */
static bool run_one(void)
{
	static const char *const names[] = {"sms", "identity"};
	struct job job;
	int count = 0;
	OK(db_query(owner, a, NULL, "UPDATE job SET run_at = now() WHERE run_at > now() AND claim IS NULL AND dead_at IS NULL"));
	for (int i = 0; i < 2 && count == 0; i++)
		OK(queue_claim(jobs, a, names[i], worker, 30, 1, &job, &count));
	if (count == 0)
		return false;
	job_execute(jobs, a, &config, &keys, lanes, &job);
	CHECK(!db_in_transaction(jobs));
	return true;
}

static void drop_jobs(void)
{
	OK(db_query(owner, a, NULL, "DELETE FROM job"));
}

static const char *job_count(void)
{
	return VALUE(owner, "SELECT count(*)::text AS value FROM job", NULL);
}

#endif
