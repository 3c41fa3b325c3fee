<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<?cs include!"_handover.cs" ?>
<section class="card">
<h2>为什么要录像</h2>
<p>按照车联网卡实名登记的规定，要确认是证件本人在办理，防止别人冒用您的身份证。</p>
<h2>怎么录</h2>
<ol class="nums">
<li>手机与脸齐平，脸放进框里，不戴帽子和口罩</li>
<li>看着屏幕，大声读出 4 个数字</li>
<li>大约 5 秒，录好自己看一遍再提交</li>
</ol>
<h2>会保存多久</h2>
<p>录像只用于这一次核验，有结果后 24 小时内删除。按规定留存一张正面照片和核验结果，保存到登记注销后两年。</p>
</section>
<section class="card">
<?cs call:form_open() ?>
<p class="doc"><a href="/agreement/face">《人脸及声音信息处理单独同意书》</a></p>
<?cs call:tick("consent", Field.consent, "我单独同意为本次实名核验处理我的人脸和声音信息") ?>
<p class="hint">接下来会请求使用相机和麦克风，请点“允许”。</p>
<?cs call:submit("开始准备") ?>
</form>
</section>
<details class="more">
<summary>不同意，或者不方便录像</summary>
<p>不同意不影响您的其他权利。</p>
<?cs include!"_way.cs" ?>
</details>
<?cs include!"_foot.cs" ?>
