<?cs include!"_head.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">点问题看回答。没有您要找的，请拨打 <a class="nobreak" href="tel:<?cs var:Site.hotline ?>"><?cs var:Site.hotline ?></a>（<?cs var:Site.hours ?>）。</p>
<details class="more"><summary>不登记，紧急呼叫还能用吗？</summary>
<p>能用。没有登记也可以使用车上的紧急呼叫，登记和注销的过程中也不受影响。</p>
</details>
<details class="more"><summary>办理一次要多久？</summary>
<p>您操作大约 3 分钟，提交后一般 10 分钟内有结果，用短信通知您。需要工作人员审核的，一般一个工作日。中途离开，填过的内容会保存一天。</p>
</details>
<details class="more"><summary>车架号在哪里找？</summary>
<p>车架号是 17 位字母和数字，在三个地方能找到：行驶证上“车辆识别代号”一栏；前挡风玻璃左下角；车辆合格证上。</p>
</details>
<details class="more"><summary>收不到短信验证码怎么办？</summary>
<p>先看手机有没有信号，再看看垃圾短信和拦截记录。等 1 分钟后可以重新获取。还是收不到，请换一个本人的手机号，或过一会儿再试。</p>
</details>
<details class="more"><summary>相机打不开怎么办？</summary>
<p>提示要使用相机和麦克风时，请点“允许”。点过“不允许”的，在手机的设置里找到您用的浏览器或应用，打开相机和麦克风权限。也可以用手机自带的相机拍好，再在页面上选择上传。</p>
</details>
<details class="more"><summary>身份证上读取哪些信息？谁能看到？</summary>
<p>读取姓名、性别、出生日期、住址、证件号码和有效期，用来完成法律规定的实名登记。信息加密保存，只送给车联网卡的运营商核验，不作别的用途。详见 <a href="/agreement/privacy">隐私告知</a>。</p>
</details>
<details class="more"><summary>为什么要录像读数字？</summary>
<p>为了确认是您本人在办理，防止别人拿您的身份证登记。请正对手机，大声读出屏幕上的 4 个数字，几秒钟就好。</p>
</details>
<details class="more"><summary>买了二手车，原车主没有注销怎么办？</summary>
<p>请原车主用登记时的证件办理“车主注销”。联系不上原车主，请带行驶证和身份证到 4S 店，或拨打客服电话。</p>
</details>
<details class="more"><summary>单位名下的车怎么办理？</summary>
<p>由单位经办人从首页的 <a href="/fleet">企业车主办理</a> 进入，用手机号登录，一次可以办很多辆。汽车厂家没有登记过您的单位时，可以用营业执照自己开通。</p>
</details>
<details class="more"><summary>手机丢了或换了号码怎么办？</summary>
<p>登记的是您本人和车，手机丢了不影响已经办好的登记。办到一半的，请用新手机重新开始。查以前的记录要用原来的手机号，号码已经不用的，请拨打客服电话。</p>
</details>
<details class="more"><summary>登记不是我办的，或信息不对怎么办？</summary>
<p>请在 <a href="/complaint">投诉举报</a> 里告诉我们，会给您一个编号，凭编号查处理进度。</p>
</details>
<section class="card">
<h2>人工服务</h2>
<dl class="rows">
<div><dt>客服电话</dt><dd><a class="nobreak" href="tel:<?cs var:Site.hotline ?>"><?cs var:Site.hotline ?></a></dd></div>
<div><dt>服务时间</dt><dd><?cs var:Site.hours ?></dd></div>
</dl>
<a class="btn" href="/complaint">投诉举报</a>
</section>
<?cs include!"_foot.cs" ?>
