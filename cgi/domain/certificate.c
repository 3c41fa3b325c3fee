/* The certificate table and validities. The codes of carriers are elsewhere (profiles): here are only our own names. */
#include "domain/certificate.h"

#include <string.h>

#include "base/text.h"

#define LONG_TERM "长期"

static enum number_fault id_card_rule(const char *number, struct date today, int *position)
{
	enum number_fault fault = identity_check(number, today, position);

	return fault == NUMBER_OK && residence_permit_check(number, today, NULL) == NUMBER_OK ? NUMBER_TYPE : fault;
}

/* Gives a rule without dates and places the shape of the table. */
#define PLAIN_RULE(name, function)                                                                                                         \
	static enum number_fault name(const char *number, struct date today, int *position)                                                \
	{                                                                                                                                  \
		(void)today;                                                                                                               \
		if (position)                                                                                                              \
			*position = 0;                                                                                                     \
		return function(number);                                                                                                   \
	}
PLAIN_RULE(hm_permit_rule, hm_permit_check)
PLAIN_RULE(tw_permit_rule, tw_permit_check)
PLAIN_RULE(passport_rule, passport_check)
PLAIN_RULE(free_rule, free_number_check)
PLAIN_RULE(uscc_rule, uscc_check)

/* HUKOU is for minors, who are helped at a counter; ORG_CODE has been replaced by the unified code since 2018. */
static const struct certificate certificates[CERTIFICATE_TYPE_MAX] = {
	[CERTIFICATE_ID_CARD] = {"ID_CARD", "居民身份证", false, true, true, "身份证人像面", "身份证国徽面", id_card_rule},
	[CERTIFICATE_TEMP_ID] = {"TEMP_ID", "临时居民身份证", false, false, true, "临时身份证人像面", "临时身份证国徽面", id_card_rule},
	[CERTIFICATE_HUKOU] = {"HUKOU", "户口簿", false, false, false, "户主页", "本人页", id_card_rule},
	[CERTIFICATE_PLA_ID] = {"PLA_ID", "军人身份证件", false, false, true, "人像面", "封面或背面", free_rule},
	[CERTIFICATE_PAP_ID] = {"PAP_ID", "武警身份证件", false, false, true, "人像面", "封面或背面", free_rule},
	[CERTIFICATE_HM_PERMIT] = {"HM_PERMIT", "港澳居民来往内地通行证", false, false, true, "人像面", "背面", hm_permit_rule},
	[CERTIFICATE_TW_PERMIT] = {"TW_PERMIT", "台湾居民来往大陆通行证", false, false, true, "人像面", "背面", tw_permit_rule},
	[CERTIFICATE_PASSPORT_FOREIGN] = {"PASSPORT_FOREIGN", "外国公民护照", false, false, true, "护照资料页", NULL, passport_rule},
	[CERTIFICATE_HMT_RESIDENCE] = {"HMT_RESIDENCE", "港澳台居民居住证", false, false, true, "居住证人像面", "居住证国徽面", residence_permit_check},
	[CERTIFICATE_FPR_ID] = {"FPR_ID", "外国人永久居留身份证", false, false, true, "人像面", "背面", permanent_residence_check},
	[CERTIFICATE_BIZ_LICENSE] = {"BIZ_LICENSE", "营业执照", true, false, true, "营业执照", NULL, uscc_rule},
	[CERTIFICATE_INSTITUTION] = {"INSTITUTION", "事业单位法人证书", true, false, true, "事业单位法人证书", NULL, uscc_rule},
	[CERTIFICATE_SOCIAL_ORG] = {"SOCIAL_ORG", "社会团体法人登记证书", true, false, true, "社会团体法人登记证书", NULL, uscc_rule},
	[CERTIFICATE_ORG_CODE] = {"ORG_CODE", "组织机构代码证", true, false, false, "组织机构代码证", NULL, free_rule},
	[CERTIFICATE_OTHER_ORG] = {"OTHER_ORG", "其他单位证件", true, false, true, "单位证件", NULL, free_rule},
};

const struct certificate *certificate_get(enum certificate_type type)
{
	return &certificates[type];
}

const struct certificate *certificate_by_name(const char *name)
{
	for (int i = 0; i < CERTIFICATE_TYPE_MAX; i++)
		if (text_equal(certificates[i].name, name))
			return &certificates[i];
	return NULL;
}

enum certificate_type certificate_type_of_code(const char *code)
{
	static const struct {
		char begins[3];
		enum certificate_type type;
	} rows[] = {
		{"91", CERTIFICATE_BIZ_LICENSE}, {"92", CERTIFICATE_BIZ_LICENSE}, {"93", CERTIFICATE_BIZ_LICENSE},
		{"12", CERTIFICATE_INSTITUTION}, {"51", CERTIFICATE_SOCIAL_ORG},
	};

	for (size_t i = 0; code && i < sizeof rows / sizeof *rows; i++)
		if (strncmp(code, rows[i].begins, 2) == 0)
			return rows[i].type;
	return CERTIFICATE_OTHER_ORG;
}

