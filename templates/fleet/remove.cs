<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<div class="card">
<dl class="rows">
<div><dt>企业</dt><dd><?cs var:Company.name ?></dd></div>
<div><dt>手机号</dt><dd><?cs var:Member.phone ?></dd></div>
<?cs if:Member.name ?><div><dt>姓名</dt><dd><?cs var:Member.name ?></dd></div><?cs /if ?>
</dl>
<?cs if:Member.last ?>
<p class="note warn">您是唯一的管理员，不能移除自己。请先添加另一位管理员。</p>
<?cs elif:Member.self ?>
<p class="note warn">这是您自己。移除后您马上不能再为这家企业办理，也看不到它的车和结果。</p>
<?cs else ?>
<p class="note warn">移除后对方马上不能再为这家企业办理，也看不到它的车和结果。已经提交的不受影响。</p>
<?cs /if ?>
<?cs if:!Member.last ?>
<?cs call:form_open() ?>
<button class="btn danger" type="submit">确认移除</button>
</form>
<?cs /if ?>
</div>
<p class="links"><a href="/fleet/members">不移除，返回管理员</a></p>
<?cs include!"_foot.cs" ?>
