<?cs include!"_head.cs" ?>
<section class="card state">
<span class="badge wait" aria-hidden="true"></span>
<h1>请稍后再试</h1>
<p><?cs if:Error.text ?><?cs var:Error.text ?><?cs else ?>操作次数较多，请过几分钟再试<?cs /if ?></p>
<?cs include!"_error_tail.cs" ?>
<?cs include!"_foot.cs" ?>
