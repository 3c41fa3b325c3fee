<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead">手机号可能换过主人。90 天前的记录，要核对办理时证件号码的最后 4 位。</p>
<div class="card">
<?cs call:form_open() ?>
<?cs call:code_field("tail", Field.tail, "证件号码的最后 4 位", "例如身份证号的最后 4 位，末位可以是 X", "8", "done") ?>
<?cs call:submit("核对") ?>
</form>
</div>
<?cs include!"_foot.cs" ?>
