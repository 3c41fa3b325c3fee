<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<?cs if:Flow.company ?>
<?cs include!"fleet/_notice.cs" ?>
<?cs else ?>
<?cs if:Flow.kind == "cancel" ?>
<p class="lead">取消车联网卡上登记的您的身份。卖车、报废或拆下车载终端时办理，大约 3 分钟。</p>
<section class="card">
<h2>注销以后</h2>
<ul class="dots">
<li><strong>停用：</strong>车机上网、远程控制、在线导航和音乐等功能</li>
<li><strong>不受影响：</strong>紧急呼叫、应急救援</li>
<li><strong>不能撤回：</strong>注销成功后要再用，需要重新登记</li>
<li>登记的历史记录会按规定保存两年</li>
</ul>
</section>
<?cs elif:Flow.kind == "update" ?>
<p class="lead">登记人换了手机号，或换了新的身份证，在这里更新登记。大约 3 分钟。</p>
<section class="card">
<h2>变更以后</h2>
<ul class="dots">
<li><strong>更新：</strong>登记的手机号、证件有效期和证件地址</li>
<li><strong>不变：</strong>登记人还是您本人，车上的功能照常使用</li>
<li>只能由登记人本人办理；换人请先注销，再由新车主登记</li>
</ul>
</section>
<?cs else ?>
<p class="lead">登记车主的真实身份后，车机上网、远程控制等功能才能正常使用。大约 3 分钟。</p>
<?cs /if ?>
<section class="card">
<h2>请先准备好</h2>
<ul class="ready">
<li><svg class="ico" viewBox="0 0 24 24" aria-hidden="true"><path d="M3 5h18v14H3zM6 16c.4-2 4.600-2 5 0M14 10h4M14 14h4"/><circle cx="8.500" cy="10.500" r="1.800"/></svg><span><strong><?cs if:Flow.kind == "cancel" ?>登记时用的身份证<?cs elif:Flow.kind == "update" ?>登记人本人的身份证<?cs else ?>车主本人的身份证<?cs /if ?></strong>要原件，在有效期内</span></li>
<li><svg class="ico" viewBox="0 0 24 24" aria-hidden="true"><path d="M7 2.500h10v19H7zM11 18.500h2"/></svg><span><strong>本人<?cs if:Flow.kind == "update" ?>现在用<?cs /if ?>的手机号</strong>用来收短信验证码</span></li>
<li><svg class="ico" viewBox="0 0 24 24" aria-hidden="true"><path d="M3 6h18v12H3zM6 10h7M6 14h4M16 14h2"/></svg><span><strong>车辆行驶证</strong>上面有车架号和发动机号</span></li>
<li><svg class="ico" viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="4"/><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.600 5.600 7 7M17 17l1.400 1.400M5.600 18.400 7 17M17 7l1.400-1.400"/></svg><span><strong>安静、光线好的地方</strong>要录一段 5 秒的视频</span></li>
</ul>
</section>
<details class="more">
<summary>哪些情况要到网点办理</summary>
<ul>
<?cs if:Flow.kind == "cancel" ?>
<li>原登记人不能本人办理：请新车主带行驶证和身份证到购车 4S 店办理</li>
<li>登记在单位名下：请单位经办人从首页的<a href="/fleet">企业车主办理</a>进入</li>
<?cs elif:Flow.kind == "update" ?>
<li>改了姓名，或证件号码变了：请带证明到购车 4S 店办理</li>
<li>登记在单位名下：请单位经办人从首页的<a href="/fleet">企业车主办理</a>进入</li>
<?cs else ?>
<li>2021 年 9 月 28 日以后入网的车：请到购车 4S 店办理</li>
<li>不是车主本人来办：请到购车 4S 店办理</li>
<li>车主是单位：请单位经办人从首页的<a href="/fleet">企业车主办理</a>进入</li>
<li>同一运营商名下的车联网卡超过 10 张：请到运营商指定的营业厅办理</li>
<?cs /if ?>
</ul>
</details>
<p class="fact">不愿意或不方便拍摄人脸视频，到身份验证那一步可以改为人工审核，同样在线上办。</p>
<?cs /if ?>
<section class="card">
<?cs include!"_privacy.cs" ?>
<?cs call:form_open() ?>
<?cs call:submit("已阅读并同意，开始办理") ?>
</form>
</section>
<?cs include!"_foot.cs" ?>
