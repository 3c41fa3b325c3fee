<?cs include!"_head.cs" ?>
<section class="card state">
<span class="badge wait" aria-hidden="true"></span>
<h1>请重新提交</h1>
<p><?cs if:Error.text ?><?cs var:Error.text ?><?cs else ?>刚才的请求没有传完整，请返回上一页重新提交<?cs /if ?></p>
<?cs include!"_error_tail.cs" ?>
<?cs include!"_foot.cs" ?>
