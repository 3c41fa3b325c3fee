<?cs include!"_head.cs" ?>
<section class="card state">
<span class="badge wait" aria-hidden="true"></span>
<h1><?cs var:Page.heading ?></h1>
<p>链接不完整、已经用过或者过期了。</p>
<p class="what"><strong>您可以这样做</strong><br>照着行驶证填写车辆信息，一样可以办理。办到一半的，请从“实名登记记录”里继续。也可以回到 App 重新打开。</p>
<a class="btn" href="/register/notice">车主实名认证</a>
<a class="btn second" href="/cancel/notice">车主注销</a>
<p><a href="/records">查看登记记录</a></p>
</section>
<?cs include!"_foot.cs" ?>
