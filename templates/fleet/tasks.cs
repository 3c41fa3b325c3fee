<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<p class="lead" role="status"><?cs if:Tasks.ready ?>都办好了，可以进行下一步。<?cs else ?>还有 <?cs var:Tasks.left ?> 项要办，先办哪一项都可以，办过的会自动保存。<?cs /if ?></p>
<?cs if:Tasks.last ?>
<section class="note">
<p>可以沿用批次 <span class="mono"><?cs var:Tasks.last ?></span> 中还在有效期内的企业信息<?cs if:Flow.kind != "update" ?>、责任人身份<?cs /if ?>和同类附件。授权书每批都要新的。</p>
<?cs call:action_form("reuse", "沿用上次的材料", "btn second") ?>
</section>
<?cs /if ?>
<ul class="tasks">
<?cs each:task = Tasks ?>
<?cs if:task.title ?>
<li class="card <?cs var:task.look ?>"><a href="<?cs var:task.url ?>"><span><strong><?cs var:task.title ?></strong><small><?cs var:task.words ?></small></span><em class="status <?cs var:task.look ?>"><?cs var:task.state ?></em></a></li>
<?cs /if ?>
<?cs /each ?>
</ul>
<?cs if:Tasks.ready ?>
<?cs call:form_open() ?>
<?cs call:submit("下一步") ?>
</form>
<?cs /if ?>
<?cs include!"_foot.cs" ?>
