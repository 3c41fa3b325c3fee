<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<div class="card">
<?cs call:form_open() ?>
<?cs if:Flow.kind == "update" ?>
<?cs call:text_field("phone", Field.phone, "登记人现在用的手机号", "换了号码的填新号码，用于接收验证码和结果", "tel", "tel", "tel", "20", "next") ?>
<?cs else ?>
<?cs call:text_field("phone", Field.phone, "车主本人的手机号", "用于接收本次办理的验证码和结果", "tel", "tel", "tel", "20", "next") ?>
<?cs /if ?>
<?cs call:submit("获取验证码") ?>
</form>
</div>
<?cs include!"_foot.cs" ?>
