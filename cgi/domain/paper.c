/* A new paper is a line here, its column of application and the CHECKs of the tables evidence and supplement. */
#include "domain/paper.h"

#include <stddef.h>
#include <string.h>

static const struct paper papers[] = {
	{"certificate_front", "front", "证件正面", "请重新拍摄证件有照片的一面，四个角都要拍到", false},
	{"certificate_back", "back", "证件背面", "请重新拍摄证件的另一面，有效期要看得清", false},
	{"vehicle_licence", "licence", "行驶证主页", "请拍摄行驶证主页，车架号要看得清", false},
	{"other_photo", "other", "其他材料", "请补拍一张能证明您是车主的材料，例如购车发票", false},
	{"business_licence", "business", "单位证件", "请重新上传单位证件，名称、代码和有效期要看得清", true},
	{"authorisation", "letter", "授权书", "请重新上传授权书，公章、被授权人姓名和期限要看得清", true},
	{"attachment", "attachment", "附件", "请补充上传已签字盖章的附件", true},
};
enum { PAPERS = sizeof papers / sizeof *papers };

const struct paper *paper(const char *name)
{
	for (int i = 0; name && i < PAPERS; i++)
		if (strcmp(papers[i].name, name) == 0)
			return &papers[i];
	return NULL;
}

const struct paper *paper_by_slug(const char *slug)
{
	for (int i = 0; slug && i < PAPERS; i++)
		if (strcmp(papers[i].slug, slug) == 0)
			return &papers[i];
	return NULL;
}

char *paper_names(struct arena *a)
{
	char *names = arena_strdup(a, "");

	for (int i = 0; i < PAPERS; i++)
		names = arena_printf(a, "%s%s%s", names, i ? ", " : "", papers[i].name);
	return names;
}
