<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">请用办理时填写的手机号查询。</p>
<div class="card">
<?cs call:form_open() ?>
<?cs call:text_field("phone", Field.phone, "手机号", "我们会发一条短信验证码，确认是您本人", "tel", "tel", "tel", "20", "next") ?>
<?cs call:submit("获取验证码") ?>
</form>
</div>
<?cs include!"_foot.cs" ?>
