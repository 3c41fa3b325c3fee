<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<section class="card state">
<span class="badge wait" aria-hidden="true"></span>
<h1><?cs var:Page.heading ?></h1>
<p>为保护您的信息已暂停，填过的内容和照片都已保存。请用短信验证码确认是您本人，然后接着办。</p>
<?cs if:Field.send.error ?>
<p class="error" id="send"><span class="hide">错误：</span><?cs var:Field.send.error ?></p>
<?cs /if ?>
<p class="hint">验证码发往办理时填写的手机号 <span class="nobreak"><?cs var:Phone.masked ?></span></p>
<?cs call:action_form("send", "获取验证码", "btn") ?>
</section>
<p>不是您在办理？<a href="/register/notice">重新开始一笔</a></p>
<?cs include!"_foot.cs" ?>
