<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">手机号可能换过主人。查看照片、下载、更正和删除之前，请核对办理时所用证件的号码。</p>
<div class="card">
<?cs call:form_open() ?>
<?cs call:code_field("last4", Field.last4, "证件号码的后 4 位", "例如 123X，30 分钟内不用再填", "8", "done") ?>
<?cs call:submit("核对") ?>
</form>
</div>
<?cs include!"_foot.cs" ?>
