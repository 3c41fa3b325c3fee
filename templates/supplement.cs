<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<h1><?cs var:Page.heading ?></h1>
<?cs if:Supplement.open ?>
<p class="lead">工作人员审核时还需要您补充材料。照着准备好上传就行，别的不用再填。</p>
<?cs else ?>
<p class="lead">工作人员会接着审核，一个工作日内用短信告诉您结果。</p>
<?cs /if ?>
<section class="card">
<p class="muted">受理编号 <span class="mono"><?cs var:Application.number ?></span></p>
<dl class="rows">
<?cs each:asked = Asked ?>
<div><dt><?cs var:asked.label ?></dt><dd><?cs if:asked.given ?>已收到<?cs else ?>还没有<?cs /if ?></dd></div>
<?cs /each ?>
</dl>
<?cs if:!Supplement.open ?>
<a class="btn" href="<?cs var:Page.back ?>">查看登记记录</a>
<?cs /if ?>
</section>
<?cs if:Supplement.open ?>
<section class="card">
<h2><?cs var:Supplement.label ?></h2>
<p class="note warn"><?cs var:Supplement.words ?></p>
<?cs if:Paper.label ?><?cs include!"_paper.cs" ?><?cs else ?><?cs include!"_upload.cs" ?><?cs /if ?>
</section>
<?cs /if ?>
<?cs include!"_foot.cs" ?>
