<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<div class="card">
<?cs call:form_open() ?>
<?cs call:text_field("phone", Field.phone, "车主本人的手机号", "用于接收本次办理的验证码和结果", "tel", "tel", "tel", "20", "next") ?>
<?cs call:submit("获取验证码") ?>
</form>
</div>
<?cs include!"_foot.cs" ?>
