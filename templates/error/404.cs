<?cs include!"_head.cs" ?>
<section class="card state">
<span class="badge wait" aria-hidden="true"></span>
<h1>没有找到这个页面</h1>
<p><?cs if:Error.text ?><?cs var:Error.text ?><?cs else ?>网址可能不完整，或页面已经移走，请从首页重新进入<?cs /if ?></p>
<?cs include!"_error_tail.cs" ?>
<?cs include!"_foot.cs" ?>
