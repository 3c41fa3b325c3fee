<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<div class="card">
<dl class="rows wide">
<div><dt>单位名称</dt><dd><?cs var:Company.name ?></dd></div>
<div><dt>统一社会信用代码</dt><dd class="mono"><?cs var:Company.code ?></dd></div>
<div><dt>证件</dt><dd><?cs var:Company.certificate ?></dd></div>
<?cs if:Company.until ?><div><dt>有效期到</dt><dd><?cs var:Company.until ?></dd></div><?cs /if ?>
<div><dt>地址</dt><dd><?cs var:Company.address ?></dd></div>
<div><dt>管理员手机号</dt><dd><?cs var:Phone.masked ?></dd></div>
</dl>
<p class="links"><a href="/<?cs var:Flow.slug ?>/company">修改企业信息</a></p>
<?cs call:form_open() ?>
<?cs call:field_error("submit", Field.submit) ?>
<button class="btn" type="submit" id="submit">确认开通</button>
</form>
</div>
<?cs include!"_foot.cs" ?>
