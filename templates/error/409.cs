<?cs include!"_head.cs" ?>
<section class="card state">
<span class="badge wait" aria-hidden="true"></span>
<h1>内容已经变化</h1>
<p><?cs if:Error.text ?><?cs var:Error.text ?><?cs else ?>内容刚才在别处改动过，请返回上一页重新打开再试<?cs /if ?></p>
<?cs include!"_error_tail.cs" ?>
<?cs include!"_foot.cs" ?>