enum number_fault certificate_number_check(const struct certificate *c, const char *number, struct date today, int *position)
{
	if (text_empty(number)) {
		if (position)
			*position = 0;
		return NUMBER_EMPTY;
	}
	return c->check(number, today, position);
}

/* 18 characters, the first 17 digits: the form that carries a birth date. */
static bool has_birth(const char *number)
{
	return number && strlen(number) == 18 && strspn(number, "0123456789") >= 17;
}

enum sex certificate_sex(const char *number)
{
	/* Numbers that begin with 9 are of foreigners: nothing public says that their serial tells the sex. */
	if (!has_birth(number) || number[0] == '9')
		return SEX_UNKNOWN;
	return (number[16] - '0') % 2 ? SEX_MALE : SEX_FEMALE;
}

const char *certificate_sex_label(enum sex s)
{
	static const char *const labels[SEX_MAX] = {[SEX_UNKNOWN] = "", [SEX_MALE] = "男", [SEX_FEMALE] = "女"};

	return labels[s];
}

bool certificate_birth(struct date *out, const char *number)
{
	char text[9];

	if (!has_birth(number))
		return false;
	memcpy(text, number + 6, 8);
	text[8] = '\0';
	return date_parse(out, text);
}

int certificate_age(const char *number, struct date on)
{
	struct date born;

	return certificate_birth(&born, number) && date_compare(born, on) <= 0 ? date_age(born, on) : -1;
}

/* --- validity --- */

/* Steps over any of the words; returns whether there was one. */
static bool take_word(const char **p, const char *const *words)
{
	for (; *words; words++) {
		size_t length = strlen(*words);

		if (strncmp(*p, *words, length) == 0) {
			*p += length;
			return true;
		}
	}
	return false;
}

static void skip_blanks(const char **p)
{
	while (**p == ' ' || **p == '\t')
		(*p)++;
}

/* Reads at least least and at most most digits. */
static bool take_number(const char **p, size_t least, size_t most, int *out)
{
	size_t digits = strspn(*p, "0123456789");

	if (digits < least)
		return false;
	*out = 0;
	for (size_t i = 0; i < digits && i < most; i++)
		*out = *out * 10 + *(*p)++ - '0';
	return true;
}

/* A date at *p, which is moved behind it. "1998年11月" is the first of that month. */
static bool take_date(const char **p, struct date *out)
{
	static const char *const separators[] = {".", "-", "/", "年", "月", NULL};
	static const char *const day_word[] = {"日", NULL};
	struct date d = {.day = 1};
	bool compact = strspn(*p, "0123456789") == 8, months = false;

	if (!take_number(p, 4, 4, &d.year))
		return false;
	if (!compact && !take_word(p, separators))
		return false;
	if (!take_number(p, 1, 2, &d.month))
		return false;
	if (!compact) {
		months = strncmp(*p, "月", strlen("月")) == 0;
		if (!take_word(p, separators))
			return false;
	}
	if (!take_number(p, 1, 2, &d.day) && !months)
		return false;
	if (!compact)
		take_word(p, day_word);
	*out = d;
	return date_valid(d);
}

static bool take_end(const char **p, struct validity *v)
{
	static const char *const no_end[] = {"长期有效", LONG_TERM, "永久", "无固定期限", NULL};

	v->long_term = take_word(p, no_end);
	return v->long_term || take_date(p, &v->to);
}

bool certificate_validity_parse(struct validity *out, const char *text)
{
	static const char *const to[] = {"---", "--", "-", "~", "—", "–", "－", "～", "至", "到", NULL};
	const char *p = text ? text : "";
	struct validity v = {0}, end = {0};

	skip_blanks(&p);
	if (!take_end(&p, &v))
		return false;
	skip_blanks(&p);
	if (*p) {
		if (v.long_term || !take_word(&p, to))
			return false;
		skip_blanks(&p);
		if (!take_end(&p, &end))
			return false;
		skip_blanks(&p);
		end.from = v.to;
		v = end;
	}
	if (*p || (!v.long_term && v.from.year && date_compare(v.to, v.from) < 0))
		return false;
	*out = v;
	return true;
}

char *certificate_validity_t1(struct arena *a, const struct validity *v, bool end_only, const char *long_term)
{
	const char *end = v->long_term ? (long_term ? long_term : LONG_TERM) : date_compact(a, v->to);

	if (end_only || !v->from.year)
		return arena_strdup(a, end);
	return arena_printf(a, "%s-%s", date_compact(a, v->from), end);
}

char *certificate_validity_page(struct arena *a, const struct validity *v)
{
	const char *end = v->long_term ? LONG_TERM : date_iso(a, v->to);

	return v->from.year ? arena_printf(a, "%s 至 %s", date_iso(a, v->from), end) : arena_strdup(a, end);
}

bool certificate_expired(const struct validity *v, struct date on)
{
	return !v->long_term && date_compare(v->to, on) < 0;
}

bool certificate_not_yet_valid(const struct validity *v, struct date on)
{
	return v->from.year && date_compare(v->from, on) > 0;
}
