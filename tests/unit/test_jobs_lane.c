/* Breakers and budgets of retries by their numbers. Delays are scaled: to nothing, so that an open lane may be tried at once, or so long
 * that nothing comes by the clock. */
#include "jobs/lane.h"

#include "test.h"

#define LANE "t1:one"

static struct arena *a;
static struct config config;

static struct lanes *with_delays(double scale)
{
	config.job_delay_scale = scale;
	return lanes_create(a, &config);
}

static void report(struct lanes *l, int times, enum lane_report what)
{
	lane_began(l, LANE, times, 0);
	while (times--)
		lane_report(l, LANE, what);
}

static int retries(struct lanes *l, int most)
{
	int n = 0;
	while (n < most && lane_may_retry(l, LANE))
		n++;
	return n;
}

static void test_retries_are_a_tenth(void)
{
	struct lanes *l = with_delays(1e9);
	int saved = retries(l, 1000);
	CHECK(saved > 0 && saved <= 10);
	lane_began(l, LANE, 200, 0);
	CHECK(retries(l, 1000) == 20);
	lane_began(l, LANE, 50, 50); /* retries earn none */
	CHECK(retries(l, 1000) == 0);
	lane_began(l, "t1:another", 200, 0);
	CHECK(retries(l, 1000) == 0);
	lane_began(l, LANE, 100000, 0); /* not saved up without end */
	CHECK(retries(l, 100000) <= 120);
}

static void test_opens_at_half(void)
{
	struct lanes *l = with_delays(1e6);
	report(l, 19, LANE_FAILED);
	CHECK(lane_allows(l, LANE, 7) == 7); /* too few to judge */
	report(l, 1, LANE_FAILED);
	CHECK(lane_allows(l, LANE, 7) == 0);
	CHECK(lane_allows(l, "t1:another", 7) == 7);
	l = with_delays(1e6);
	report(l, 100, LANE_OK);
	report(l, 49, LANE_FAILED);
	CHECK(lane_allows(l, LANE, 7) == 7);
	report(l, 1, LANE_FAILED); /* of the last hundred */
	CHECK(lane_allows(l, LANE, 7) == 0);
}

static void test_opens_when_nobody_is_there(void)
{
	struct lanes *l = with_delays(1e6);
	report(l, 4, LANE_NO_CONNECTION);
	report(l, 1, LANE_OK);
	report(l, 4, LANE_NO_CONNECTION);
	CHECK(lane_allows(l, LANE, 7) == 7);
	report(l, 1, LANE_NO_CONNECTION);
	CHECK(lane_allows(l, LANE, 7) == 0);
}

/* One at first, with each that succeeds twice as many, at most ten at once; ten that succeed close the lane. */
static void test_probes(void)
{
	static const int at_once[10] = {1, 2, 4, 8, 10, 10, 10, 10, 10, 10};
	struct lanes *l = with_delays(0);
	report(l, 5, LANE_NO_CONNECTION);
	for (int good = 0; good < 10; good++) {
		CHECK(lane_allows(l, LANE, 1000) == at_once[good]);
		CHECK(lane_allows(l, LANE, 1) == 1);
		lane_began(l, LANE, at_once[good], 0);
		CHECK(lane_allows(l, LANE, 1000) == 0); /* all of them fly */
		CHECK(lane_may_retry(l, LANE));         /* probes are few by themselves */
		for (int i = 1; i < at_once[good]; i++)
			lane_unused(l, LANE); /* no calls after all */
		lane_report(l, LANE, LANE_OK);
	}
	CHECK(lane_allows(l, LANE, 1000) == 1000);
}

static void test_a_probe_that_fails(void)
{
	struct lanes *l = with_delays(0);
	report(l, 5, LANE_NO_CONNECTION);
	CHECK(lane_allows(l, LANE, 9) == 1);
	report(l, 1, LANE_OK);
	CHECK(lane_allows(l, LANE, 9) == 2);
	config.job_delay_scale = 1e6;
	report(l, 1, LANE_FAILED);
	CHECK(lane_allows(l, LANE, 9) == 0);
}

int main(void)
{
	a = arena_create();
	RUN(test_retries_are_a_tenth);
	RUN(test_opens_at_half);
	RUN(test_opens_when_nobody_is_there);
	RUN(test_probes);
	RUN(test_a_probe_that_fails);
	arena_destroy(a);
	return test_failures;
}
