<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<article class="card text">
<h1><?cs var:Text.title ?></h1>
<p class="muted">版本 <?cs var:Text.version ?><?cs if:Text.date ?> · 生效日期 <?cs var:Text.date ?><?cs /if ?></p>
<?cs each:line = Lines ?>
<?cs if:line.heading ?>
<h2><?cs var:line.text ?></h2>
<?cs else ?>
<p><?cs var:line.text ?></p>
<?cs /if ?>
<?cs /each ?>
</article>
<?cs if:Page.back ?>
<p><a class="btn second" href="<?cs var:Page.back ?>">看完了，返回</a></p>
<?cs /if ?>
<?cs include!"_foot.cs" ?>
