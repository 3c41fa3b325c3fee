<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<div class="card">
<?cs include!"records/_summary.cs" ?>
</div>
<p class="note warn">撤回后这次办理就结束了，不会送到运营商，车联网卡的登记不会改变。以后需要时可以重新办理。</p>
<?cs call:form_open() ?>
<button class="btn danger" type="submit">确认撤回</button>
</form>
<p class="links"><a href="/records">不撤回，返回记录</a></p>
<?cs include!"_foot.cs" ?>
