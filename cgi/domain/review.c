/* Comparing what was submitted with what was read and with what is known. */
#include "domain/review.h"

#include "base/text.h"

static const struct {
	const char *name, *label;
} reasons_table[REVIEW_REASON_MAX] = {
	[REVIEW_CERTIFICATE_TYPE] = {"certificate_type", "证件类型需人工核对"},
	[REVIEW_NOT_READ] = {"not_read", "证件信息由用户手工填写"},
	[REVIEW_OWNER_NAME] = {"owner_name", "姓名与车主登记信息不一致"},
	[REVIEW_OWNER_NUMBER] = {"owner_number", "证件号码与车主登记信息不一致"},
	[REVIEW_NUMBER_EDITED] = {"number_edited", "用户修改了识别出的证件号码"},
	[REVIEW_NAME_EDITED] = {"name_edited", "用户修改了识别出的姓名"},
	[REVIEW_VALIDITY_EDITED] = {"validity_edited", "用户修改了识别出的有效期"},
	[REVIEW_MANUAL_IDENTITY] = {"manual_identity", "用户没有做人脸核验，请核对证件和行驶证照片"},
	[REVIEW_COMPANY_NEW] = {"company_new", "企业的第一批，请核对企业证件、授权书和附件"},
	[REVIEW_COMPANY_READ] = {"company_not_read", "企业信息由用户手工填写"},
	[REVIEW_COMPANY_EDITED] = {"company_edited", "用户修改了识别出的企业名称或代码"},
	[REVIEW_COMPANY_CODE] = {"company_code", "统一社会信用代码的校验位不对"},
	[REVIEW_COMPANY_TYPE] = {"company_type", "企业证件类型与代码不符"},
	[REVIEW_COMPANY_NAME] = {"company_name", "企业名称与登记的企业不一致"},
};

static bool same_number(struct arena *a, const char *one, const char *other)
{
	return text_equal(text_code(a, one), text_code(a, other));
}

unsigned review_reasons(struct arena *a, const struct review_facts *f)
{
	const char *name = f->name ? f->name : "", *number = f->number ? f->number : "";
	unsigned reasons = 0;

	if (!f->certificate->automatic)
		reasons |= 1u << REVIEW_CERTIFICATE_TYPE;
	else if (text_empty(f->read_name) || text_empty(f->read_number))
		reasons |= 1u << REVIEW_NOT_READ;
	if (!text_empty(f->owner_name) && !text_same_name(a, name, f->owner_name))
		reasons |= 1u << REVIEW_OWNER_NAME;
	if (!text_empty(f->owner_number) && !same_number(a, number, f->owner_number))
		reasons |= 1u << REVIEW_OWNER_NUMBER;
	if (!text_empty(f->read_number) && !same_number(a, number, f->read_number))
		reasons |= 1u << REVIEW_NUMBER_EDITED;
	if (!text_empty(f->read_name) && !text_same_name(a, name, f->read_name))
		reasons |= 1u << REVIEW_NAME_EDITED;
	if (f->validity_edited)
		reasons |= 1u << REVIEW_VALIDITY_EDITED;
	if (f->manual_identity)
		reasons |= 1u << REVIEW_MANUAL_IDENTITY;
	return reasons;
}

unsigned review_company_reasons(struct arena *a, const struct review_company *c)
{
	bool read = !text_empty(c->read_name) && !text_empty(c->read_code);
	unsigned reasons = 0;

	if (!c->trusted)
		reasons |= 1u << REVIEW_COMPANY_NEW;
	if (!read)
		reasons |= 1u << REVIEW_COMPANY_READ;
	else if (!text_same_name(a, c->name, c->read_name) || !same_number(a, c->code, c->read_code))
		reasons |= 1u << REVIEW_COMPANY_EDITED;
	if (uscc_check(c->code) != NUMBER_OK)
		reasons |= 1u << REVIEW_COMPANY_CODE;
	if (certificate_get(certificate_type_of_code(c->code)) != c->certificate)
		reasons |= 1u << REVIEW_COMPANY_TYPE;
	if (c->known_name && !text_same_name(a, c->name, c->known_name))
		reasons |= 1u << REVIEW_COMPANY_NAME;
	return reasons;
}

const char *review_name(enum review_reason r)
{
	return reasons_table[r].name;
}

const char *review_label(enum review_reason r)
{
	return reasons_table[r].label;
}

char *review_names(struct arena *a, unsigned reasons)
{
	char *names = arena_strdup(a, "");

	for (int r = 0; r < REVIEW_REASON_MAX; r++)
		if (reasons & 1u << r)
			names = arena_printf(a, "%s%s%s", names, *names ? "," : "", reasons_table[r].name);
	return names;
}
