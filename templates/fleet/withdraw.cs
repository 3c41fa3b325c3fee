<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<section class="card">
<p>编号 <span class="mono"><?cs var:Batch.number ?></span>，有 <strong><?cs var:Batch.left ?></strong> 张卡还没有送到运营商。</p>
<p>撤回后，这些卡不再办理；已经送出的不受影响，照常出结果。</p>
<?cs call:form_open() ?>
<button class="btn danger" type="submit">撤回</button>
</form>
<p class="links"><a href="/fleet/batch/<?cs var:Batch.number ?>">不撤回</a></p>
</section>
<?cs include!"_foot.cs" ?>
