<?cs include!"_head.cs" ?>
<section class="card state">
<span class="badge wait" aria-hidden="true"></span>
<h1>文件太大了</h1>
<p><?cs if:Error.text ?><?cs var:Error.text ?><?cs else ?>照片不能超过 <?cs var:Site.picture_mb ?>MB，录像不能超过 <?cs var:Site.clip_mb ?>MB，请返回上一页重新拍摄或另选一个<?cs /if ?></p>
<?cs include!"_error_tail.cs" ?>
<?cs include!"_foot.cs" ?>
