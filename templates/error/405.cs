<?cs include!"_head.cs" ?>
<section class="card state">
<span class="badge wait" aria-hidden="true"></span>
<h1>不能这样打开这个页面</h1>
<p><?cs if:Error.text ?><?cs var:Error.text ?><?cs else ?>请从首页进入，按页面上的按钮操作<?cs /if ?></p>
<?cs include!"_error_tail.cs" ?>
<?cs include!"_foot.cs" ?>
