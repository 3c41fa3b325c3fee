/* The few lines that unit tests need: each TEST prints "ok NAME" or "not ok NAME" with the place that failed; main returns
 * how many failed. The runner (tests/run/test.sh) counts these lines. */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include <stdio.h>
#include <string.h>

static int test_failed_here, test_failures;

#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			test_failed_here++; \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #condition); \
		} \
	} while (0)

#define CHECK_TEXT(got, wanted) \
	do { \
		const char *got_ = (got), *wanted_ = (wanted); \
		if (!got_ || !wanted_ || strcmp(got_, wanted_) != 0) { \
			test_failed_here++; \
			printf("# %s:%d: %s is \"%s\", not \"%s\"\n", __FILE__, __LINE__, #got, got_ ? got_ : "(null)", wanted_ ? wanted_ : "(null)"); \
		} \
	} while (0)

#define RUN(test) \
	do { \
		test_failed_here = 0; \
		test(); \
		printf("%s %s\n", test_failed_here ? "not ok" : "ok", #test); \
		test_failures += test_failed_here != 0; \
		fflush(stdout); \
	} while (0)

#endif
