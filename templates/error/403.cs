<?cs include!"_head.cs" ?>
<section class="card state">
<span class="badge wait" aria-hidden="true"></span>
<h1>不能打开这个页面</h1>
<p><?cs if:Error.text ?><?cs var:Error.text ?><?cs else ?>链接可能已经失效，请从首页重新进入<?cs /if ?></p>
<?cs include!"_error_tail.cs" ?>
<?cs include!"_foot.cs" ?>
