<?cs include!"_head.cs" ?>
<?cs include!"_fields.cs" ?>
<section class="card">
<h1><?cs var:Page.heading ?></h1>
<p class="lead"><?cs var:Site.brand ?> <?cs var:Site.name ?></p>
<?cs include!"records/_summary.cs" ?>
<dl class="rows finish">
<?cs if:Record.name ?><div><dt>姓名</dt><dd><?cs var:Record.name ?></dd></div><?cs /if ?>
<?cs if:Record.certificate_number ?><div><dt>证件</dt><dd><?cs var:Record.certificate ?> <span class="mono"><?cs var:Record.certificate_number ?></span></dd></div><?cs /if ?>
<?cs if:Record.phone ?><div><dt>手机号</dt><dd><?cs var:Record.phone ?></dd></div><?cs /if ?>
</dl>
<h2>同意的协议</h2>
<dl class="rows finish">
<?cs each:text = Texts ?>
<?cs if:text.title ?><div><dt><?cs var:text.title ?></dt><dd>版本 <?cs var:text.version ?>，<?cs var:text.time ?> 同意<br><small class="muted">SHA-256 <span class="mono"><?cs var:text.sha256 ?></span>…</small></dd></div><?cs /if ?>
<?cs /each ?>
</dl>
<p class="hint">凭证于 <?cs var:Record.printed ?> 生成，个人信息已隐去一部分。客服电话 <?cs var:Site.hotline ?>。</p>
<button class="btn" type="button" hidden data-print>打印</button>
<p class="hint paperless">也可以截屏保存这一页。</p>
</section>
<?cs include!"_foot.cs" ?>
