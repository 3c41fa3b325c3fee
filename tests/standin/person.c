/* Made-up people and companies, drawn from the bytes of a digest. A number may by chance belong to someone: for tests only. */
#include "person.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ident.h"

#define LONG_TERM_AGE 46
#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static const char *const SURNAMES[] = {
	"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马", "罗",
	"梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕",
};
static const char *const GIVEN[] = {
	"伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟", "涛", "明", "超", "秀", "霞", "平",
	"刚", "桂", "英", "华", "玉", "兰", "红", "建", "文", "辉", "力", "鑫", "波", "宁", "晨", "欣", "雨", "梅", "海", "燕",
	"飞", "国", "志", "春", "晓", "光", "成", "云", "嘉", "俊", "思", "浩", "博", "瑞", "颖", "佳", "琳", "凯", "倩", "旭",
};
static const struct {
	const char *code, *place, *authority;
} AREAS[] = {
	{"110105", "北京市朝阳区", "北京市公安局朝阳分局"},       {"310104", "上海市徐汇区", "上海市公安局徐汇分局"},
	{"440305", "广东省深圳市南山区", "深圳市公安局南山分局"}, {"330106", "浙江省杭州市西湖区", "杭州市公安局西湖分局"},
	{"320106", "江苏省南京市鼓楼区", "南京市公安局鼓楼分局"}, {"510107", "四川省成都市武侯区", "成都市公安局武侯分局"},
	{"420106", "湖北省武汉市武昌区", "武汉市公安局武昌分局"}, {"610113", "陕西省西安市雁塔区", "西安市公安局雁塔分局"},
	{"370102", "山东省济南市历下区", "济南市公安局历下分局"}, {"500112", "重庆市渝北区", "重庆市公安局渝北分局"},
	{"120101", "天津市和平区", "天津市公安局和平分局"},       {"210102", "辽宁省沈阳市和平区", "沈阳市公安局和平分局"},
};
static const char *const STREETS[] = {"建设路", "人民路", "解放路", "和平街", "文化路", "新华街", "学院路", "光明路", "胜利街", "滨河路"};

/* A number below limit from two bytes of the digest: each use takes another pair. */
static unsigned int draw(const unsigned char *hash, size_t pair, unsigned int limit)
{
	return ((unsigned int)hash[2 * pair] << 8 | hash[2 * pair + 1]) % limit;
}

void person_from_hash(struct person *person, const unsigned char hash[SHA256_SIZE])
{
	unsigned int area = draw(hash, 0, COUNT(AREAS)), year = 1955 + draw(hash, 1, 46), month = 1 + draw(hash, 2, 12);
	unsigned int day = 1 + draw(hash, 3, 28), order = 1 + draw(hash, 4, 999), issued = 2016 + draw(hash, 5, 9);
	unsigned int issue_month = 1 + draw(hash, 6, 12), issue_day = 1 + draw(hash, 7, 28);

	*person = (struct person){.nation = "汉"};
	snprintf(person->name, sizeof(person->name), "%s%s%s", SURNAMES[draw(hash, 8, COUNT(SURNAMES))], GIVEN[draw(hash, 9, COUNT(GIVEN))],
		 GIVEN[draw(hash, 10, COUNT(GIVEN))]);
	snprintf(person->sex, sizeof(person->sex), "%s", order % 2 ? "男" : "女");
	snprintf(person->birth, sizeof(person->birth), "%u/%u/%u", year, month, day);
	snprintf(person->address, sizeof(person->address), "%s%s%u号%u栋%u室", AREAS[area].place, STREETS[draw(hash, 11, COUNT(STREETS))],
		 1 + draw(hash, 12, 400), 1 + draw(hash, 13, 30), 101 + draw(hash, 14, 20) * 100 + draw(hash, 15, 4));
	snprintf(person->number, sizeof(person->number), "%s%04u%02u%02u%03u", AREAS[area].code, year % 10000, month, day, order % 1000);
	person->number[17] = ident_check_digit(person->number);
	snprintf(person->authority, sizeof(person->authority), "%s", AREAS[area].authority);
	if (issued - year >= LONG_TERM_AGE)
		snprintf(person->valid, sizeof(person->valid), "%04u.%02u.%02u-长期", issued % 10000, issue_month, issue_day);
	else
		snprintf(person->valid, sizeof(person->valid), "%04u.%02u.%02u-%04u.%02u.%02u", issued % 10000, issue_month, issue_day,
			 (issued + 20) % 10000, issue_month, issue_day);
}

/* The check character of a unified social credit code: GB 32100. */
static char code_check(const char *code)
{
	static const char characters[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
	unsigned int weight = 1, sum = 0;

	for (size_t i = 0; i < 17; i++) {
		sum += weight * (unsigned int)(strchr(characters, code[i]) - characters);
		weight = weight * 3 % 31;
	}
	return characters[(31 - sum % 31) % 31];
}

/* The check character of the part that is an organisation's own number: GB 11714, letters count from 10. */
static char body_check(const char *body)
{
	static const unsigned int weights[] = {3, 7, 9, 10, 5, 8, 4, 2};
	unsigned int sum = 0;

	for (size_t i = 0; i < 8; i++)
		sum += weights[i] * (unsigned int)(body[i] - '0');
	sum = 11 - sum % 11;
	return sum == 10 ? 'X' : sum == 11 ? '0' : (char)('0' + sum);
}

void company_from_hash(struct company *company, const unsigned char hash[SHA256_SIZE])
{
	static const char *const trades[] = {"物流", "汽车租赁", "网约车服务", "供应链", "运输"};
	unsigned int area = draw(hash, 0, COUNT(AREAS)), year = 1995 + draw(hash, 1, 25);

	*company = (struct company){0};
	snprintf(company->name, sizeof(company->name), "%s%s%s有限公司", GIVEN[draw(hash, 2, COUNT(GIVEN))], GIVEN[draw(hash, 3, COUNT(GIVEN))],
		 trades[draw(hash, 4, COUNT(trades))]);
	snprintf(company->code, sizeof(company->code), "91%s%04u%04u", AREAS[area].code, draw(hash, 5, 10000), draw(hash, 6, 10000));
	company->code[16] = body_check(company->code + 8);
	company->code[17] = code_check(company->code);
	snprintf(company->address, sizeof(company->address), "%s%s%u号", AREAS[area].place, STREETS[draw(hash, 7, COUNT(STREETS))],
		 1 + draw(hash, 8, 400));
	snprintf(company->period, sizeof(company->period), "%04u年%02u月%02u日至长期", year % 10000, 1 + draw(hash, 9, 12), 1 + draw(hash, 10, 28));
}
