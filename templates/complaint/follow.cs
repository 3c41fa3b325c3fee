<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">请填提交后给您的 10 位投诉编号。</p>
<div class="card">
<?cs call:form_open() ?>
<?cs call:code_field("number", Field.number, "投诉编号", "", "20", "next") ?>
<?cs call:text_field("tail", Field.tail, "手机号后 4 位", "提交时没有留手机号的，不用填", "text", "numeric", "off", "8", "done") ?>
<?cs call:submit("查询") ?>
</form>
</div>
<?cs include!"_foot.cs" ?>
