/* Which step a refusal asks to do again. */
#include "domain/redo.h"
#include "test.h"

static void test_part_of_a_refusal(void)
{
	static const struct {
		const char *key;
		enum redo_part part;
	} rows[] = {
		{"t1.certificate", REDO_CERTIFICATE}, {"t1.name", REDO_CERTIFICATE}, {"t1.expired", REDO_CERTIFICATE}, {"t1.picture", REDO_PICTURES},
		{"t1.norecord", REDO_CHECK},          {"review.refused", REDO_CHECK}, {"review.unanswered", REDO_PICTURES}, {"no such key", REDO_CHECK},      {NULL, REDO_CHECK},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		CHECK(redo_part(rows[i].key) == rows[i].part);
}

static void test_names(void)
{
	CHECK_TEXT(redo_name(REDO_CHECK), "check");
	CHECK_TEXT(redo_name(REDO_CERTIFICATE), "certificate");
	CHECK_TEXT(redo_name(REDO_PICTURES), "pictures");
	CHECK_TEXT(redo_name(REDO_PART_MAX), "");
}

int main(void)
{
	RUN(test_part_of_a_refusal);
	RUN(test_names);
	return test_failures;
}
