/* The one table of messages to users, sorted by key. Texts stay at or below 40 characters with at most one {placeholder};
 * they say what is wrong and what to do, in words that need no explanation. */
#include "http/messages.h"

#include <string.h>

#include "base/log.h"

static const struct {
	const char *key, *text;
} messages[] = {
	{"address.empty", "请输入证件上的地址"},
	{"address.long", "地址太长，请控制在 200 字以内"},
	{"address.short", "地址至少 6 个字，请照证件填写完整"},
	{"agree.all", "请先阅读协议，再勾选同意"},
	{"agree.need", "请阅读并勾选《{doc}》"},
	{"cam.ask", "接下来会请求使用相机和麦克风，请点“允许”"},
	{"cam.busy", "相机被其他应用占用，请关闭那个应用后再试"},
	{"cam.denied", "没有相机权限。请在手机设置中允许{app}使用相机和麦克风，或改用“拍摄后上传”"},
	{"cam.none", "没有找到相机，请换一部手机或扫码继续"},
	{"cam.unsupported", "当前浏览器不能直接录像，请用下面的按钮拍摄上传"},
	{"card.limit", "您名下已有 {n} 张卡，超过 10 张请到运营商营业厅办理"},
	{"card.none", "请至少选择一张车联网卡"},
	{"clip.big", "录像太大，不能超过 {n}MB。请录 5 秒左右，或降低画质"},
	{"clip.type", "这不是能识别的录像，请重新录制"},
	{"code.empty", "请输入短信验证码"},
	{"code.expired", "验证码已过期，请重新获取"},
	{"code.len", "验证码是 6 位数字，请看短信后重新输入"},
	{"code.locked", "输错次数较多，请 {time} 后再试"},
	{"code.used_up", "输错次数较多，这个验证码已失效，请重新获取"},
	{"code.wrong", "验证码不正确，还可以再试 {n} 次"},
	{"consent.face", "请勾选单独同意；不同意可在下面改为人工审核"},
	{"date.bad", "日期不正确，例如 2026-11-21"},
	{"date.empty", "请输入日期，或勾选长期"},
	{"date.order", "结束日期早于开始日期，请核对"},
	{"dup", "已收到您的提交，无需重复操作"},
	{"engine.empty", "请输入发动机号或电动机号的后 6 位"},
	{"engine.len", "请输入后 6 位，只含字母和数字"},
	{"engine.wrong", "发动机号后 6 位不正确，还可以再试 {n} 次"},
	{"error.400", "刚才的请求没有传完整，请返回上一页重新提交"},
	{"error.400.title", "请重新提交"},
	{"error.403", "这个页面不能打开，链接可能已经失效，请从首页重新进入"},
	{"error.403.title", "不能打开这个页面"},
	{"error.404", "网址可能不完整，或页面已经移走，请从首页重新进入"},
	{"error.404.title", "没有找到这个页面"},
	{"error.405", "请不要直接打开这个网址，请从首页重新进入"},
	{"error.405.title", "不能这样打开这个页面"},
	{"error.409", "内容刚才在别处改动过，请返回上一页重新打开再试"},
	{"error.409.title", "内容已经变化"},
	{"error.413", "文件或内容太大，请返回上一页换小一些的再传"},
	{"error.413.title", "内容太大"},
	{"error.429", "操作次数较多，请过几分钟再试"},
	{"error.429.title", "请稍后再试"},
	{"error.500", "抱歉，刚才没有办成，请稍后再试"},
	{"error.500.title", "服务暂时出了问题"},
	{"error.503", "现在办理的人较多，请稍后再试"},
	{"error.503.title", "服务暂时不可用"},
	{"fault", "抱歉，服务暂时出了问题。您填的内容已保存，请稍后再试或拨打 {tel}"},
	{"file.big", "文件不能超过 {n}MB，请重新拍摄或换一个小些的"},
	{"file.broken", "文件打不开，请重新拍摄"},
	{"file.cancelled", "已取消上传"},
	{"file.empty", "这个文件是空的，请重新选择"},
	{"file.heic", "这是 HEIC 格式，请直接拍照，或在“从相册选”中重新选择"},
	{"file.net", "网络中断，已上传 {p}%，恢复后会自动继续"},
	{"file.none", "请拍摄或选择{file}"},
	{"file.pixels", "照片像素太高，请用标准分辨率重新拍摄"},
	{"file.retry", "没有传上去，请点“重试”"},
	{"file.same", "这张照片刚才没有通过，请重新拍一张"},
	{"file.times", "这张照片换的次数较多，请直接下一步，或拨打客服电话"},
	{"file.type", "请使用 JPG、PNG 或 BMP 格式的照片"},
	{"id.big", "照片太大，识别不了，请用标准分辨率重新拍摄"},
	{"id.blur", "照片有点模糊，请拿稳再拍"},
	{"id.copy", "请拍摄证件原件，不要用复印件或屏幕照片"},
	{"id.covered", "证件被遮住了一部分，请拿开手指再拍"},
	{"id.crop", "没有拍全四个角，请把整张证件放进画面"},
	{"id.dark", "光线太暗，请到亮处再拍"},
	{"id.edited", "照片看起来被修改过，请直接拍摄证件原件"},
	{"id.empty", "请输入身份证号"},
	{"id.expired", "证件已过有效期，请换用有效证件"},
	{"id.format", "姓名或证件号码的格式不对，请返回核对身份信息"},
	{"id.glare", "有反光，请关闭闪光灯，换个角度再拍"},
	{"id.many", "照片里不止一张证件，请只拍一张"},
	{"id.mismatch", "两面信息不一致，请确认是同一张身份证"},
	{"id.notid", "没有识别到身份证，请对准身份证重新拍摄"},
	{"id.num", "身份证号不正确，请核对第 {pos} 位附近"},
	{"id.num18", "身份证号应为 18 位，最后一位可以是 X"},
	{"id.side", "正反面拍反了，请按上面的提示换一面拍"},
	{"id.small", "证件在照片里太小，请靠近一些再拍"},
	{"id.temporary", "这是临时身份证，请在下方改选证件类型"},
	{"id.tries", "识别次数已用完，请 {n} 小时后再试，或拨打客服电话"},
	{"id.type", "这是港澳台居民居住证号码，请改选证件类型"},
	{"id.vendor", "识别服务繁忙，本次不计入次数，请稍后再试"},
	{"imp.col", "缺少“车架号”列。当前列：{cols}"},
	{"imp.dup", "与第 {row} 行重复"},
	{"imp.notyours", "这辆车不在贵单位名下"},
	{"imp.open", "文件打不开，请另存为 XLSX 或 CSV 后再传"},
	{"imp.pwd", "文件有密码，请去掉密码后再传"},
	{"imp.rows", "一次最多 10,000 行，当前 {n} 行"},
	{"imp.sci", "第 {row} 行被 Excel 改成了科学计数，请把该列设为“文本”后重填"},
	{"imp.sum", "有 {bad} 行需要修改，其余各行可以提交"},
	{"live.again", "没有拍清楚，请正对镜头重新录一遍"},
	{"live.code", "读的数字与屏幕不一致，请按新数字重录"},
	{"live.expired", "数字已过期，请按新的数字重录"},
	{"live.fail", "与身份证照片比对未通过，还可以再试 {n} 次"},
	{"live.light", "光线太暗或太亮，请换个光线均匀的地方重录"},
	{"live.limit", "今天核验的次数较多，请明天再试，或拨打客服电话"},
	{"live.lips", "没有看到嘴在动，请张口读出数字重录"},
	{"live.long", "录像太长，请控制在 5 秒左右"},
	{"live.many", "画面里只能有您本人，请重录"},
	{"live.mask", "脸被遮住了，请摘下口罩、墨镜或帽子重录"},
	{"live.mismatch", "姓名与证件号码不一致，请返回核对身份信息"},
	{"live.noface", "没有看到完整的脸，请露出全脸重录"},
	{"live.norecord", "没有查到可比对的照片，请拨打客服电话办理"},
	{"live.position", "请把脸放在画面中间，不要太近或太远"},
	{"live.quality", "画面不够清楚，请擦净镜头，到亮处重录"},
	{"live.replay", "请本人对着镜头现场录制，不要翻拍照片或视频"},
	{"live.short", "录像不足 3 秒，请重录"},
	{"live.slow", "换得太快了，请稍等几秒再换"},
	{"live.tries", "验证次数已用完，请 {n} 小时后再试，或拨打客服电话"},
	{"live.vendor", "核验服务繁忙，本次不计入次数，请稍后再试"},
	{"live.video", "录像打不开，请重新录制"},
	{"live.voice", "没有听清数字，请在安静处大声读出屏幕上的数字"},
	{"name.bad", "姓名里有数字或符号，请照证件填写"},
	{"name.empty", "请输入姓名"},
	{"name.len", "姓名应为 2 到 50 个字，请照证件填写"},
	{"name.owner", "姓名与车主登记信息不一致，请核对"},
	{"note.long", "说明太长，请控制在 200 字以内"},
	{"number.bad", "证件号码不正确，请照证件逐位核对"},
	{"number.empty", "请输入证件号码"},
	{"org.code", "统一社会信用代码应为 18 位，请核对"},
	{"org.empty", "请输入统一社会信用代码"},
	{"org.expired", "营业执照不在有效期内，请换用有效的营业执照"},
	{"phone.bad", "手机号应为 11 位，例如 13800138000"},
	{"phone.empty", "请输入手机号"},
	{"proof.locked", "输错次数较多，这辆车请在 {time} 后再试"},
	{"proof.slow", "请等 {n} 秒后再试一次"},
	{"review.refused", "审核未通过，请核对证件后重新办理"},
	{"sess.end", "为保护您的信息已暂停，验证手机号后可继续，内容已保存"},
	{"sess.warn", "页面将在 {m} 分钟后暂停，点“继续办理”可延长"},
	{"sms.fail", "短信暂时发不出去，请稍后再试，您填的内容已保存"},
	{"sms.max", "今天获取验证码次数已用完，请明天再试"},
	{"sms.vin_max", "这辆车今天获取验证码次数已用完，请明天再试"},
	{"sms.wait", "请在 {time} 后重新获取验证码"},
	{"summary.heading", "请改正以下问题"},
	{"type.choose", "请选择一种证件"},
	{"vehicle.mismatch", "车架号或后 6 位不正确，请对照行驶证核对，还可以再试 {n} 次"},
	{"vehicle.mismatch_last", "车架号或后 6 位不正确。请核对后过一会儿再试，或拨打客服电话"},
	{"vin.chars", "车架号只含字母和数字，请核对后重新输入"},
	{"vin.check", "这个车架号可能有误，请对照行驶证再核对一遍"},
	{"vin.done", "这张卡已完成实名登记，无需重复办理"},
	{"vin.empty", "请输入车架号"},
	{"vin.ioq", "车架号不含字母 I、O、Q，您是不是想输入 {fixed}？"},
	{"vin.len", "车架号应为 17 位，您输入了 {n} 位"},
	{"vin.new", "这辆车需到网点办理（2021 年 9 月 28 日后入网）"},
	{"vin.notfound", "没有查到这辆车，请核对车架号；仍查不到请联系 {tel}"},
};

#define MESSAGES ((int)(sizeof(messages) / sizeof(*messages)))

const char *message_text(struct arena *a, const char *key, const char *argument)
{
	for (int i = 0; i < MESSAGES; i++) {
		const char *open, *close;
		if (strcmp(messages[i].key, key) != 0)
			continue;
		open = strchr(messages[i].text, '{');
		close = open ? strchr(open, '}') : NULL;
		if (!close)
			return messages[i].text;
		return arena_printf(a, "%.*s%s%s", (int)(open - messages[i].text), messages[i].text, argument ? argument : "", close + 1);
	}
	/* A key from the database that no program of this version knows: the person still gets a way on. */
	log_error("message", "an unknown key of %zu bytes", strlen(key));
	return "没有办成，请稍后再试或拨打客服电话";
}

const char *message_key(int i)
{
	return i >= 0 && i < MESSAGES ? messages[i].key : NULL;
}
