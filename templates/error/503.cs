<?cs include!"_head.cs" ?>
<section class="card state">
<span class="badge wait" aria-hidden="true"></span>
<h1>服务暂时不可用</h1>
<p><?cs if:Error.text ?><?cs var:Error.text ?><?cs else ?>系统正忙或正在维护，请过几分钟再试<?cs /if ?></p>
<?cs include!"_error_tail.cs" ?>
<?cs include!"_foot.cs" ?>
